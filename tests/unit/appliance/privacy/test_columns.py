import pytest

from appliance.privacy.columns import LONGEST_LINE, MOST_COLUMNS, Columns


def found(text):
    return {(each.type, text[each.start : each.end]) for each in Columns().find(text)}


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", " , "])
def test_the_head_tells_what_stands_below(delimiter):
    rows = [["customer_id", "login", "ip", "cpe serial"], ["70011", "bjork", "10.1.2.3", "SAG-77-12"]]
    text = "\n".join(delimiter.join(row) for row in rows)
    assert found(text) == {("CUSTOMER_ID", "70011"), ("USERNAME", "bjork"), ("SERIAL_NUMBER", "SAG-77-12")}


def test_cells_in_quotes_and_lines_of_windows():
    assert found('"Serial","Account No."\r\n"AB-12345","4711"\r\n') == {
        ("SERIAL_NUMBER", "AB-12345"),
        ("ACCOUNT_ID", "4711"),
    }


def test_columns_set_apart_by_spaces():
    text = (
        "Device ID        Local Intf   Port ID\n"
        "---------------  -----------  -------\n"
        "sw-praha-21      Gi1/0/1      Gi1/0/24\n"
    )
    assert found(text) == {("HOSTNAME", "sw-praha-21")}


def test_a_table_ends_where_its_lines_change():
    text = "imsi,msisdn\n262011234567890,4915112345678\n\nred, green, blue\n262011234567890,1\n"
    assert len(found(text)) == 2


@pytest.mark.parametrize(
    "text",
    [
        "We sell routers, switches and phones.\nThey are new, cheap and good.",
        "ticket, please\nwait, please",
        "login,password\n-,none\n****,<removed>",
        "serial,part number\nBUILTIN,BUILTIN",
        "ont id,status\n12,up",
        "",
    ],
)
def test_what_is_no_table_or_holds_no_value(text):
    assert found(text) == set()


def test_what_is_too_long_or_too_wide_is_no_table():
    head = "serial,account"
    assert found(f"{head}\nAB12345,{'9' * LONGEST_LINE}") == set()
    wide = ",".join([head, *("x" for _ in range(MOST_COLUMNS))])
    assert found(f"{wide}\n{wide.replace('serial', 'AB12345')}") == set()
