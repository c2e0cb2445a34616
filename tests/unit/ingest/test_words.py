import pytest

from ingest.passage import Passage
from ingest.stopwords import STOP_WORDS
from ingest.words import MOST_ASKED, STEMMERS, Words, folded, told_by


def passage(text: str, title: str = "", headings: tuple[str, ...] = ()) -> Passage:
    return Passage(
        id="p", document="d", number=0, text=text, title=title, headings=headings, start=0, end=1, digest=""
    )  # fmt: skip


@pytest.fixture
def words() -> Words:
    return Words()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Störung", "storung"),
        ("Straße", "strasse"),
        ("Résiliation", "resiliation"),
        ("Łódź", "lodz"),
        ("ﬁbre", "fibre"),
    ],
)
def test_case_and_accents_are_folded(text: str, expected: str):
    assert folded(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("GPON", {"gpon"}),
        ("0x8F", {"0x8f"}),
        ("VLAN300", {"vlan300", "vlan", "300"}),
        ("TR-069", {"tr069", "tr", "069"}),
        ("192.168.178.1", {"192.168.178.1", "192", "168", "178"}),
        ("00:1a:2b:3c:4d:5e", {"00:1a:2b:3c:4d:5e", "00", "1a", "2b", "3c", "4d", "5e"}),
        ("GE-0/0/1", {"ge001", "ge"}),
        ("Wi-Fi", {"wifi", "wi", "fi"}),
        ("www.isp.example", {"www", "isp", "example"}),
        ("x" * 100, {"x" * 64}),
        ("...", set()),
    ],
)
def test_codes_are_words_whole_and_in_parts(words: Words, text: str, expected: set[str]):
    assert set(words.of(passage(text), "xx")) == expected


def test_words_are_stemmed_in_the_language_of_their_text(words: Words):
    assert set(words.of(passage("the routers were restarted"), "en")) == {"router", "restart"}
    assert set(words.of(passage("die Leitungen werden geprüft"), "de-AT")) == {"leitung", "gepruft"}
    assert set(words.of(passage("die Leitungen werden geprüft"), "")) == {"leitung", "gepruft"}


def test_titles_and_headings_weigh_more(words: Words):
    in_text = words.of(passage("router box lamp"), "en")["router"]
    in_heading = words.of(passage("router box lamp", headings=("Router",)), "en")["router"]
    in_title = words.of(passage("router box lamp", title="Router"), "en")["router"]
    assert in_text < in_heading < in_title


def test_a_question_is_asked_as_each_language_would_stem_it(words: Words):
    (asked,) = words.asked("Leitungen")
    assert {"leitungen", "leitung"} <= set(asked.words)
    assert asked.prefix == "leitung"


def test_a_short_word_stands_for_no_longer_one(words: Words):
    assert [each.prefix for each in words.asked("vlan 300")] == ["", ""]


def test_a_question_with_stop_words_is_taken_to_be_in_their_language(words: Words):
    assert [each.words[0] for each in words.asked("what is the door for")] == ["door"]
    assert [each.words[0] for each in words.asked("door pod")] == ["door", "pod"]


def test_umlauts_may_be_written_out_on_either_side(words: Words):
    assert "stoerung" in words.asked("Störung")[0].words
    assert "storung" in words.asked("Stoerung")[0].words


def test_a_question_is_bounded(words: Words):
    assert len(words.asked(" ".join(f"w{number}" for number in range(500)))) == MOST_ASKED


def test_the_language_is_told_by_its_stop_words():
    assert told_by(["wie", "kann", "ich", "das", "und", "die", "sehen"]) == "de"
    assert told_by(["router", "modem"]) == ""
    assert told_by(["pod"], least=2) == ""


def test_stop_words_are_written_as_they_are_compared():
    assert set(STOP_WORDS) == set(STEMMERS)
    for listed in STOP_WORDS.values():
        assert {word for word in listed if folded(word) != word} == set()
