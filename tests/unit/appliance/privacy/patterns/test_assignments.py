"""⟦ and ⟧ mark what must be found, and nothing else may be."""

import re

import pytest

from appliance.privacy.kinds import THRESHOLD
from appliance.privacy.patterns import secrets
from appliance.privacy.scanning.scanner import Scanner

NAMED = """
DB_PASSWORD=⟦Xk29!fLp⟧
export PGPASSWORD='⟦tr0ub4dor & 3⟧'
password = "⟦correct horse battery⟧"
  password: ⟦hunter22⟧
{"user": "ann", "password": "⟦s3cr3t, really⟧"}
{"db": {"Passwd": "⟦Tulip77x⟧", "port": 5432}}
spring.datasource.password=⟦letmein⟧
$config['password'] = '⟦Blau_Wal9⟧';
password: ⟦changeme⟧
"clientSecret": "⟦kJh87~asd.Lkj2_3⟧"
client_secret=⟦0f9a8b7c6d5e4f3a2b1c⟧
api_key: ⟦9f8e7d6c5b4a39281706⟧
X-Api-Key: ⟦7hGq2LmZx81PqRsT⟧
"access_token" : "⟦d8a1b2c3d4e5f6⟧"
auth_token=⟦550e8400-e29b-41d4-a716-446655440000⟧
https://api.isp.example/v1/lines?api_key=⟦a81kd92ks02kd⟧&limit=10
<password>⟦Gr33nT3a⟧</password>
<add key="DbPassword" value="⟦Gr33nT3a⟧" />
ALTER USER radius WITH PASSWORD '⟦r4d1us-db⟧';
CREATE USER app IDENTIFIED BY '⟦Zx81spec⟧'
mysql -u root -p⟦R00tz!77⟧ radius
sshpass -p '⟦ont-Adm1n⟧' ssh admin@router
curl -u admin:⟦P0rtal99⟧ https://router
wpa_passphrase=⟦zebra-Kilo-42⟧
Passwort: ⟦Sommer2024!⟧
mot de passe : ⟦Ete2024!x⟧
contraseña: ⟦Verano#24⟧
Senha: ⟦Verao24@⟧
hasło: ⟦Lato2024!⟧
пароль: ⟦Leto2024!⟧
| password | ⟦Wz8-kk21⟧ |
machine router login admin password ⟦N3trc-p4ss⟧
requirepass ⟦R3dis-99⟧
my password is ⟦hunter22⟧ and it fails
My password is ⟦dragonfly⟧.
the password for the router is ⟦Adm1n-77⟧, can you check?
das Passwort lautet ⟦Sonne77!⟧
mein Passwort ist ⟦Sonnenblume⟧.
mon mot de passe est ⟦Soleil33⟧
mi contraseña es ⟦Luna-4411⟧
la password è ⟦Mare.2211⟧
mijn wachtwoord is ⟦Fiets#12⟧
minha senha é ⟦Praia9988⟧
moje hasło to ⟦Kotek_12⟧
login: bob / ⟦B0b-2024⟧
--password ⟦S3cr3t99⟧
Authorization: Bearer ⟦mF_9.B5f-4.1JqM2k⟧
Authorization: Basic ⟦YWRtaW46aHVudGVyMjI=⟧
"auth": "⟦cmVnaXN0cnk6UDRzc3cwcmQ=⟧"
- name: DB_PASSWORD⏎  value: ⟦Pg-s3cret⟧
$2b$12$ → ⟦$2b$12$KIXQm4h1Z0v5S8sVj0a2OeJk1lM3n5P7r9T1v3X5z7B9d1F3h5J7a⟧
root:⟦$6$saltsalt$9fJ2kLmN4pQrS6tUvWxYz0aBcDeFgHiJkLmNoPqRsTuVwXyZ⟧:19000:0:99999:7:::
⟦postgres://radius:pa55word@db.isp.example:5432/radius⟧
⟦amqp://guest2:gu3st@10.0.0.1/vhost⟧
"⟦mongodb+srv://app:M0ng0@cluster0.example.net/db?retryWrites=true⟧"
⟦Server=db;Database=crm;User Id=app;Password=Cr4m-it;⟧
PrivateKey = ⟦yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=⟧
the secret we use: ⟦q8Zk1LmP0sYt5VbN3xRw⟧
""".strip().splitlines()  # fmt: skip

CLEAN = """
password: <password>
PASSWORD=${DB_PASSWORD}
password: xxxxxxxx
password = None
password = os.environ["DB_PASSWORD"]
password=get_password(user)
token = $(cat /run/secrets/token)
"password": "********"
password: {{ vault_password }}
api_key: YOUR_API_KEY
client_secret = "your-client-secret-here"
def login(user: str, password: str) -> None:
max_tokens = 4096
token_count: 128000
next_token=self.tokens
The password is incorrect.
The password was changed yesterday.
Your password must be at least 12 characters long.
das Passwort ist abgelaufen.
mon mot de passe est incorrect.
We send a password reset link to the customer.
password reset: see https://portal.isp.example/help
Secret: none
git commit 3f786850e387550fdab836ed7e6dc881de23001b
sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
request id 550e8400-e29b-41d4-a716-446655440000
data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAUA
the secret of a good line is a short loop
Press any key: the router restarts
compass: north
bypass=true
password_hash_algorithm: bcrypt
passwords are stored with argon2id
https://user:${TOKEN}@git.isp.example/repo
the authentication keys: rotated monthly
secretary: Jane
tokenizer: cl100k_base
""".strip().splitlines()


@pytest.fixture(scope="module")
def scanner():
    return Scanner(secrets.PATTERNS, deadline_seconds=60)


@pytest.fixture(scope="module")
def found(scanner):
    def find(text):
        return [span for span in scanner.scan(text) if span.score >= THRESHOLD]

    return find


@pytest.mark.parametrize("line", NAMED)
def test_what_somebody_named_is_found(found, line):
    before, value, after = re.split("[⟦⟧]", line.replace("⏎", "\n"))
    start, end = len(before), len(before) + len(value)
    spans = [(span.start, span.end) for span in found(before + value + after)]
    assert (start, end) in spans
    # Nothing beside it is taken, but for a sign or two at its edge.
    assert all(start - 2 <= each[0] and each[1] <= end + 2 for each in spans)


@pytest.mark.parametrize("line", CLEAN)
def test_what_only_seems_a_secret_is_left(found, line):
    assert found(line) == []
