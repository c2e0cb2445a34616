"""PDF written by hand, object by object, as no library would."""

import zlib
from collections.abc import Sequence

FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"


def pdf(objects: Sequence[bytes]) -> bytes:
    """Object 1 is the catalogue."""
    data, places = b"%PDF-1.7\n", []
    for number, each in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    start = len(data)
    data += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    data += b"".join(b"%010d 00000 n \n" % place for place in places)
    return data + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)


def stream(content: bytes, *, packed: bool = False) -> bytes:
    body = zlib.compress(content, 1) if packed else content
    how = b" /Filter /FlateDecode" if packed else b""
    return b"<< /Length %d%s >>\nstream\n%s\nendstream" % (len(body), how, body)


def page(content: int, box: bytes = b"0 0 595 842", extra: bytes = b"") -> bytes:
    return (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [%s] /Contents %d 0 R /Resources << /Font << /F 3 0 R >> >> %s >>"
        % (box, content, extra)
    )


def one_page(content: bytes, *, box: bytes = b"0 0 595 842", catalogue: bytes = b"", packed: bool = False) -> bytes:
    return pdf(
        [
            b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalogue,
            b"<< /Type /Pages /Kids [4 0 R] /Count 1 >>",
            FONT,
            page(5, box),
            stream(content, packed=packed),
        ]
    )


def many_pages(count: int) -> bytes:
    kids = b" ".join(b"%d 0 R" % (number + 5) for number in range(count))
    return pdf(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, count),
            FONT,
            stream(TEXT),
            *([page(4)] * count),
        ]
    )


def looped() -> bytes:
    """The tree of pages holds itself."""
    return pdf(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [2 0 R 4 0 R 6 0 R] /Count 3 >>",
            FONT,
            page(5),
            stream(TEXT),
            b"<< /Type /Pages /Parent 2 0 R /Kids [2 0 R] /Count 1 >>",
        ]
    )


TEXT = b"BT /F 12 Tf 72 700 Td (The router has four ports.) Tj ET"
