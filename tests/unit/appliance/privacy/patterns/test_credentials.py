import pytest

from appliance.privacy.patterns import credentials
from tests.unit.appliance.privacy.finds import Finder, unmarked


@pytest.fixture(scope="module")
def finder():
    return Finder(credentials.PATTERNS)


@pytest.mark.parametrize(
    "marked",
    [
        '1.2.3.4 : PSK "[[PASSWORD|GammelDansk#1]]"',
        'ConvertTo-SecureString "[[PASSWORD|hglaz217!]]" -AsPlainText',
        'createUser noc SHA "[[PASSWORD|kestrel-71]]" AES "[[PASSWORD|heron-22x]]"',
        "bindpw: [[PASSWORD|Zug52xG#59]]",
        "bob: pw for the test box?\nann: its [[PASSWORD|Tr33ig78e_7]]",
        "radtest u1 [[PASSWORD|x]] 10.1.1.1 0 [[PASSWORD|r4dgkh]]".replace("[[PASSWORD|x]]", "x"),
        "('u1', 'Cleartext-Password', ':=', '[[PASSWORD|Zug54#90]]');",
        '"WlanPassword": {"_value": "[[PASSWORD|sZMpnz26]]"}',
        "add password * [[PASSWORD|owen-acing-64]] [[PASSWORD|Tr33gk5yz]]",
        'login = cleartext "[[PASSWORD|Tr33vh_7]]"',
        'u1@isp\tpppoe\t"[[PASSWORD|C0re#kiUg]]"\t10.1.1.1',
    ],
)
def test_what_is_marked_is_found(finder, marked):
    text, values = unmarked(marked)
    assert finder.find(text) == values


@pytest.mark.parametrize(
    "text",
    [
        "radtest sends a request",
        "add password rules to the page",
        "send a letter to us",
    ],
)
def test_what_looks_alike_is_left_alone(finder, text):
    assert finder.find(text) == set()


@pytest.mark.parametrize(
    "marked",
    [
        'ldap_bind($c, "cn=reader,dc=isp", "[[PASSWORD|r3ad0nly]]");',
        "net use Z: \\\\fs1\\backup [[PASSWORD|Zebra!Box]] /user:CORP",
        "ipmitool -I lanplus -U ADMIN -P [[PASSWORD|1pmi-pass]] power",
        "docker login -u ci -p [[PASSWORD|t0p-Reg]] registry",
        "Login incorrect (pap): [j.marchand/[[PASSWORD|Mirabelle9]]] (from client",
        "terminal user name fieldtech [[PASSWORD|Br3tagne!]]",
        "log in with fieldops / [[PASSWORD|Cork!Olt5]] at",
        "tacacs_key: [[PASSWORD|tac.Larch]]",
        "aaa-server RAD (inside) host 10.2.2.9\n key [[PASSWORD|gvaRadKey]]\n",
        "isis authentication-mode simple [[PASSWORD|is1sGda]]",
        'requests.post(url, auth=("svc", "[[PASSWORD|Qu1et-River]]"))',
        'c.connect("olt-7", 22, "adm", "[[PASSWORD|0lt-Admin]]")',
        "ldapsearch -x -D cn=b -w [[PASSWORD|bindP4ss]] -b dc=isp",
        "unzip -P [[PASSWORD|Z1pMe!]] backup.zip",
        "ssh-keygen -t ed25519 -N '[[PASSWORD|key phrase 9]]' -f id",
        "echo '[[PASSWORD|Sudo-Pass1]]' | sudo -S reboot",
    ],
)
def test_what_tools_and_logs_hold(finder, marked):
    text, values = unmarked(marked)
    assert finder.find(text) == values


@pytest.mark.parametrize(
    "text",
    [
        "docker login --username ci --password-stdin",
        "echo hello | sudo tee /etc/motd",
        "authentication-mode simple cipher",
        "unzip -o backup.zip",
        "log in with your account / profile",
        "server\n key\n",
    ],
)
def test_tools_without_passwords(finder, text):
    assert finder.find(text) == set()
