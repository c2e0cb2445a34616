import pytest

from appliance.privacy.patterns import sessions
from tests.unit.appliance.privacy.finds import Finder, unmarked


@pytest.fixture(scope="module")
def finder():
    return Finder(sessions.PATTERNS)


@pytest.mark.parametrize(
    "marked",
    [
        "<pppoe-[[USERNAME|meier7@dsl.isp.example]]>: authenticated",
        "Login OK: [[[USERNAME|kunz3]]/secret] (from client",
        "Login incorrect (chap: wrong password): [[[USERNAME|kunz3@ftth.local]]/<CHAP-Password>] (from client",
        'curl -u "[[USERNAME|svc_crm4]]:x9" https',
        "[[USERNAME|jmueller5]]:$apr1$Dj0Rqtpb$LqOZtrwDcytgZREeTx2OoU",
        "binddn: cn=[[USERNAME|netops]],ou=svc,dc=isp",
        "db1:5432:radius:[[USERNAME|svc_dvl]]:Tr33e3gew",
        "[[USERNAME|noc259]]@NYC-CMTS-94> show chassis hardware",
        "Client Username ................................. [[USERNAME|noc496]]",
        "[[USERNAME|mrossi06]]\tCrypt-Password := x",
        "sudo[2211]:  [[USERNAME|netops]] : TTY=pts/0",
        "spawn ssh [[USERNAME|noc408]]@10.1.1.1",
        "GRANT ALL ON crm.* TO '[[USERNAME|noc207]]'@'%';",
        "define( 'DB_USER', '[[USERNAME|crm_web]]' );",
        "login as: [[USERNAME|svc_nlage4]]",
    ],
)
def test_what_is_marked_is_found(finder, marked):
    text, values = unmarked(marked)
    assert finder.find(text) == values


@pytest.mark.parametrize(
    "text",
    [
        "add user guide to the page",
        "line vty 0 4",
        "daemon:*:18375:0:99999:7:::",
        "root@core-7:~# uptime",
    ],
)
def test_what_looks_alike_is_left_alone(finder, text):
    assert finder.find(text) == set()


@pytest.mark.parametrize(
    "marked",
    [
        "%ASA-4-722051: Group <GP> User <[[USERNAME|vpn-dupont]]> IP",
        "radtest [[USERNAME|tester]] t3st.me 10.8.8.8 0 x",
        "machine git.example login [[USERNAME|jenkins]] password x9",
        "VALUES ('[[USERNAME|ida99]]', 'Cleartext-Password', ':=', 'x')",
        "[[USERNAME|svcuser]]:1004:aad3b435b51404eeaad3b435b51404ee:f60dd44e8463fbd1053b90af51c9cce5:::",
        'mysqli_connect("localhost", "[[USERNAME|shop]]", "x", "shop")',
        "log in with [[USERNAME|fieldops]] / x9",
        'config user local\n    edit "[[USERNAME|klant-vpn7]]"',
        "*  vty0            [[USERNAME|gferri]]               ssh   0",
        "htpasswd -b .htpasswd [[USERNAME|grafana2]] x",
        "docker login -u [[USERNAME|isp-ci]] images.example",
    ],
)
def test_whom_logs_and_tools_name(finder, marked):
    text, values = unmarked(marked)
    assert finder.find(text) == values
