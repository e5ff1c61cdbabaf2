"""Whatever was answered 200 is in the ledger, once, also when the web process is killed at work."""

from __future__ import annotations

import base64
import http.client
import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select

from bridge.ledger import Ledger, lanes
from bridge.ledger.ranks import heads
from bridge.ledger.tables import deliveries
from bridge.model import utcnow
from bridge.sandbox.household import Household, free_port
from bridge.settings import Secret
from bridge.signing import sign

SECRET = "whsec_" + base64.b64encode(b"what the shop signs with").decode()
MAPPING = """
accounts:
  shop:
    network: site
    options:
      secret: env:SITE_SECRET
      reply_url: https://shop.example/replies
      reply_secret: env:SITE_SECRET
rules:
  - name: Everything
    route: {group: Support}
"""
SENDERS = 12
KILLED_AFTER = 40
"""Answers of 200."""


@pytest.fixture
def web(ledger: Ledger, tmp_path: Path):
    (tmp_path / "mapping.yaml").write_text(MAPPING)
    environ = {
        "BRIDGE_DATABASE_URL": ledger.url,
        "BRIDGE_MAPPINGS": str(tmp_path / "mapping.yaml"),
        "BRIDGE_SECRET_KEY": Fernet.generate_key().decode(),
        "ZENDESK_URL": "https://acme.zendesk.example",
        "ZENDESK_OAUTH_TOKEN": "desk-token-0815",
        "ZENDESK_WEBHOOK_SECRET": "the-helpdesk-signs",
        "SITE_SECRET": SECRET,
    }
    words = ("--processes=2", "--threads=6")
    household = Household(tmp_path, environ, free_port(), workers=0, web=words)
    household.start()
    yield household
    household.stop()


class Senders:
    """Each sends one message after the other, and every third of them twice."""

    def __init__(self, url: str, on_success: Callable[[int], object]) -> None:
        self._address = urlsplit(url)
        self._on_success = on_success
        self._guard = threading.Lock()
        self.over = threading.Event()
        self.accepted: dict[str, list[bool]] = {}
        """Key → for each 200 whether it said that it had been here."""

    def work(self, name: int, most: int) -> None:
        door = http.client.HTTPConnection(self._address.hostname or "", self._address.port, 60)
        try:
            for number in range(most):
                if self.over.is_set():
                    return
                key = f"msg_{name}_{number}"
                for _ in range(2 if number % 3 == 0 else 1):
                    self._send(door, key)
        except (OSError, http.client.HTTPException):
            return  # killed: what was under way was not answered
        finally:
            door.close()

    def _send(self, door: http.client.HTTPConnection, key: str) -> None:
        body = json.dumps(
            {
                "type": "message.created",
                "timestamp": utcnow().isoformat(),
                "data": {"id": key, "author": {"id": "7", "name": "Ada"}, "text": "Where?"},
            }
        ).encode()
        headers = sign((Secret(SECRET),), key, utcnow(), body)
        door.request("POST", "/hooks/site/shop", body, headers)
        answer = door.getresponse()
        said = json.loads(answer.read())
        if answer.status == 200:
            with self._guard:
                self.accepted.setdefault(key, []).append(bool(said.get("again")))
                self._on_success(sum(map(len, self.accepted.values())))


def kept(ledger: Ledger) -> list[str]:
    with ledger.reading() as tx:
        return list(tx.conn.execute(select(deliveries.c.key)).scalars())


def test_no_answer_of_200_is_lost_with_the_process(web: Household, ledger: Ledger) -> None:
    """Twelve senders at once; after forty answers every process is killed, and nothing tidied."""

    def kill(answers: int) -> None:
        if answers == KILLED_AFTER:
            web.kill("web")

    senders = Senders(web.url, kill)
    with ThreadPoolExecutor(SENDERS) as pool:
        list(pool.map(lambda name: senders.work(name, 100_000), range(SENDERS)))
    here = kept(ledger)
    assert len(senders.accepted) > 0
    assert set() == set(senders.accepted) - set(here)
    assert len(here) == len(set(here))
    with ledger.reading() as tx:
        assert lanes.is_there(tx, "intake:shop")
        assert heads(tx)


def test_each_is_kept_once_and_told_again_the_second_time(web: Household, ledger: Ledger) -> None:
    """Everything that was sent is there; who sends twice hears it, whoever comes between."""
    senders = Senders(web.url, lambda answers: None)
    with ThreadPoolExecutor(SENDERS) as pool:
        list(pool.map(lambda name: senders.work(name, 9), range(SENDERS)))
    wanted = {
        f"msg_{name}_{number}": [False, True] if number % 3 == 0 else [False]
        for name in range(SENDERS)
        for number in range(9)
    }
    assert wanted == senders.accepted
    assert sorted(wanted) == sorted(kept(ledger))


def test_the_same_message_from_all_at_once_is_kept_once(web: Household, ledger: Ledger) -> None:
    """One of them is told that it is new, whichever of two processes it came to."""
    senders = Senders(web.url, lambda answers: None)
    start = threading.Barrier(SENDERS)

    def together(_name: int) -> None:
        start.wait(60)
        senders.work(0, 1)

    with ThreadPoolExecutor(SENDERS) as pool:
        list(pool.map(together, range(SENDERS)))
    answers = senders.accepted["msg_0_0"]
    assert (2 * SENDERS, 1) == (len(answers), answers.count(False))
    assert ["msg_0_0"] == kept(ledger)
