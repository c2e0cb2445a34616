from ingest.readers.outline import Outline


def test_a_table_in_a_table_is_part_of_its_cell():
    outline = Outline()
    for step in ("table tr td", "=a", "/td td", "=b", "table tr td", "=c", "/td /tr /table", "/td /tr /table"):
        for word in step.split():
            if word.startswith("="):
                outline.text(word[1:])
            elif word.startswith("/"):
                outline.close(word[1:], 0)
            else:
                outline.open(word, 0)
    outline.end()
    assert [each.text for each in outline.take()] == ["a | b c"]


def test_what_is_never_closed_is_given_at_the_end():
    outline = Outline()
    outline.open("li", 0)
    outline.text("left open")
    outline.end()
    assert [(each.kind, each.text) for each in outline.take()] == [("list", "- left open")]
    assert list(outline.take()) == []
