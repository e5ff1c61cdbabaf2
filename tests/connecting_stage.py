"""An installation that is up, with Meta's stand-in to connect accounts of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from bridge.flow.bridge import Bridge
from bridge.ledger import Ledger
from bridge.model import utcnow
from bridge.opening import open_bridge
from bridge.sandbox.meta import Town
from bridge.sandbox.meta import create_app as graph_app
from bridge.sandbox.server import serve
from bridge.settings import load
from bridge.web import create_app

PAGE_TOKEN, APP_SECRET = "TYPED_PAGE_TOKEN", "TYPED_APP_SECRET"


@dataclass
class Stage:
    """`fast` is how far the web service's clock is ahead."""

    home: Path
    environ: dict[str, str]
    ledger: Ledger
    town: Town
    page: Any
    fast: timedelta = timedelta(0)
    opened: list[Bridge] = field(default_factory=list)
    app: Any = None

    def restart(self) -> Bridge:
        """The web service reads settings and mapping anew."""
        self.close()
        settings = load(self.environ)
        bridge = open_bridge(settings, self.environ, clock=self.now, ledger=self.ledger)
        self.opened.append(bridge)
        self.app = create_app(bridge)
        return bridge

    def close(self) -> None:
        while self.opened:
            self.opened.pop().helpdesk.close()

    def now(self) -> Any:
        return utcnow() + self.fast

    @property
    def mapping(self) -> str:
        return (self.home / "mapping.yaml").read_text(encoding="utf-8")

    def line(self, *more: str) -> tuple[str, ...]:
        """`bridge connect facebook …` with all that is needed."""
        sets = {"app_id": self.town.meta.id, "page_id": self.page.id, "url": self.town.url}
        given = [f"--set={name}={value}" for name, value in sets.items()]
        secrets = [f"--secret=access_token={PAGE_TOKEN}", f"--secret=app_secret={APP_SECRET}"]
        return ("connect", "facebook", "--account=acme", "--yes", *given, *secrets, *more)

    def typed(self, **more: str) -> dict[str, str]:
        """The environment of whoever types that."""
        token = self.town.token_for(self.page)
        return {PAGE_TOKEN: token, APP_SECRET: self.town.meta.secret, **more}

    def dump(self) -> bytes:
        """The database as it lies on the disk, its journal included."""
        files = sorted(self.home.glob("ledger.sqlite3*"))
        return b"".join(file.read_bytes() for file in files)

    def rows(self) -> list[str]:
        """The names of what is sealed."""
        from bridge.ledger.secrets import Safe

        with self.ledger.reading() as tx:
            return sorted(Safe(()).names(tx, ""))


@contextmanager
def open_stage(home: Path, environ: dict[str, str]) -> Iterator[Stage]:
    """`environ` is completed with where the service answers. The ledger is there already."""
    town = Town(utcnow)
    page = town.page("Acme")
    town.person("jane", "Jane Doe")
    stage = Stage(
        home, environ, Ledger(environ["BRIDGE_DATABASE_URL"], lambda: stage.now()), town, page
    )
    with (
        serve(graph_app(town)) as graph,
        serve(lambda wanted, start: stage.app(wanted, start)) as ours,
    ):
        town.url = graph.url
        environ["BRIDGE_PUBLIC_URL"] = ours.url
        stage.restart()
        try:
            yield stage
        finally:
            stage.close()
            stage.ledger.close()
