import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from msgspec.structs import replace

from appliance.errors import EngineFailed, EngineUnavailable
from inference.wire import Address, Bounds, Pool
from tests.integration.inference.scripted_server import END, STREAM, chunk, plain, read_request, serving

DAY = timedelta(days=1)


def pool(url: str, **bounds: float) -> Pool:
    given = {"connections": 4, "connect_seconds": 1.0, "silence_seconds": 5.0, "sweep_seconds": 0.02, **bounds}
    return Pool(Address.parse(url), Bounds(**given), "the engine", {"authorization": "Bearer k"})  # type: ignore[arg-type]


async def ask(made: Pool, body: bytes = b"{}", traceparent: str = "") -> tuple[int, bytes]:
    async with made.request("POST", "/v1/x", body, "req_1", traceparent) as response:
        return response.status, await response.whole()


async def test_a_request_arrives_as_it_was_meant_and_connections_are_used_again() -> None:
    seen: list[tuple[bytes, bytes]] = []
    connections = 0

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        while (request := await read_request(reader))[0]:
            seen.append(request)
            writer.write(plain(b'{"ok":1}'))

    async with serving(handler) as url:
        made = pool(url)
        assert [await ask(made, b"a"), await ask(made, b"b", "00-1-2-01")] == [(200, b'{"ok":1}')] * 2
        made.close()
    assert connections == 1
    head, body = seen[0]
    assert head.startswith(b"POST /v1/x HTTP/1.1\r\nhost: 127.0.0.1:")
    assert b"\r\nauthorization: Bearer k\r\n" in head
    assert b"\r\nx-request-id: req_1\r\n" in head
    assert body == b"a"
    assert b"traceparent" not in head
    assert b"\r\ntraceparent: 00-1-2-01\r\n" in seen[1][0]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 10_000])
async def test_an_answer_is_whole_however_it_is_cut(size: int) -> None:
    events = [b"data: %d\n\n" % number for number in range(20)]
    raw = STREAM + b"".join(chunk(event) for event in events) + END

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while (await read_request(reader))[0]:
            for at in range(0, len(raw), size):
                writer.write(raw[at : at + size])
                await writer.drain()
                await asyncio.sleep(0)

    async with serving(handler) as url:
        made = pool(url)
        assert await ask(made) == (200, b"".join(events))
        assert await ask(made) == (200, b"".join(events))
        made.close()


async def test_a_connection_that_went_stale_is_replaced_once() -> None:
    answered = 0

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal answered
        await read_request(reader)
        writer.write(plain(b"{}"))
        answered += 1  # and hangs up, without having said that it would

    async with serving(handler) as url:
        made = pool(url)
        for _ in range(5):
            assert (await ask(made))[0] == 200
        made.close()
    assert answered == 5


async def test_a_server_that_always_hangs_up_has_failed() -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)

    async with serving(handler) as url:
        with pytest.raises(EngineFailed, match="broke the connection"):
            await ask(pool(url))


async def test_nobody_there_is_unavailable() -> None:
    with pytest.raises(EngineUnavailable, match="cannot be reached"):
        await ask(pool("http://127.0.0.1:1"))


@pytest.mark.parametrize("answer", [b"SMTP ready\r\n", b"HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n"])
async def test_what_is_not_http_is_a_failure(answer: bytes) -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(answer)
        await asyncio.sleep(5)

    async with serving(handler) as url:
        with pytest.raises(EngineFailed, match="does not speak HTTP"):
            await ask(pool(url))


@pytest.mark.parametrize(
    "answer", [STREAM + chunk(b"data: 1\n\n"), b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"]
)
async def test_an_answer_that_ends_early_is_a_failure(answer: bytes) -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(answer)
        await writer.drain()

    async with serving(handler) as url:
        with pytest.raises(EngineFailed, match="broke the connection"):
            await ask(pool(url))


async def test_a_silent_engine_is_given_up_before_and_within_an_answer() -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if (await read_request(reader))[1] == b"talk":
            writer.write(STREAM + chunk(b"data: 1\n\n"))
        await asyncio.sleep(5)

    async with serving(handler) as url:
        for body in (b"hush", b"talk"):
            with pytest.raises(EngineFailed, match="silent") as caught:
                await ask(pool(url, silence_seconds=0.1), body)
            assert caught.value.code == "engine_timeout"


async def test_leaving_early_hangs_up_at_once() -> None:
    gone = asyncio.Event()

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(STREAM + chunk(b"data: 1\n\n"))
        await reader.read()
        gone.set()

    async with serving(handler) as url:
        async with pool(url).request("POST", "/") as response:
            assert await response.some() == b"data: 1\n\n"
        await asyncio.wait_for(gone.wait(), 0.1)


async def test_a_cancelled_wait_hangs_up_at_once() -> None:
    asked, gone = asyncio.Event(), asyncio.Event()

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        asked.set()
        await reader.read()
        gone.set()

    async with serving(handler) as url:
        task = asyncio.create_task(ask(pool(url)))
        await asyncio.wait_for(asked.wait(), 1)
        task.cancel()
        await asyncio.wait_for(gone.wait(), 0.1)


async def test_a_reader_that_rests_holds_the_engine_back() -> None:
    sent = 0
    block = b"x" * 65536

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await read_request(reader)
        writer.write(STREAM)
        for _ in range(400):
            writer.write(chunk(block))
            await writer.drain()
            sent += len(block)
        writer.write(END)

    async with serving(handler) as url, pool(url).request("POST", "/") as response:
        await asyncio.sleep(0.3)
        held_back = sent
        total = 0
        while part := await response.some():
            total += len(part)
    assert held_back < 12 << 20  # the kernel's buffers and ours, not the whole answer
    assert total == 400 * len(block)


async def test_an_answer_that_nobody_read_holds_no_other_back() -> None:
    """More than is taken in at once came in one piece: reading is paused although the answer is complete."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while (await read_request(reader))[0]:
            writer.write(plain(b"x" * 100_000))

    async with serving(handler) as url:
        made = pool(url, silence_seconds=0.5)
        async with made.request("POST", "/"):
            await asyncio.sleep(0.05)
        assert (await ask(made))[0] == 200
        made.close()


async def test_more_requests_than_allowed_are_refused_at_once() -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        await asyncio.sleep(5)

    async with serving(handler) as url:
        made = pool(url, connections=2)
        running = [asyncio.create_task(ask(made)) for _ in range(2)]
        await asyncio.sleep(0.05)
        with pytest.raises(EngineUnavailable, match="2 requests open"):
            await ask(made)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def test_an_answer_announced_by_100_continue_is_read() -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        await asyncio.sleep(0.01)
        writer.write(plain(b"{}"))

    async with serving(handler) as url:
        assert await ask(pool(url)) == (200, b"{}")


async def test_close_connection_is_obeyed() -> None:
    connections = 0

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await read_request(reader)
        writer.write(plain(b"{}", headers="connection: close\r\n"))
        await reader.read()

    async with serving(handler) as url:
        made = pool(url)
        assert [(await ask(made))[0] for _ in range(3)] == [200] * 3
    assert connections == 3


def test_an_address_keeps_what_a_url_says() -> None:
    assert Address.parse("https://user@llm.example:8443/fleet/") == Address(
        "llm.example", 8443, tls=True, name="llm.example:8443", prefix="/fleet"
    )
    assert Address.parse("http://[::1]:8000") == Address("::1", 8000, name="[::1]:8000")
    assert Address.parse("http://gpu").port == 80


async def test_a_certificate_must_be_for_the_name_that_was_looked_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = certified(tmp_path, "servers.test")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head, _ = await read_request(reader)
        writer.write(plain(head.split(b"\r\n")[1]))

    server = await asyncio.start_server(handler, "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    named = Address.parse(f"https://servers.test:{port}")
    bounds = Bounds(4, 1.0, 5.0)
    async with server:
        for name in ("servers.test", "other.test"):
            made = Pool(replace(named, host="127.0.0.1", certified=name), bounds, "the engine", {})
            if name == "servers.test":
                assert await ask(made) == (200, b"host: servers.test:%d" % port)
            else:
                with pytest.raises(EngineUnavailable, match="cannot be reached"):
                    await ask(made)
            made.close()


def certified(folder: Path, name: str) -> ssl.SSLContext:
    """A server's side of TLS, with a certificate for this name that it signed itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number(), now, now + DAY)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, plain_key = serialization.Encoding.PEM, serialization.NoEncryption()
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(pem))
    (folder / "key.pem").write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain_key))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    return context
