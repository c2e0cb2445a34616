import json

import pytest

from appliance.errors import InvalidRequest
from ingest.demo.shelf import documents as shelf
from ingest.evaluation.chunking import Span
from ingest.evaluation.files import documents, questions
from tests.knowledge_data.__main__ import DOCUMENTS, QUESTIONS


def lines(*rows: object) -> bytes:
    return "\n".join(map(json.dumps, rows)).encode() + b"\n\n"


FEES = {"_id": "fees", "title": "Fees", "text": "A visit is 69 EUR.\n\n\nA move is 39 EUR."}


def test_a_text_becomes_paragraphs():
    (content,) = documents(lines(FEES)).values()
    assert content.text == "A visit is 69 EUR.\n\nA move is 39 EUR."
    assert content.title == "Fees"


def test_a_quote_is_found_where_it_stands():
    contents = documents(lines(FEES))
    rows = {"text": "visit?", "answers": [[{"document": "fees", "quote": "69 EUR"}]]}, {"text": "none?", "answers": []}
    (asked,) = questions(lines(*rows), contents)
    assert asked.answers == ((Span("fees", 11, 17),),)


def test_the_demo_s_own_files_are_read():
    contents = documents(DOCUMENTS.read_bytes())
    assert contents == {each.document.id: each.content for each in shelf()}
    asked = questions(QUESTIONS.read_bytes(), contents)
    assert len(asked) >= 500


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"text": "?", "answers": [[{"document": "x", "quote": "a"}]]}, "no document is called x"),
        ({"text": "?", "answers": [[{"document": "fees", "quote": "EUR"}]]}, "the quote 2 times"),
        ({"text": "?", "answers": [[{"document": "fees", "start": 5, "end": 400}]]}, "the quote 0 times"),
        ({"text": "?", "answers": "no"}, "cannot be read"),
        ({"text": "?", "answers": []}, "No question has an answer"),
    ],
)
def test_a_question_that_cannot_be_judged_is_refused(given: object, said: str):
    with pytest.raises(InvalidRequest, match=said):
        questions(lines(given), documents(lines(FEES)))


@pytest.mark.parametrize("given", [[FEES, FEES], [{"text": "a"}], [{"_id": 3}]])
def test_documents_without_a_name_of_their_own_are_refused(given: list[object]):
    with pytest.raises(InvalidRequest, match="Line"):
        documents(lines(*given))
