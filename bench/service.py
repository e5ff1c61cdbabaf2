"""The service under measurement: its own processes, as the Procfile starts them, with one website
whose messages arrive by webhook."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bench.far_side import FarSide
from bench.load import request_bytes
from bridge.model import utcnow
from bridge.sandbox.household import Household, free_port
from bridge.settings import Secret
from bridge.signing import sign
from soak import furnishing

SHOP = "shop"
MAPPING = furnishing.mapping(furnishing.site(SHOP))
SAID_AGAIN = "A repost."
"""What a rule of `LEAVES_OUT` makes no ticket of."""
LEAVES_OUT = furnishing.mapping(
    furnishing.site(SHOP),
    rules="""\
rules:
  - name: said again
    when: {words: [repost]}
    skip: reposts say nothing new
  - name: everything else
    route: {group: Social}
""",
)
UNLIMITED = {"ZENDESK_UPDATES_PER_MINUTE": "1000000"}
"""The stand-in has no such limit here, and what is measured beside the bridge keeps none."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a customer: `word` tells it apart; `above` is the `word` of one it answers."""

    word: str
    person: int
    text: str = "My parcel is late."
    private: bool = False
    above: str = ""


@dataclass(frozen=True, slots=True)
class Service:
    """`hook` takes messages; `folder` has the processes' logs; `environ` is theirs."""

    hook: str
    folder: Path
    environ: dict[str, str]
    household: Household

    def signed(self, message: Message, at: datetime | None = None) -> bytes:
        """The webhook that tells of a message, as bytes for `bench.load`. A signature holds for
        five minutes."""
        body = body_of(message, at or utcnow())
        secret = Secret(self.environ["SITE_SECRET"])
        headers = {"Content-Type": "application/json"}
        headers |= sign((secret,), f"msg_{message.word}", at or utcnow(), body)
        return request_bytes(self.hook, headers, body)


def body_of(message: Message, at: datetime) -> bytes:
    """The website's message, as docs/networks/site.md has it."""
    data = {
        "id": message.word,
        "thread_id": message.above or message.word,
        "visibility": "private" if message.private else "public",
        "author": {"id": str(message.person), "name": f"Customer {message.person}"},
        "text": f"{message.text} {message.word}",
        "created_at": at.isoformat(),
    }
    if message.above:
        data["parent_id"] = message.above
    event = {"type": "message.created", "timestamp": at.isoformat(), "data": data}
    return json.dumps(event).encode()


@contextmanager
def service(
    desk: FarSide,
    database_url: str,
    folder: Path,
    *,
    workers: int = 1,
    processes: int = 1,
    threads: int = 8,
    port: int = 0,
    more: dict[str, str] | None = None,
    mapping: str = MAPPING,
    pushed: tuple[str, ...] = (SHOP,),
) -> Iterator[Service]:
    """Up and ready. `workers` processes of four threads each, `processes` × `threads` of the web
    server. `port` must be what the helpdesk was told; `more` goes to the environment. `pushed` are
    the mapping's accounts that nobody reads.

    Raises `bridge.sandbox.household.DidNotStart`.
    """
    port = port or free_port()
    rules = folder / "mapping.yaml"
    rules.write_text(mapping)
    environ = {
        **furnishing.environment(
            rules,
            database=database_url,
            public_url=f"http://127.0.0.1:{port}",
            helpdesk=desk.url,
            webhook_secret=desk.webhook_secret or "none",
        ),
        **UNLIMITED,
        **(more or {}),
    }
    web = (f"--processes={processes}", f"--threads={threads}")
    household = Household(folder, environ, port, workers=workers, pushed=pushed, web=web)
    household.migrate()
    try:
        household.start()
        yield Service(f"{household.url}/hooks/site/{SHOP}", folder, environ, household)
    finally:
        household.stop()
