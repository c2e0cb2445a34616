"""Nothing that is marked reaches an engine, and all of it comes back: the whole product before one that records."""

import json
from collections.abc import Iterator

import pytest

from tests.acceptance.recorder.needles import Haystack
from tests.acceptance.recorder.run import FAMILIES, OTHER, TERMS, Run, run
from tests.acceptance.recorder.sending import Answer
from tests.acceptance.recorder.upstream import CLOUD, PLACEHOLDER, Upstream

LEAST_REQUESTS = 300
LEAST_VALUES = 1_000
LEAST_KEPT = 300
MOST_SHOWN = 20


@pytest.fixture(scope="module")
def heard(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run(tmp_path_factory.mktemp("recorder"))


@pytest.mark.parametrize("family", [*FAMILIES, TERMS, CLOUD])
def test_no_value_reaches_the_engine_and_all_come_back(heard: Run, family: str) -> None:
    answers = heard.answers[family]
    wrong = [f"{answer.case.name}: {fault}" for answer in answers for fault in faults(answer, heard.engine)]
    assert answers and not wrong, f"{len(wrong)} faults in {len(answers)} requests\n" + "\n".join(wrong[:MOST_SHOWN])


def test_the_suite_is_as_large_as_it_should_be(heard: Run) -> None:
    assert sum(map(len, heard.answers.values())) >= LEAST_REQUESTS
    assert len(heard.values) >= LEAST_VALUES


def test_many_people_at_once_never_read_of_each_other(heard: Run) -> None:
    everybody = [answer for answers in heard.people.values() for answer in answers]
    wrong = [f"{answer.case.name}: {fault}" for answer in everybody for fault in faults(answer, heard.engine)]
    owners = {value: answer.request_id for answer in everybody for value in answer.case.secrets}
    for answer in everybody:
        raw = answer.raw.decode() + answer.words
        wrong += [
            f"{answer.case.name} read {value}"
            for value, owner in owners.items()
            if owner != answer.request_id and value in raw
        ]
    assert not wrong, "\n".join(wrong[:MOST_SHOWN])


def test_tenants_share_no_placeholder(heard: Run) -> None:
    issued = {
        tenant: {
            found
            for answer in answers
            for sent in heard.engine.sent[answer.request_id]
            for found in PLACEHOLDER.findall(sent.decode())
        }
        for tenant, answers in heard.people.items()
    }
    assert all(issued.values())
    assert not issued["default"] & issued[OTHER]


@pytest.mark.parametrize("group", ["wrong", "named", "broken", "closed", "looked at"])
def test_errors_are_the_expected_ones(heard: Run, group: str) -> None:
    wrong = [
        f"{one.refusal.name}: {one.status}, {one.raw[:200]!r}"
        for one in heard.refused[group]
        if one.status != one.refusal.status
    ]
    assert not wrong, "\n".join(wrong[:MOST_SHOWN])


@pytest.mark.parametrize("group", ["wrong", "broken", "closed", "looked at"])
def test_errors_quote_no_value(heard: Run, group: str) -> None:
    wrong = [
        f"{one.refusal.name}: {one.raw[:400]!r}"
        for one in heard.refused[group]
        if Haystack(one.raw).holds(one.refusal.secret)
    ]
    assert not wrong, "\n".join(wrong[:MOST_SHOWN])


def test_nothing_is_kept(heard: Run) -> None:
    held = {name: Haystack(raw, depth=1).found(heard.values) for name, raw in heard.kept.items()}
    assert {name: found for name, found in held.items() if found} == {}
    assert heard.spans > LEAST_REQUESTS
    assert heard.stored["kept_values"] > LEAST_KEPT and heard.stored["ledger_blocks"]
    assert b"request failed" in heard.kept["serve.log"]


def faults(answer: Answer, engine: Upstream) -> Iterator[str]:
    case = answer.case
    if answer.status != 200:
        yield f"status {answer.status}: {answer.raw[:200]!r}"
        return
    # A placeholder says what it stands for: "PRIVATE KEY" is part of such a key.
    sent = PLACEHOLDER.sub(" ", b"".join(engine.sent[answer.request_id]).decode())
    found = Haystack(sent.encode())
    if leaked := [value for value in case.secrets if found.holds(value) or found.holds_part(value)]:
        yield f"LEAKED {leaked} in {sent[-700:]}"
    texts = tuple(answer.choices[index].text for index in sorted(answer.choices))
    if case.says is not None and texts != case.says:
        yield f"says {next(one for one in zip(texts, case.says, strict=False) if one[0] != one[1])!r}"
    if case.thinks is not None and answer.choices[0].thought != case.thinks:
        yield f"thinks {answer.choices[0].thought!r}"
    if case.does is not None:
        done = tuple(json.loads(each) for each in answer.choices[0].arguments.values())
        if done != case.does:
            yield f"does {done!r}, not {case.does!r}"
    words = Haystack(answer.words.encode())
    if lost := set(case.back).difference(words.found(case.back)):
        yield f"did not give back {lost}: {answer.words[:600]}"
    if Haystack(answer.raw).found(case.unseen):
        yield f"gave back {case.unseen}: {answer.words[:600]}"
