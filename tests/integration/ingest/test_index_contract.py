"""What every index must do, whatever it is made of."""

import asyncio

import numpy as np
import pytest
from msgspec import structs

from appliance.errors import InvalidRequest
from ingest.index import Count, Filter, Hit
from ingest.passage import EVERYBODY
from tests.integration.ingest.shelf import ANYBODY, TENANT, Shelf, day, direction, document, stored

UP, MIDDLE, ASIDE = direction(1), direction(1, 1), direction(0, 1)


async def test_an_unknown_tenant_is_empty(shelf: Shelf):
    assert await shelf.hits("router") == []
    assert await shelf.hits(vector=UP) == []
    assert await shelf.counted() == (0, 0)
    assert await shelf.index.tenants() == []
    assert await shelf.index.delete(TENANT, ["a"]) == 0
    assert await shelf.index.drop(TENANT) == 0
    assert not await shelf.index.describe(TENANT, document("a"))
    assert await shelf.index.vectors(TENANT, "a") == {}


async def test_a_hit_carries_what_was_put(shelf: Shelf):
    put = await shelf.add(
        "a",
        "The router shows a red lamp.",
        labels=("faq",),
        modified=day(3),
        link="https://isp.example/a",
        source="web",
    )
    (hit,) = await shelf.hits("red lamp", vector=UP)
    assert (hit.document, hit.passage) == (put.document, put.passages[0])
    assert hit.score > 0
    assert hit.keyword > 0
    assert hit.similarity == pytest.approx(1, abs=0.01)


async def test_keywords_rank_by_rarity_and_frequency(shelf: Shelf):
    await shelf.add("once", "The modem hums. Nothing else is wrong with it.")
    await shelf.add("twice", "The modem hums. A modem is a modem.")
    await shelf.add("other", "The invoice of the modem is late, and it is a very late invoice.")
    assert await shelf.found("modem hums") == ["twice", "once", "other"]
    assert await shelf.found("invoice") == ["other"]
    assert await shelf.found("nothing of this") != []
    assert await shelf.found("unheard") == []


async def test_a_title_and_a_heading_count_too(shelf: Shelf):
    await shelf.add("text", "How to pair it with a gateway, and what the lamps of it mean.")
    await shelf.add("title", "How to pair it with a box, and what the lamps of it mean.", title="Gateway manual")
    assert await shelf.found("gateway") == ["title", "text"]


async def test_vectors_rank_by_cosine(shelf: Shelf):
    await shelf.add("up", "a", vectors=[UP])
    await shelf.add("middle", "b", vectors=[MIDDLE])
    await shelf.add("aside", "c", vectors=[ASIDE])
    hits = await shelf.hits(vector=direction(1, 0.2), alpha=1.0)
    assert [hit.document.id for hit in hits] == ["up", "middle", "aside"]
    assert [hit.similarity for hit in hits] == pytest.approx([0.981, 0.832, 0.196], abs=0.01)
    assert all(hit.keyword == 0 for hit in hits)


async def test_alpha_weighs_keywords_against_vectors(shelf: Shelf):
    await shelf.add("words", "voicemail voicemail voicemail", vectors=[ASIDE])
    await shelf.add("meaning", "the answering machine", vectors=[UP])
    assert await shelf.found("voicemail", vector=UP, alpha=0.0) == ["words"]
    assert (await shelf.found("voicemail", vector=UP, alpha=0.2))[0] == "words"
    assert (await shelf.found("voicemail", vector=UP, alpha=0.8))[0] == "meaning"
    assert await shelf.found("voicemail", vector=UP, alpha=1.0) == ["meaning", "words"]


async def test_scores_fall_and_stay_within_bounds(shelf: Shelf):
    for number in range(30):
        await shelf.add(f"d{number:02}", f"router {'lamp ' * number}", vectors=[direction(1, number / 10)])
    for alpha in (0.0, 0.5, 1.0):
        hits = await shelf.hits("router lamp", vector=UP, alpha=alpha, limit=20)
        scores = [hit.score for hit in hits]
        assert len(hits) == 20
        assert scores == sorted(scores, reverse=True)
        assert 0 <= scores[-1] <= scores[0] <= 1


async def test_equals_come_in_the_order_of_their_ids(shelf: Shelf):
    names = [f"d{number:03}" for number in range(150)]
    for name in reversed(names):
        await shelf.add(name, "the same words", vectors=[UP])
    assert await shelf.found("same words", alpha=0.0) == names[:10]
    assert await shelf.found("same words", vector=UP, limit=40) == names[:40]
    assert await shelf.found(vector=UP, alpha=1.0) == names[:10]


@pytest.mark.parametrize("limit", [0, 1, 3])
async def test_no_more_than_the_limit(shelf: Shelf, limit: int):
    await shelf.add("a", *["router"] * 5)
    assert len(await shelf.hits("router", limit=limit)) == limit


@pytest.mark.parametrize(
    ("text", "question", "language"),
    [
        ("Port of VLAN 300 at the OLT", "VLAN 300", "en"),
        ("A GPON line card", "gpon", "en"),
        ("It reports 0x8f and stops", "0x8F", "en"),
        ("Set the gateway to 192.168.178.1 first", "192.168.178.1", "en"),
        ("The interface is GE-0/0/1", "ge-0/0/1", "en"),
        ("It speaks TR-069 with the ACS", "TR069", "en"),
        ("Reset the FRITZ!Box 7590", "Fritz!Box 7590", "en"),
        ("Error E-1042 on the panel", "E-1042", "en"),
        ("customers cancelling their contracts", "cancel a contract", "en"),
        ("Störungen der Leitungen melden", "Störung der Leitung", "de"),
        ("Störungen der Leitungen melden", "Stoerung", "de"),
        ("Der Glasfaseranschluss ist bereit", "Glasfaser", "de"),
        ("Die Straße der Kündigung", "kundigung strasse", "de"),
        ("La résiliation des abonnements", "resilier un abonnement", "fr"),
        ("Cambiar las contraseñas del enrutador", "contrasena", "es"),
        ("Le bollette della connessione", "bolletta", "it"),
        ("De storingen van het netwerk", "storing", "nl"),
        ("As faturas das ligações", "fatura ligacao", "pt"),
        ("Umowy dotyczące światłowodów", "umowa", "pl"),
    ],
)
async def test_a_word_is_found_as_people_write_it(shelf: Shelf, text: str, question: str, language: str):
    await shelf.add("other", "Quite another matter.", language="en")
    await shelf.add("right", text, language=language)
    assert (await shelf.found(question, alpha=0.0))[:1] == ["right"]


async def test_stop_words_find_nothing(shelf: Shelf):
    await shelf.add("a", "This is the one and only router of the house.")
    assert await shelf.found("is this the") == []


async def test_a_put_replaces_the_document(shelf: Shelf):
    await shelf.add("a", "old words here", "more old words")
    await shelf.add("a", "new ones", version=2, vectors=[ASIDE])
    assert await shelf.found("old") == []
    assert await shelf.found("new") == ["a"]
    assert await shelf.counted() == (1, 1)
    (hit,) = await shelf.hits(vector=ASIDE, alpha=1.0)
    assert hit.similarity == pytest.approx(1, abs=0.01)


async def test_an_older_version_changes_nothing(shelf: Shelf):
    await shelf.add("a", "the newest words", version=7)
    await shelf.add("a", "stale words", version=6)
    assert await shelf.found("newest") == ["a"]
    assert await shelf.found("stale") == []
    await shelf.add("a", "the same again", version=7)
    assert await shelf.found("again") == ["a"]


async def test_a_batch_is_put_as_each_would_be(shelf: Shelf):
    await shelf.add("b", "newer words", version=5)
    twice = document("c", version=2)
    batch = [
        stored(document("a"), "alpha", "beta"),
        stored(document("b"), "stale"),
        stored(document("c"), "first"),
        stored(twice, "second"),
        stored(document("d")),
    ]
    await shelf.index.put_all(TENANT, batch)
    await shelf.index.put_all(TENANT, [])
    assert await shelf.counted() == (4, 4)
    assert await shelf.found("stale first") == []
    assert set(await shelf.found("alpha newer second")) == {"a", "b", "c"}


async def test_a_description_leaves_the_passages(shelf: Shelf):
    put = await shelf.add("a", "router words", access=("role:agent",))
    described = structs.replace(put.document, title="Anew", labels=("x",), access=(EVERYBODY,))
    assert await shelf.found("router") == []
    assert await shelf.index.describe(TENANT, described)
    (hit,) = await shelf.hits("router", among=Filter(labels=("x",)))
    assert (hit.document, hit.passage) == (described, put.passages[0])


async def test_a_deleted_document_is_gone(shelf: Shelf):
    await shelf.add("a", "router words", vectors=[UP])
    await shelf.add("b", "router too", vectors=[MIDDLE])
    assert await shelf.index.delete(TENANT, ["a", "a", "unknown"]) == 1
    assert await shelf.found("router words") == ["b"]
    assert await shelf.found(vector=UP, alpha=1.0) == ["b"]
    assert await shelf.counted() == (1, 1)
    assert await shelf.index.vectors(TENANT, "a") == {}
    await shelf.add("a", "back again")
    assert await shelf.found("again") == ["a"]


async def test_a_dropped_collection_is_gone_and_the_others_stay(shelf: Shelf):
    await shelf.add("a", "router", collection="one")
    await shelf.add("b", "router", collection="two")
    await shelf.add("c", "router", collection="one")
    assert await shelf.index.drop(TENANT, "one") == 2
    assert await shelf.found("router") == ["b"]
    assert await shelf.index.drop(TENANT, "one") == 0


async def test_a_dropped_tenant_is_gone_and_may_come_back(shelf: Shelf):
    other = Shelf(shelf.index, "south")
    await shelf.add("a", "router")
    await other.add("a", "router")
    assert await shelf.index.tenants() == ["north", "south"]
    assert await shelf.index.drop(TENANT) == 1
    assert await shelf.index.tenants() == ["south"]
    assert await shelf.found("router") == []
    assert await other.found("router") == ["a"]
    await shelf.add("b", "modem")
    assert await shelf.found("modem") == ["b"]


@pytest.mark.parametrize("name", ["../escape", "Müller & Söhne", "a/b", ".", "..", "north.lock", "x" * 60])
async def test_a_tenant_may_be_called_anything(shelf: Shelf, name: str):
    await shelf.add("a", "router")
    other = Shelf(shelf.index, name)
    await other.add("b", "modem")
    assert await other.found("router modem") == ["b"]
    assert await shelf.found("router modem") == ["a"]
    assert await shelf.index.tenants() == sorted([TENANT, name])
    assert await shelf.index.drop(name) == 1
    assert await shelf.index.tenants() == [TENANT]


@pytest.mark.parametrize(
    ("among", "expected"),
    [
        (Filter(), {"a", "b", "c"}),
        (Filter(collections=("one",)), {"a"}),
        (Filter(collections=("one", "two")), {"a", "b"}),
        (Filter(documents=("c", "unknown")), {"c"}),
        (Filter(sources=("wiki",)), {"b"}),
        (Filter(languages=("de",)), {"c"}),
        (Filter(labels=("x",)), {"a", "b"}),
        (Filter(labels=("y", "z")), {"b"}),
        (Filter(since=day(2)), {"b"}),
        (Filter(until=day(2)), {"a"}),
        (Filter(since=day(1), until=day(3)), {"a", "b"}),
        (Filter(collections=("one",), languages=("de",)), set()),
        (Filter(labels=("unheard",)), set()),
    ],
)
async def test_a_filter_leaves_out_the_rest(shelf: Shelf, among: Filter, expected: set[str]):
    await shelf.add("a", "router", collection="one", labels=("x",), modified=day(1))
    await shelf.add("b", "router", collection="two", source="wiki", labels=("x", "y"), modified=day(2))
    await shelf.add("c", "router", collection="three", language="de")
    assert set(await shelf.found("router", among=among)) == expected
    assert set(await shelf.found(vector=UP, among=among)) == expected
    assert set(await shelf.found("router", vector=UP, among=among)) == expected
    assert await shelf.index.count(TENANT, ANYBODY, among) == Count(len(expected), len(expected))


@pytest.mark.parametrize(
    ("readers", "expected"),
    [
        ({EVERYBODY}, {"all"}),
        ({EVERYBODY, "role:agent"}, {"all", "agents"}),
        ({EVERYBODY, "user:anna", "group:noc"}, {"all", "anna", "noc"}),
        ({"role:agent"}, {"agents"}),
        ({"user:ann"}, set()),
        (set(), set()),
    ],
)
async def test_only_readers_see_a_document(shelf: Shelf, readers: set[str], expected: set[str]):
    await shelf.add("all", "router")
    await shelf.add("agents", "router", access=("role:agent",))
    await shelf.add("anna", "router", access=("user:anna", "user:bo"))
    await shelf.add("noc", "router", access=("group:noc",))
    await shelf.add("nobody", "router", access=())
    who = frozenset(readers)
    assert set(await shelf.found("router", readers=who)) == expected
    assert set(await shelf.found(vector=UP, readers=who)) == expected
    assert await shelf.index.count(TENANT, who) == Count(len(expected), len(expected))


async def test_five_hundred_pairs_of_reader_and_document_leak_nothing(shelf: Shelf):
    groups = [f"group:{number}" for number in range(6)]
    access = [tuple(groups[bit] for bit in range(6) if pattern >> bit & 1) for pattern in range(64)]
    batch = [
        stored(document(f"d{pattern:02}", access=words), f"router w{pattern}", vectors=[direction(1, pattern)])
        for pattern, words in enumerate(access)
    ]
    await shelf.index.put_all(TENANT, batch)
    for number in range(1, 64, 7):
        readers = frozenset(groups[bit] for bit in range(6) if number >> bit & 1)
        allowed = {f"d{pattern:02}" for pattern, words in enumerate(access) if readers & set(words)}
        for query in ({"text": "router"}, {"vector": UP, "alpha": 1.0}, {"text": "router", "vector": UP}):
            assert set(await shelf.found(readers=readers, limit=100, **query)) == allowed
        assert (await shelf.counted(*readers))[0] == len(allowed)
        for pattern in range(64):
            expected = [f"d{pattern:02}"] if f"d{pattern:02}" in allowed else []
            assert await shelf.found(f"w{pattern}", readers=readers) == expected


async def test_vectors_are_known_by_their_digest(shelf: Shelf):
    put = await shelf.add("a", "one", "two", vectors=[UP, MIDDLE])
    known = await shelf.index.vectors(TENANT, "a")
    assert set(known) == {each.digest for each in put.passages}
    for each, vector in zip(put.passages, put.vectors, strict=True):
        np.testing.assert_allclose(known[each.digest], vector, atol=0.01)


async def test_a_scan_gives_every_document_in_order(shelf: Shelf):
    put = [await shelf.add(name, f"text of {name}", access=()) for name in ("c", "a", "b")]
    scanned = [each async for each in shelf.index.scan(TENANT)]
    assert [each.document for each in scanned] == [put[1].document, put[2].document, put[0].document]
    assert [each.passages for each in scanned] == [put[1].passages, put[2].passages, put[0].passages]
    np.testing.assert_allclose(scanned[0].vectors, put[1].vectors, atol=0.01)
    assert [each.document.id async for each in shelf.index.scan(TENANT, after="a")] == ["b", "c"]


async def test_vectors_of_another_width_are_refused(shelf: Shelf):
    await shelf.add("a", "router")
    wide = np.ones(16, np.float32) / 4
    with pytest.raises(InvalidRequest, match="16 dimensions"):
        await shelf.hits(vector=wide)
    with pytest.raises(InvalidRequest, match="16 dimensions"):
        await shelf.add("b", "modem", vectors=[wide])
    assert await shelf.counted() == (1, 1)


async def test_an_emptied_index_takes_vectors_of_another_width(shelf: Shelf):
    await shelf.add("a", "router")
    await shelf.index.delete(TENANT, ["a"])
    wide = np.ones(16, np.float32) / 4
    await shelf.add("b", "modem", vectors=[wide])
    assert await shelf.found(vector=wide, alpha=1.0) == ["b"]


async def test_a_document_is_seen_whole_while_it_is_replaced(shelf: Shelf):
    texts = [f"router words {number}" for number in range(8)]
    await shelf.add("a", *texts)

    async def replace() -> None:
        for version in range(2, 30):
            await shelf.add("a", *texts, version=version)

    def versions(hits: list[Hit]) -> list[int]:
        return [hit.document.version for hit in hits] + [int(hit.passage.id.split(":")[2]) for hit in hits]

    replacing = asyncio.create_task(replace())
    while not replacing.done():
        hits = await shelf.hits("router", vector=UP)
        assert len(hits) == 8
        assert len(set(versions(hits))) == 1
        await asyncio.sleep(0)
    await replacing
