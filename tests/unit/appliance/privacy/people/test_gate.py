import time

import pytest

from appliance.privacy.people.gate import Gate, bundled


@pytest.fixture(scope="module")
def gate() -> Gate:
    return bundled()


@pytest.mark.parametrize(
    "sentence",
    [
        "hi im jane doe",
        "My name is Will",
        "my name is will",
        "hello grant, are you there",
        "dear mark, thank you",
        "ask Mark about the line",
        "JOHN SMITH CALLED",
        "name=Nguyen;plan=fiber",
        '{"customer":"Okafor"}',
        "the router at 12 main street is offline",
        "Ms Long wants a refund",
        "wire it to the office in Leeds",
        "der Router in Köln ist offline",
        "Ask Dvořák",
        "小川 has no signal",
        "O'Neill is waiting",
        "Okafor:555-0100",
    ],
)
def test_what_may_hold_a_name_or_an_address_passes(gate: Gate, sentence: str):
    assert gate.may_name(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "",
        "My internet has been down since yesterday, please check the line.",
        "The router is OFFLINE and the LOS light is red",
        "I've restarted it 3 times and it's still slow",
        "Interface GigabitEthernet0/0/1 is down, VLAN 200",
        "mail jane.doe@example.com or look at core1.fra.example.net",
        "will the bill be higher next month?",
        "10.0.0.1 aa:bb:cc:00:11:22 2001:db8::1",
        "Your contract is valid until 2026-05-01",
        "Seit gestern Störung, bitte Techniker schicken",
        "la box redémarre depuis hier",
        "the fritzbox and the Netgear repeater",
        "Zabbix on EKS cannot reach S3",
    ],
)
def test_plain_talk_does_not(gate: Gate, sentence: str):
    assert not gate.may_name(sentence)


def test_a_homonym_is_plain_only_in_small_letters(gate: Gate):
    assert not gate.may_name("please mark the port")
    assert gate.may_name("please Mark the port")
    assert not gate.is_plain("mark")
    assert gate.is_plain("WiFi")


def test_a_word_of_another_language_is_plain_in_small_letters(gate: Gate):
    assert gate.is_plain("rosso") and not gate.is_plain("Rosso")
    assert not gate.may_name("il modem rimane rosso")
    assert gate.may_name("il signor Rosso")


def test_only_what_stands_near_a_doubtful_word_is_read(gate: Gate):
    text = "My line has been down since yesterday and Ms Okafor, who lives next door, says that hers works. Ask Dvořák"
    parts = [text[start:end] for start, end in gate.parts(text, 0, len(text))]
    assert parts == ["since yesterday and Ms Okafor, who lives next", "hers works. Ask Dvořák"]
    assert list(gate.parts("My line is down", 0, 15)) == []


def test_what_is_near_another_is_read_with_it(gate: Gate):
    text = "send it to Okafor at 12 Main Street, Leeds, please"
    assert list(gate.parts(text, 0, len(text))) == [(0, len(text))]


def test_a_text_passes_if_one_of_its_sentences_may_name_somebody(gate: Gate):
    assert gate.passes("My router is down. Thanks a lot!\nJane Doe")
    assert not gate.passes("My router is down.\nThanks a lot!")


@pytest.mark.parametrize("unit", [".", "a.", "1.", "a:", "-", "@", "'", "a@", "a1_", "a"])
def test_long_runs_of_anything_take_no_time(gate: Gate, unit: str):
    begun = time.process_time()
    gate.may_name(unit * (100_000 // len(unit)))
    assert time.process_time() - begun < 1.0
