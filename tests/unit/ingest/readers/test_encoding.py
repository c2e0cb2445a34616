import codecs

import pytest

from ingest.readers.encoding import code_page, decode, is_text

GERMAN = "Die Störung betrifft Straßen in Köln, Düsseldorf und Münster. Für Rückfragen: 0800 1234567, täglich."
FRENCH = "Le débit mesuré à l'entrée du bâtiment n'est pas garanti ; où l'abonné a été coupé, réessayez."
POLISH = "Usługa światłowodowa będzie niedostępna w nocy. Prosimy o cierpliwość, łącze wróci rano. Dziękujemy!"
CZECH = "Přípojka nefunguje, zákazník hlásí červenou kontrolku. Zkuste prosím restartovat zařízení."
RUSSIAN = "Связь восстановлена, абонентам пересчитают плату за неделю."
OLD_GERMAN = "Störung: Gerät prüfen, Schlüssel ändern, größere Leitung wählen."


@pytest.mark.parametrize("name", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("text", [GERMAN, FRENCH, POLISH])
def test_unicode_is_read_with_and_without_a_mark(name, text):
    assert decode(text.encode(name)) == text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("cp1252", GERMAN),
        ("cp1252", FRENCH),
        ("cp1250", POLISH),
        ("cp1250", CZECH),
        ("cp1251", RUSSIAN),
        ("cp850", OLD_GERMAN),
    ],
)
def test_a_code_page_is_told_by_its_letters(name, text):
    data = text.encode(name)
    assert code_page(data) == name
    assert decode(data) == text


def test_lines_end_as_here_and_controls_are_gone():
    assert decode(b"a\r\nb\rc\x00d\x0ce\x1b[1m") == "a\nb\ncd\ne[1m"


def test_a_character_cut_at_the_end_is_left_out():
    assert decode("Köln".encode()[:2]) == "K"


@pytest.mark.parametrize("data", [b"", bytes(range(256)) * 10, b"\x00" * 100, codecs.BOM_UTF16_LE + b"\x01\x00" * 50])
def test_what_is_no_text_is_not_taken_for_it(data):
    assert not is_text(data)


@pytest.mark.parametrize("data", [GERMAN.encode(), GERMAN.encode("cp1252"), RUSSIAN.encode("utf-16")])
def test_text_is_taken_for_it(data):
    assert is_text(data)
