import pytest

from appliance.privacy.patterns import logins
from tests.unit.appliance.privacy.finds import Finder, unmarked


@pytest.fixture(scope="module")
def finder():
    return Finder(logins.PATTERNS)


@pytest.mark.parametrize(
    "marked",
    [
        'User-Name = "[[USERNAME|u448120@dsl]]"',
        "ppp chap hostname [[USERNAME|fam.andersen]]",
        "username [[USERNAME|frida]] privilege 15",
        "Failed password for invalid user [[USERNAME|svendsen]] from",
        "Benutzername: [[USERNAME|hofmann]]",
        "<user><name>[[USERNAME|noc419]]</name>",
        "reset the line of [[USERNAME|keller@ftth.local]] please",
        "mon identifiant est [[USERNAME|martin.77]]",
    ],
)
def test_what_is_marked_is_found(finder, marked):
    text, values = unmarked(marked)
    assert finder.find(text) == values


@pytest.mark.parametrize(
    "text",
    [
        "username admin privilege 15",
        "the user name is required",
        "login failed",
        "user: hello, my line is slow",
        "login block-for 60 attempts 3",
        "The user guide has 88 pages",
    ],
)
def test_what_looks_alike_is_left_alone(finder, text):
    assert finder.find(text) == set()


@pytest.mark.parametrize(
    "marked",
    [
        "ansible_user: [[USERNAME|netops]]",
        "MINIO_ROOT_USER=[[USERNAME|minioisp]]",
        "login {\n    user [[USERNAME|bkeller]] {\n",
        "Username:\n\n[[USERNAME|portal-991]]\n",
        "ManagementServer.ConnectionRequestUsername = [[USERNAME|acs-cr-7712]]",
    ],
)
def test_variables_and_blocks(finder, marked):
    text, values = unmarked(marked)
    assert finder.find(text) == values
