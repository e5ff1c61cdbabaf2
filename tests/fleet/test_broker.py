"""Wake-ups by Celery, over a real RabbitMQ and a real Redis: heard, lost and found again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from bench.hosts import forwarded
from bridge import broker
from bridge.broker import Ear, Mouth
from bridge.errors import Misconfigured
from bridge.ledger import Ledger, lanes
from bridge.ledger.ringing import Ringer
from bridge.settings import Secret, Settings, load

LONGEST = 120.0
POSTGRES = "postgresql+psycopg://bridge@db/bridge"


class Listening:
    """An ear in a thread; `heard` counts its rings."""

    def __init__(self, url: str) -> None:
        self.heard = 0
        self._over = threading.Event()
        self._thread = threading.Thread(
            target=Ear(Secret(url)).listen, args=(self._ring, self._over)
        )
        self._thread.start()

    def _ring(self) -> None:
        self.heard += 1

    def stop(self) -> None:
        self._over.set()
        self._thread.join(LONGEST)
        assert not self._thread.is_alive()


def until(reached: Callable[[], bool], again: Callable[[], object] = lambda: None) -> None:
    pause, end = threading.Event(), time.monotonic() + LONGEST
    while not reached():
        assert time.monotonic() < end, "it does not happen"
        again()
        pause.wait(0.1)


def test_everybody_who_listens_hears_of_a_commit(broker_url: str, ledger: Ledger) -> None:
    """As with NOTIFY: whoever is idle looks."""
    ears = [Listening(broker_url), Listening(broker_url)]
    try:
        until(lambda: all(ear.heard for ear in ears))  # each rings once when it is there
        before = [ear.heard for ear in ears]
        ledger.ring_by(Ringer(Mouth(Secret(broker_url))))
        with ledger.writing() as tx:
            lanes.wake(tx, "one")
        until(lambda: all(ear.heard > was for ear, was in zip(ears, before, strict=True)))
    finally:
        for ear in ears:
            ear.stop()


def test_a_broker_that_went_away_is_found_again(broker_url: str) -> None:
    """Whoever rings meanwhile is not held up; whoever listens rings once it is back."""
    parts = urlsplit(broker_url)
    with forwarded("127.0.0.1", parts.port or 0) as door:
        login = f"{parts.netloc.rpartition('@')[0]}@" if "@" in parts.netloc else ""
        url = parts._replace(netloc=f"{login}127.0.0.1:{door.port}").geturl()
        ear, ringer = Listening(url), Ringer(Mouth(Secret(url)))
        try:
            until(lambda: ear.heard > 0)
            was = ear.heard
            until(lambda: ear.heard > was, ringer.ring)
            door.interrupt()
            ringer.ring()
            door.open()
            was = ear.heard
            until(lambda: ear.heard > was + 1, ringer.ring)
        finally:
            ringer.close()
            ear.stop()


def test_a_broker_that_is_away_costs_a_commit_nothing(ledger: Ledger) -> None:
    """The hint is lost, the commit stands."""
    ledger.ring_by(Ringer(Mouth(Secret("amqp://guest:guest@127.0.0.1:9//"))))
    with ledger.writing() as tx:
        lanes.wake(tx, "one")
    with ledger.reading() as tx:
        assert lanes.is_there(tx, "one")


def test_without_the_extra_the_setting_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(broker, "find_spec", lambda _name: None)
    with pytest.raises(Misconfigured, match=r"helpdesk-bridge\[celery\]"):
        broker.ear(Settings(database_url=POSTGRES, broker_url=Secret("redis://broker/0")))


def test_a_broker_without_postgresql_is_a_mistake() -> None:
    with pytest.raises(Misconfigured, match="need PostgreSQL"):
        broker.ear(Settings(broker_url=Secret("redis://broker/0")))
    assert broker.ear(Settings()) is None


@pytest.mark.parametrize(
    "url",
    [
        "http://broker",
        "redis:///0",
        "amqp://broker:0/",
        "amqp://[x",
        "redis://broker/bridge",
        "rediss://broker:99999/0",
    ],
)
def test_what_is_no_broker_is_told_at_the_start(url: str) -> None:
    with pytest.raises(Misconfigured, match="BRIDGE_BROKER_URL must be"):
        load({"BRIDGE_BROKER_URL": url})


def test_the_password_of_a_broker_is_not_shown() -> None:
    settings = load({"BRIDGE_BROKER_URL": "amqp://bridge:hunter2@broker/"})
    assert "hunter2" not in repr(settings)
    assert "amqp://bridge:hunter2@broker/" == settings.broker_url.reveal()


def test_the_fleets_own_celery_is_left_alone(
    broker_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its variables stand above an app's own settings, and lead elsewhere."""
    for name in ("CELERY_BROKER_URL", "CELERY_BROKER_READ_URL", "CELERY_BROKER_WRITE_URL"):
        monkeypatch.setenv(name, "amqp://127.0.0.1:1/elsewhere")
    there = Listening(broker_url)
    mouth = Mouth(Secret(broker_url))
    try:
        until(lambda: there.heard > 0)
        before = there.heard
        until(lambda: there.heard > before, mouth.tell)
    finally:
        mouth.hang_up()
        there.stop()
