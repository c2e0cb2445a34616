import pytest

from appliance.privacy.scanning.questions import LONGEST_QUESTION, asked_in, is_answer, question


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("What is your password?", "What is your password"),
        ("Hello Jane. Thanks! What is your password?! ", "What is your password"),
        ("Please send:\n\nWi-Fi password:\n", "Wi-Fi password"),
        ("The serial number, please?", "The serial number"),
        ("Is it 10.1.2.3?", "Is it 10.1.2.3"),
        ("", ""),
        ("?!", ""),
    ],
)
def test_a_question_is_the_last_sentence(text, last):
    assert question(text) == last


def test_a_question_is_bounded():
    assert len(question("a" * 10**6)) == LONGEST_QUESTION


@pytest.mark.parametrize(
    ("text", "answers"),
    [
        ("Tulip77", True),
        ("DE89 3704 0044 0532", True),
        ("it is the one on the back", False),
        ("line\nline", False),
        ("x" * 65, False),
    ],
)
def test_an_answer_is_short(text, answers):
    assert is_answer(text) == answers


def test_who_instructs_does_not_ask():
    assert asked_in({"role": "assistant", "content": "Your PIN?"}) == "Your PIN"
    assert (
        asked_in({"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "PIN:"}]})
        == "PIN"
    )
    for message in (
        {"role": "system", "content": "Your PIN?"}, {"role": "tool", "content": "PIN"}, {"role": ["user"]}, "PIN",
        {"role": "user", "content": []}, {"role": "user", "content": [{"type": "text", "text": 1}]}, {"role": "user"},
    ):  # fmt: skip
        assert asked_in(message) == ""
