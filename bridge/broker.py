"""Wake-ups by a broker, for a fleet that runs one already: Celery, over RabbitMQ or Redis.

After a commit that made a lane due, a Celery message without a result goes to everybody who
listens. It says nothing but "look": the ledger alone knows what is to be done, so a message that
is lost, doubled, late or forged does no harm. Workers look by themselves every few seconds.

Celery is the extra `[celery]`; nothing of it is loaded where no broker is set.
"""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import structlog

from bridge.errors import Misconfigured
from bridge.ledger import Ledger
from bridge.ledger.ringing import Ringer
from bridge.listening import Hear
from bridge.settings import Secret, Settings

log = structlog.get_logger()

TASK = "bridge.wake"
WITHIN = 5.0
"""Seconds to connect to the broker, or to be rid of what is written to it."""
HEARTBEAT = 10.0
LISTEN_FOR = 0.5
AFTER_A_LOSS = 1.0


def carries(settings: Settings) -> bool:
    """Whether wake-ups go by a broker. Raises `Misconfigured` where that cannot be."""
    if not settings.broker_url:
        return False
    if settings.database_url.startswith("sqlite"):
        raise Misconfigured("BRIDGE_BROKER_URL is for several hosts, and those need PostgreSQL")
    if find_spec("celery") is None:
        raise Misconfigured(
            "BRIDGE_BROKER_URL needs Celery: pip install 'helpdesk-bridge[celery]', "
            "or the locked versions of requirements/celery.txt"
        )
    return True


def tell_by_broker(ledger: Ledger, settings: Settings) -> None:
    """What is woken in this ledger from now on is told by the broker, if one is set, and not by
    PostgreSQL. Nobody is connected to before the first ring. Raises `Misconfigured`."""
    if carries(settings):
        ledger.ring_by(Ringer(Mouth(settings.broker_url)))


def ear(settings: Settings) -> Hear | None:
    """How a worker hears of wake-ups where a broker is set. Raises `Misconfigured`."""
    return Ear(settings.broker_url).listen if carries(settings) else None


class Mouth:
    """A connection to the broker that says one thing."""

    def __init__(self, url: Secret) -> None:
        self._url = url
        self._app: Any = None
        self._queue: Any = None  # names the exchange; nobody listens to this one
        self._conn: Any = None
        self._producer: Any = None

    def tell(self) -> None:
        """Raises `ConnectionError` when it could not be said; the next one begins anew. Celery is
        loaded with the first: most commands wake nobody."""
        if self._app is None:
            self._app, self._queue = _celery(self._url), _queue()
        if self._conn is None:
            self._conn = self._app.connection_for_write(self._url.reveal(), connect_timeout=WITHIN)
        try:
            if self._producer is None:
                self._conn.connect()
                self._producer = self._app.amqp.Producer(self._conn)
            self._app.send_task(
                TASK,
                producer=self._producer,
                queue=self._queue,
                declare=[self._queue.exchange],
                delivery_mode="transient",
                ignore_result=True,
                retry=False,
            )
        except _failures(self._conn) as lost:
            self._conn.collect(WITHIN)  # nobody is waited for who does not answer
            self._conn = self._producer = None
            raise ConnectionError(type(lost).__name__) from lost

    def hang_up(self) -> None:
        conn, self._conn, self._producer = self._conn, None, None
        if conn is not None:
            conn.release()


class Ear:
    """A queue of this process's own that everybody's messages come to; it is gone with us."""

    def __init__(self, url: Secret) -> None:
        self._url = url
        self._app = _celery(url)

    def listen(self, ring: Callable[[], None], over: threading.Event) -> None:
        """Ring for every message until it is over; connect again for as long as it takes."""
        while not over.is_set():
            conn = self._app.connection_for_read(
                self._url.reveal(), connect_timeout=WITHIN, heartbeat=HEARTBEAT
            )
            try:
                self._connected(conn, ring, over)
                conn.release()
            except _failures(conn) as lost:
                log.warning("not listening: the broker does not answer", error=type(lost).__name__)
                conn.collect(WITHIN)
                over.wait(AFTER_A_LOSS)
                ring()

    def _connected(self, conn: Any, ring: Callable[[], None], over: threading.Event) -> None:
        conn.connect()
        with conn.Consumer([_queue()], on_message=lambda _: ring(), no_ack=True):
            _drain(conn)  # Redis subscribes only now
            ring()  # for what was said while nobody listened
            while not over.is_set():
                _drain(conn)


def _drain(conn: Any) -> None:
    if conn.supports_heartbeats:
        conn.heartbeat_check()
    try:
        conn.drain_events(timeout=LISTEN_FOR)
    except TimeoutError:
        return


def _celery(url: Secret) -> Any:
    """Its connections are asked for by address: CELERY_BROKER_URL of the environment, which a fleet
    may have for its own tasks, would stand above what is set here."""
    from celery import Celery

    app = Celery("bridge", broker=url.reveal(), set_as_current=False)
    app.conf.update(
        broker_connection_timeout=WITHIN,
        broker_transport_options=_patience(url.reveal()),
        task_ignore_result=True,
        worker_enable_remote_control=False,
    )
    return app


def _patience(url: str) -> dict[str, Any]:
    """How soon a connection that fell silent is given up, in the words of kombu's transports
    (https://docs.celeryq.dev/projects/kombu/en/stable/reference/kombu.transport.redis.html)."""
    if url.startswith("redis"):
        return {
            "socket_connect_timeout": WITHIN,
            "socket_timeout": WITHIN,
            "socket_keepalive": True,
            "socket_keepalive_options": _keepalive(),
        }
    return {"write_timeout": WITHIN, "socket_settings": _keepalive()}


def _keepalive() -> dict[int, int]:
    if sys.platform != "linux":
        return {}
    return {socket.TCP_KEEPIDLE: 10, socket.TCP_KEEPINTVL: 3, socket.TCP_KEEPCNT: 3}


def _queue() -> Any:
    """One message is as good as many, so no more than one is kept for a worker that is frozen."""
    from kombu import Exchange
    from kombu.common import Broadcast

    everybody = Exchange(TASK, type="fanout", durable=True)
    kept = {"durable": False, "exclusive": True, "max_length": 1}
    # Celery would put in a key of its own, and with Redis a key is part of the channel's name.
    return Broadcast(TASK, exchange=everybody, routing_key=TASK, **kept)


def _failures(conn: Any) -> tuple[type[Exception], ...]:
    from kombu.exceptions import KombuError

    return (*conn.connection_errors, *conn.channel_errors, KombuError, OSError)
