"""TLS: whom the client trusts, and that it is never led away from it."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from appliance.errors import ModelError, Unavailable
from models.store.web import Web


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """With its key, for 127.0.0.1, signed by itself."""
    key = ed25519.Ed25519PrivateKey.generate()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, None)
    )
    file = tmp_path / "certificate.pem"
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(secret + made.public_bytes(Encoding.PEM))
    return file


@contextmanager
def serving(certificate: Path, redirect: str = "") -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            return

        def do_GET(self) -> None:
            self.send_response(302 if redirect else 200)
            self.send_header("location", redirect)
            self.send_header("content-length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            """A client that refuses the certificate goes away."""

    server = Server(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield f"https://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


def test_a_certificate_that_the_system_trusts(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with serving(certificate) as url, Web().get(url) as answer:
        assert (answer.status, answer.body.read(10)) == (200, b"ok")


def test_a_certificate_that_nobody_trusts(certificate: Path) -> None:
    remedy = r"does not trust.*Install its authority"
    with serving(certificate) as url, pytest.raises(ModelError, match=remedy), Web().get(url):
        pass


def test_a_redirect_from_https_to_http_is_refused(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    target = "http://127.0.0.1:9/file?signature=s3cret"
    with (
        serving(certificate, target) as url,
        pytest.raises(ModelError, match="leads from https to http") as refused,
        Web().get(url),
    ):
        pass
    assert "s3cret" not in refused.value.message


def test_redirects_end(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    around = "from one address to the next"
    with serving(certificate, "/again") as url, pytest.raises(ModelError, match=around), Web().get(url):
        pass


def test_a_server_that_speaks_no_tls_may_be_tried_again(certificate: Path) -> None:
    with (
        serving(certificate) as url,
        pytest.raises(Unavailable, match=r"127\.0\.0\.1 cannot be read"),
        Web().get(url.replace("https", "http")),
    ):
        pass
