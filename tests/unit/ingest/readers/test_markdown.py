from tests.unit.ingest.readers.reading import read, shape

PAGE = """---
title: Router manual
language: en
---
# The *Ring 4*

Turn it **on**; see [the guide](https://telecom.example/guide).

1. First
2. Second
   - deep

   more

| Lamp | Means |
|------|-------|
| red  | no signal |

```
interface ge-0/0/1
```

> Quoted words.
"""


def test_each_part_keeps_its_kind_and_line():
    content = read("manual.md", PAGE)
    assert (content.title, content.language) == ("Router manual", "en")
    assert [(each.kind, each.text, each.spot.row) for each in content.blocks] == [
        ("heading", "The Ring 4", 5),
        ("paragraph", "Turn it on; see the guide.", 7),
        ("list", "1. First\n2. Second\n  - deep\n  more", 9),
        ("table", "Lamp | Means\nred | no signal", 15),
        ("code", "interface ge-0/0/1", 19),
        ("paragraph", "Quoted words.", 23),
    ]
    assert content.blocks[3].header == "Lamp | Means"


def test_the_first_heading_is_the_title_and_tags_are_gone():
    content = read("a.md", "## One\n\n<div>two</div>\n")
    assert content.title == "One"
    assert shape(content) == [("heading", "One"), ("paragraph", "two")]
