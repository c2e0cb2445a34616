import pytest

from appliance.privacy.answers.supplied import Supplied


def supplied(**body: object) -> Supplied:
    read = Supplied()
    read.read(body)
    return read


def said(content: object, role: str = "user") -> Supplied:
    return supplied(messages=[{"role": role, "content": content}])


@pytest.mark.parametrize(
    "value",
    ["jane@x.example", "JANE@X.EXAMPLE", "+49 171 5550101", "+49-171-555 0101", "10:20:30:aa:bb:cc", "1020.30aa.bbcc"],
)
def test_what_the_caller_wrote_is_known_in_any_spelling(value):
    assert said("I am jane@x.example, +49 (171) 555-0101, 10-20-30-AA-BB-CC.").holds(value)


@pytest.mark.parametrize("value", ["john@x.example", "5550", "1715550", "pin", "0101"])
def test_a_part_of_it_is_another_value(value):
    assert not said("I am jane@x.example, +49 171 5550101, spinning").holds(value)


@pytest.mark.parametrize("role", ["user", "assistant", "tool", "function", "unheard-of"])
def test_all_messages_count_but_those_of_the_operator(role):
    assert said("pin 9911", role).holds("9911")
    assert not said("pin 9911", "system").holds("9911")
    assert not said("pin 9911", "developer").holds("9911")


def test_parts_calls_and_numbers_are_read():
    parts = [{"type": "text", "text": "pin 9911"}, {"type": "image_url", "image_url": {"url": "data:7722"}}]
    read = supplied(messages=[{"role": "user", "content": parts}, {"role": "tool", "content": {"account": 5544332211}}])
    assert read.holds("9911")
    assert read.holds("5544332211")
    assert not read.holds("7722")


@pytest.mark.parametrize("name", ["prompt", "input", "suffix"])
def test_prompts_are_read(name):
    assert supplied(**{name: ["pin 9911"]}).holds("9911")
    assert not supplied(**{name: ["pin 9911"]}).holds("9912")


def test_other_fields_are_not():
    assert not supplied(metadata={"pin": "9911"}, tools=[{"pin": "9911"}], messages="pin 9911").holds("9911")
    assert not Supplied().holds("9911")
