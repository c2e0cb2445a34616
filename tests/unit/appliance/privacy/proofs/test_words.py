import pytest

from appliance.privacy.proofs import words


@pytest.mark.parametrize(
    "text", ["required", "Not", "is", "…", "--", "disabled.", "erforderlich?!" if False else "none"]
)
def test_a_word_of_the_sentence_tells_nothing(text):
    assert words.is_told(text) is False


@pytest.mark.parametrize(
    "text", ["****", "<removed>", "${PSK}", "{{ password }}", "xxxxxxxx", "%PASSWORD%", "os.getenv", "f("]
)
def test_what_stands_for_a_secret_is_none(text):
    assert words.is_secret(text) is False


@pytest.mark.parametrize("text", ["hunter2", "Tulip-Garage-77", "kanelsnegl", "$ecret"])
def test_secrets(text):
    assert words.is_secret(text) is None


@pytest.mark.parametrize(
    ("text", "verdict"), [("plum-orbit-77", None), ("a-b-c", None), ("case-sensitive", False), ("mode=x1", False)]
)
def test_what_looks_like_no_word(text, verdict):
    assert words.is_mixed(text) is verdict


@pytest.mark.parametrize(
    ("text", "verdict"), [("Zw1ebelkuchen", None), ("policy", False), ("12345678", False), ("a1", False)]
)
def test_letters_and_digits(text, verdict):
    assert words.is_strong(text) is verdict


@pytest.mark.parametrize(("text", "verdict"), [("n0c-ro", None), ("65000:100", False), ("no-export", False)])
def test_a_community_of_bgp_is_no_secret(text, verdict):
    assert words.is_community(text) is verdict


@pytest.mark.parametrize(("text", "verdict"), [("kowalska.jan", None), ("admin", False), ("session", False)])
def test_a_login_is_one_persons(text, verdict):
    assert words.is_login(text) is verdict


@pytest.mark.parametrize(
    ("text", "verdict"),
    [("bng-cph-03", None), ("edge-router", False), ("10.1.2.3", False), ("localhost", False), ("run.sh", False)],
)
def test_a_host_name_is_one_hosts(text, verdict):
    assert words.is_host_name(text) is verdict


def test_where_a_sentence_could_go_on_a_host_has_a_number():
    assert words.is_numbered_host("resolution") is False
    assert words.is_numbered_host("pe1") is None


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("4711-0815", None),
        ("47", False),
        ("2025-03-04", False),
        ("04.03.2025", False),
        ("550e8400-e29b-41d4-a716-446655440000", False),
    ],
)
def test_an_identifier_has_digits_and_is_no_date(text, verdict):
    assert words.has_value(3)(text) is verdict


@pytest.mark.parametrize("text", ["state.items", "gpon-olt_1", "Hosts.Host.1.MACAddress", "kwargs.pop"])
def test_a_port_a_path_and_code_are_no_hosts(text):
    assert words.is_line_name(text) is False
    assert words.is_host_name(text) is False


@pytest.mark.parametrize("text", ["rhost=10.1.1.1", "LOGIN_FAILED", "StringConvertor"])
def test_the_next_pair_an_event_and_a_class_are_no_users(text):
    assert words.is_user(text) is False


@pytest.mark.parametrize("text", ["Description:", "1.PreSharedKey", "ApiKey", "ddns-key.", "[user", "0", "auth_info[2"])
def test_what_names_a_secret_is_none(text):
    assert words.is_secret(text) is False


@pytest.mark.parametrize(
    ("text", "verdict"), [("kettle-2231", None), ("oVoeEiNBgkZv", None), ("kitchens", False), ("a1b2", False)]
)
def test_a_wifi_key_is_long_and_no_word(text, verdict):
    assert words.is_wifi_key(text) is verdict
