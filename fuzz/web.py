"""The web service, asked directly: no client library tidies up what is sent."""

from __future__ import annotations

import io
import json
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

from bridge.ledger import Ledger, migrate
from bridge.opening import open_bridge
from bridge.settings import Secret, Settings, ZendeskSettings
from bridge.signing import sign
from bridge.web import create_app
from fuzz import seeds

MAPPING = """
accounts:
  shop:
    network: site
    options: {secret: env:S, reply_url: https://shop.example/replies, reply_secret: env:S}
  acme:
    network: mastodon
    options: {url: https://mastodon.example, token: env:T}
rules:
  - name: Everything
    route: {group: Support}
"""


class Web:
    """Built on the first question, because it needs a database."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._app: Any = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def ask(self, data: bytes) -> None:
        """`METHOD /path?query [sign]`, header lines, an empty line, the body."""
        environ, body = self._environ(data)
        told: list[Any] = []
        answer = self._opened()(
            environ, lambda status, headers, _=None: told.extend((status, headers))
        )
        try:
            content = b"".join(answer)
        finally:
            getattr(answer, "close", lambda: None)()
        status, headers = told[0], dict(told[1])
        assert 200 <= int(status.split()[0]) < 500, status
        assert "nosniff" == headers["X-Content-Type-Options"]
        assert "no-store" == headers["Cache-Control"]
        assert not any("\n" in value or "\r" in value for value in headers.values())
        if headers.get("Content-Type") == "application/json" and content:
            json.loads(content)
        assert body is not None

    def close(self) -> None:
        if self._folder:
            self._app = None
            self._bridge.helpdesk.close()
            self._bridge.ledger.close()
            self._folder.cleanup()
            self._folder = None

    def _opened(self) -> Any:
        if self._app is None:
            self._folder = tempfile.TemporaryDirectory(prefix="bridge-fuzz-")
            folder = Path(self._folder.name)
            (folder / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
            ledger = Ledger(f"sqlite:///{folder / 'ledger.sqlite3'}", lambda: self._now)
            migrate.upgrade(ledger)
            settings = Settings(
                mappings=str(folder / "mapping.yaml"),
                public_url="https://bridge.example",
                zendesk=ZendeskSettings(
                    url="https://acme.zendesk.com",
                    oauth_token=Secret("t"),
                    webhook_secret=Secret(seeds.SITE_SECRET),
                ),
                max_body=100_000,
            )
            environ = {"S": seeds.SITE_SECRET, "T": "token"}
            self._bridge = open_bridge(settings, environ, clock=lambda: self._now, ledger=ledger)
            self._app = create_app(self._bridge)
        return self._app

    def _environ(self, data: bytes) -> tuple[dict[str, Any], bytes]:
        head, _, body = data.partition(b"\n\n")
        first, *lines = head.split(b"\n")
        method, _, where = first.partition(b" ")
        signed = where.endswith(b" sign")
        path, _, query = where.removesuffix(b" sign").partition(b"?")
        headers = dict(line.decode("latin-1").partition(": ")[::2] for line in lines)
        if signed:
            headers |= sign((Secret(seeds.SITE_SECRET),), "msg_1", self._now, body)
            headers |= seeds.desk_headers(body)
        environ = {
            "REQUEST_METHOD": method.decode("latin-1") or "GET",
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query.decode("latin-1"),
            "SERVER_NAME": "bridge.example",
            "SERVER_PORT": "443",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "https",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        for name, value in headers.items():
            key = name.upper().replace("-", "_")
            environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = value
        return environ, body
