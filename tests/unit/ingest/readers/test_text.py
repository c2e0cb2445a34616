from tests.unit.ingest.readers.reading import read, shape


def test_text_is_read_by_its_lines():
    assert shape(read("a.txt", "One\ntwo.\n\n- a\n- b\n")) == [("paragraph", "One\ntwo."), ("list", "- a\n- b")]


def test_offsets_point_into_the_text():
    content = read("a.txt", "One.\n\nTwo.\n\nThree.")
    assert [content.text[start : start + len(each.text)] for start, each in content.placed()] == [
        "One.",
        "Two.",
        "Three.",
    ]
