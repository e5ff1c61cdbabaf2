"""The fixture `console`: the admins' console with somebody signed in, over SQLite; and the same
console served to a browser."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from databases import copied, hurry
from werkzeug.test import TestResponse

from bridge.flow.bridge import Bridge
from bridge.ledger import Ledger, admins
from bridge.opening import open_bridge
from bridge.sandbox.server import serve
from bridge.settings import Secret, Settings, ZendeskSettings
from bridge.web import create_app
from bridge.web.console import cookies

if TYPE_CHECKING:
    from playwright.sync_api import Page

MAPPING = """
accounts:
  acme:
    network: mastodon
    options: {url: https://mastodon.example, token: env:MASTODON_TOKEN}
rules:
  - name: Everything
    route: {group: Support}
"""
ENVIRON = {"MASTODON_TOKEN": "toot-toot-4711"}
NAME = "ada"


def begin_session(bridge: Bridge, name: str = NAME) -> str:
    """An admin of this name, made if need be, signed in: the token for the cookie."""
    token = cookies.new_token()
    with bridge.ledger.writing() as tx:
        admin = admins.named(tx, name) or admins.add(tx, name)
        assert admin is not None
        admins.sign_in(tx, admin.id, admins.digest(token))
    return token


@dataclass
class Console:
    """A browser without a screen: `get` and `post` as a signed-in admin, CSRF token included."""

    bridge: Bridge
    app: Any
    client: Any = field(init=False)

    def __post_init__(self) -> None:
        self.client = self.app.test_client()

    def sign_in(self, name: str = NAME) -> None:
        cookie = cookies.name_of(self.bridge.settings, cookies.SESSION)
        self.client.set_cookie(cookie, begin_session(self.bridge, name))

    def get(self, path: str, **more: Any) -> TestResponse:
        answer: TestResponse = self.client.get(f"/console{path}", **more)
        return answer

    def csrf(self, path: str = "/admins") -> str:
        """The token that stands in the forms of a page."""
        found = re.search(r'name="csrf" value="([0-9a-f]+)"', self.get(path).text)
        assert found, f"{path} has no form"
        return found[1]

    def post(self, path: str, *, form_on: str = "/admins", **fields: Any) -> TestResponse:
        """The answer to a form; `form_on` is a page that has one (every one does)."""
        data = {"csrf": self.csrf(form_on), **fields}
        answer: TestResponse = self.client.post(f"/console{path}", data=data)
        return answer

    @contextmanager
    def served(self) -> Iterator[str]:
        """The address at which a browser reaches it."""
        with serve(self.app) as running:
            yield running.url

    @contextmanager
    def seen_on(self, page: Page, name: str = NAME) -> Iterator[str]:
        """Served, with the browser signed in: the console's address, without a slash."""
        with self.served() as url:
            cookie = cookies.name_of(self.bridge.settings, cookies.SESSION)
            token = begin_session(self.bridge, name)
            page.context.add_cookies([{"name": cookie, "value": token, "url": url}])
            yield f"{url}/console"


MakeConsole = Callable[..., Console]


@pytest.fixture
def console_ledger(tmp_path: Path, clock: Any, migrated_sqlite: Path) -> Iterator[Ledger]:
    ledger = Ledger(copied(migrated_sqlite, tmp_path / "console.sqlite3"), clock)
    hurry(ledger)
    yield ledger
    ledger.close()


@pytest.fixture
def make_console(console_ledger: Ledger, tmp_path: Path, clock: Any) -> Iterator[MakeConsole]:
    """A console with another mapping, or other settings."""
    opened: list[Bridge] = []

    def made(mapping: str = MAPPING, environ: dict[str, str] = ENVIRON, **settings: Any) -> Console:
        file = tmp_path / "mapping.yaml"
        file.write_text(mapping, encoding="utf-8")
        given = Settings(
            database_url=console_ledger.url,
            mappings=str(file),
            zendesk=ZendeskSettings(
                url="https://acme.zendesk.com", oauth_token=Secret("desk-token-0815")
            ),
        )
        bridge = open_bridge(
            replace(given, **settings), environ, clock=clock, ledger=console_ledger
        )
        opened.append(bridge)
        return Console(bridge, create_app(bridge))

    yield made
    for bridge in opened:
        bridge.helpdesk.close()


@pytest.fixture
def console(make_console: MakeConsole) -> Console:
    """Signed in as ada."""
    console = make_console()
    console.sign_in()
    return console
