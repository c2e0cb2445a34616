"""What the generator makes is what stands in the repository, and every answer is where it is said to be."""

from collections import Counter

import msgspec
import pytest

from ingest.demo import documents as shipped
from tests.knowledge_data import generator
from tests.knowledge_data.__main__ import DOCUMENTS, QUESTIONS, lines
from tests.knowledge_data.generator import Question, half, library


@pytest.fixture(scope="module")
def questions() -> list[Question]:
    return [msgspec.json.decode(line, type=Question) for line in QUESTIONS.read_bytes().splitlines()]


def test_the_files_are_what_the_generator_makes():
    assert DOCUMENTS.read_bytes() == lines(generator.documents())
    assert QUESTIONS.read_bytes() == lines(generator.questions())


def test_it_is_large_and_in_three_languages(questions):
    written = list(shipped())
    assert len(written) >= 200
    assert len(questions) >= 300
    assert min(Counter(each.document.language for each in written).values()) >= 50
    assert len({each.document.access for each in written}) >= 6
    assert len({each.document.id for each in written}) == len(written)


def test_every_answer_stands_where_it_is_said_to(questions):
    texts = {each.document.id: each.content.text for each in shipped()}
    for question in questions:
        for answer in question.answers:
            assert answer
            for span in answer:
                assert texts[span.document][span.start : span.end] == span.quote, question.id


def test_no_document_answers_in_the_tuning_half_and_belongs_to_the_other(questions):
    families = {page.id.replace("/", "-"): page.family for page in library()}
    for question in questions:
        if question.half == "tuning":
            assert {half(families[span.document]) for answer in question.answers for span in answer} <= {"tuning"}


def test_there_are_questions_of_every_sort(questions):
    by_answers = Counter(min(2, len(each.answers)) for each in questions)
    assert by_answers[0] >= 20
    assert by_answers[2] >= 10
    assert min(Counter(each.half for each in questions).values()) >= 200
    assert any(len(answer) > 1 for each in questions for answer in each.answers)
