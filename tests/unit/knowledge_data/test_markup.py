"""Pages of Markdown become blocks, and quotes become places."""

import pytest

from tests.knowledge_data.markup import Page, pages, place, revised

TEXT = """=== faq/a | en | A title | 2026-01-02 | access=role:agent,group:noc | labels=x
# A title

Some words
on two lines.

- one
- two

| | F1 | F2 |
|---|---|---|
| Port | 1 | 10 |

```
show

all
```
? why => Some words on two lines
?t only there => Port | 1 ... 10
"""


@pytest.fixture
def page() -> Page:
    return next(pages(TEXT))


def test_blocks_have_their_kind_and_line(page):
    content = page.written().content
    assert [(block.kind, block.text) for block in content.blocks] == [
        ("heading", "A title"),
        ("paragraph", "Some words on two lines."),
        ("list", "- one\n- two"),
        ("table", " | F1 | F2\nPort | 1 | 10"),
        ("code", "show\n\nall"),
    ]
    assert [block.spot.row for block in content.blocks] == [1, 3, 6, 9, 13]
    assert content.blocks[3].header == " | F1 | F2"


def test_the_first_line_says_what_the_document_is(page):
    document = page.written().document
    assert (document.id, document.collection, document.language) == ("faq-a", "faq", "en")
    assert document.access == ("role:agent", "group:noc")


def test_a_quote_is_found_once_and_may_be_a_range(page):
    content = page.written().content
    start, end = place(content, page.asked[1].answer)
    assert content.text[start:end] == "Port | 1 | 10"
    assert [each.half for each in page.asked] == ["", "t"]
    with pytest.raises(ValueError, match="times"):
        place(content, "o")


def test_a_copy_says_something_else(page):
    copy = revised(page, {"Some words": "Other words"})
    assert "Other words on" in copy.written().content.text
    with pytest.raises(ValueError, match="does not say"):
        revised(page, {"nowhere": ""})
