"""The page at /privacy. It holds no data: its script asks the endpoints, with the key that the reader gives it."""

import re
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import HTMLResponse

PAGE = Path(__file__).with_name("privacy.html")


def add(app: FastAPI) -> None:
    text = PAGE.read_text(encoding="utf-8")
    headers = {
        "content-security-policy": _policy(text),
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "cache-control": "no-cache",
    }

    @app.get("/privacy", include_in_schema=False)
    async def show_privacy() -> HTMLResponse:
        return HTMLResponse(text, headers=headers)


def _policy(text: str) -> str:
    """Its own script and style, its own origin, and nothing else."""
    return (
        f"default-src 'none'; script-src {_digests('script', text)}; style-src {_digests('style', text)}; "
        "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def _digests(tag: str, text: str) -> str:
    contents = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
    return " ".join(f"'sha256-{b64encode(sha256(each.encode()).digest()).decode()}'" for each in contents)
