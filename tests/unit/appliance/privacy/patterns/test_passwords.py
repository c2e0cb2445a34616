import pytest

from appliance.privacy.patterns import hashes, passwords
from tests.unit.appliance.privacy.finds import Finder, unmarked


@pytest.fixture(scope="module")
def finder():
    return Finder([*hashes.PATTERNS, *passwords.PATTERNS])


@pytest.mark.parametrize(
    "marked",
    [
        "enable secret 5 [[PASSWORD_HASH|$1$kQ3z$Vb8pYt2mR9eXwLhU0sJd41]]",
        " password 7 [[PASSWORD_HASH|060506324F41584B56]]",
        "enable password [[PASSWORD|kaffe]]",
        'authentication-key "[[PASSWORD_HASH|$9$Pf5F/CtO1Eyl8xbs2gaJDiHqmTFn/t]]"; ## SECRET-DATA',
        "password irreversible-cipher [[PASSWORD_HASH|$1a$8Jk2mN4pQr$Zx7cVb9nM1qW3eR5tY7uI9oP1aS3$]]",
        "peer 10.1.1.1 password cipher [[PASSWORD_HASH|%^%#Qw3rTy6uIo9pAs2dFg5hJk8lZx1cVb4n%^%#]]",
        "crypto isakmp key [[PASSWORD|Zr9#tunnel]] address 1.2.3.4",
        "ip ospf message-digest-key 1 md5 [[PASSWORD|oSpfKey]]",
        "set psksecret ENC [[PASSWORD_HASH|Vb2kQ9xLmZ8pTr4sUwYeHn1o==]]",
        "<password>[[PASSWORD|tulip-2028]]</password>",
        '<property name="connection.password">[[PASSWORD|W64IKpXC]]</property>',
        "Mot de passe : [[PASSWORD|baguette]]",
        "add name=x password=[[PASSWORD|Mx8zupaq]] profile=y",
    ],
)
def test_what_is_marked_is_found(finder, marked):
    text, values = unmarked(marked)
    assert finder.find(text) == values


@pytest.mark.parametrize(
    "text",
    [
        "Your password must have 12 characters",
        "password: ${PASSWORD}",
        "enable secret <removed>",
        "service password-encryption",
        "reset the password on the page",
        "secret = settings.secret",
        "Password:\n  Description: none",
        '<add key="ApiKey" value=',
        'if (strcmp(a, "--password") == 0) usage();',
    ],
)
def test_what_looks_alike_is_left_alone(finder, text):
    assert finder.find(text) == set()
