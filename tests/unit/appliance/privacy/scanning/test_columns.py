import pytest

from appliance.privacy.scanning.columns import LONGEST_LINE, MOST_COLUMNS, Columns


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


def test_columns_set_flush_right():
    text = (
        " account       login       ip address               mac\n"
        " ------- ----------- ---------------- -----------------\n"
        "   99120    khz-9912       100.64.3.9 c8:0e:14:6a:44:89\n"
        "  102441      wong.l     100.64.31.22 c8:0e:14:8f:2a:fb\n"
    )
    assert found(text) == {
        ("ACCOUNT_ID", "99120"),
        ("USERNAME", "khz-9912"),
        ("ACCOUNT_ID", "102441"),
        ("USERNAME", "wong.l"),
    }


def test_a_name_too_long_for_its_column():
    text = (
        "Device ID        Local Intrfce     Holdtme    Port ID\n"
        "long-core2.tele.example\n"
        "                 Ten 1/1/1         155        For 1/0/5\n"
        "sw-praha-21      Gi1/0/1           120        Gi1/0/24\n"
        "Total 2\n"
    )
    assert found(text) == {("HOSTNAME", "long-core2.tele.example"), ("HOSTNAME", "sw-praha-21")}


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
