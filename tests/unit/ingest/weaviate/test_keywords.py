from ingest.weaviate.keywords import MOST_OF_ONE, asked_for, found_by
from ingest.words import Words
from tests.unit.ingest.weaviate.shelf import passage


def test_a_word_stands_as_often_as_it_weighs():
    words, _ = found_by(Words(), passage("lamp lamp router", title="Router"), "en")
    assert sorted(words.split()) == ["lamp", "lamp", "router", "router", "router"]


def test_no_word_fills_the_field():
    words, _ = found_by(Words(), passage("lamp " * 1000, title=""), "en")
    assert len(words.split()) == MOST_OF_ONE


def test_the_beginnings_of_long_words_are_marked():
    _, beginnings = found_by(Words(), passage("Gateways are set", title=""), "en")
    assert beginnings.split() == ["gatew*", "gatewa*"]


def test_a_question_asks_for_forms_and_for_beginnings():
    asked = asked_for(Words().asked("Glasfaser"))
    assert "glasfas" in asked.split()
    assert "glasfas*" in asked.split()


def test_a_long_compound_is_found_by_the_longest_beginning_there_is():
    long = "x" * 60
    _, beginnings = found_by(Words(), passage(long, title=""), "en")
    assert set(asked_for(Words().asked(long[:50])).split()) & set(beginnings.split())


def test_nothing_asked_is_nothing():
    assert asked_for([]) == ""
