import pytest

from appliance.privacy.proofs import addresses


@pytest.mark.parametrize("text", ["81.2.69.142", "10.0.0.0/8", "10[.]1[.]2[.]3", "010.001.002.003", "255.255.0.1"])
def test_addresses(text):
    assert addresses.is_ipv4(text) is None


@pytest.mark.parametrize(
    "text",
    ["255.255.255.0", "255.255.255.255", "0.0.0.255", "127.0.0.1", "256.1.1.1", "10.1.2.3/33", "version 1.2.3.4"],
)
def test_masks_and_this_host_are_none(text):
    assert addresses.is_ipv4(text) is False


@pytest.mark.parametrize(
    "text",
    [
        "2001:db8::ff00:42:8329", "2001:0db8:0000:0000:0000:ff00:0042:8329", "fe80::1%eth0", "2001:db8::/32",
        "::ffff:185.92.14.9", "64:ff9b::192.0.2.33",
    ],
)  # fmt: skip
def test_addresses_of_version_six(text):
    assert addresses.is_ipv6(text) is None


@pytest.mark.parametrize(
    "text", ["::", "::1", "12:34:56", "ab::cd", "00:11:22:33:44:55:66:77", "1:2:3", "2001:db8::/200"]
)
def test_times_scopes_and_interfaces_are_none(text):
    assert addresses.is_ipv6(text) is False


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("00:1a:2b:3c:4d:5e", None), ("001a.2b3c.4d5e", None), ("01:00:1a:2b:3c:4d:5e", None), ("0:1a", False),
        ("00:00:00:00:00:00", False), ("ff:ff:ff:ff:ff:ff", False), ("00:01:00:01:2a:bb:cc:dd:00:1a:2b:3c:4d:5e", None),
        ("16:27:ac:a5:76:28:2d:36:63", False),
    ],
)  # fmt: skip
def test_a_mac_is_neither_empty_nor_a_fingerprint(text, verdict):
    assert addresses.is_mac(text) is verdict


@pytest.mark.parametrize(
    ("text", "verdict"),
    [("00e0-fc12-3456", None), ("001b3f-7ac210", None), ("dead-beef-cafe", False), ("1234-5678-9012", False)],
)
def test_words_and_plain_digits_are_no_mac(text, verdict):
    assert addresses.is_dashed_mac(text) is verdict


def test_a_host_name_made_of_an_address():
    assert addresses.holds_ipv4("dsl-81-2-69-142.isp.example") is None
    assert addresses.holds_ipv4("dsl-81-2-69-342.isp.example") is False


@pytest.mark.parametrize(
    ("text", "verdict"), [("0:1b:54:5e:4:78", None), ("1:2:3:4:5:6", False), ("00:1b:54:5e:04:78", False)]
)
def test_a_short_mac_has_a_letter_and_a_lone_digit(text, verdict):
    assert addresses.is_short_mac(text) is verdict
