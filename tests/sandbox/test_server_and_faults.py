"""The base of every stand-in: real sockets, things that go wrong on purpose, a record of it all."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
import requests
from flask import Flask, request

from bridge.sandbox.faults import Faults
from bridge.sandbox.server import Running, serve


class Counter:
    """A small application that counts what was carried out."""

    def __init__(self) -> None:
        self.faults = Faults(more=("dm_refused",))
        self.written = 0
        self.entered = threading.Event()
        app = Flask(__name__)
        app.add_url_rule("/things.json", view_func=self.write, methods=["GET", "POST", "PUT"])
        app.add_url_rule("/peer", view_func=lambda: str(request.environ["REMOTE_PORT"]))
        self.app = self.faults.wrap(app.wsgi_app)

    def write(self) -> dict[str, int]:
        self.entered.set()
        if request.method != "GET":
            self.written += 1
        return {"written": self.written}


@pytest.fixture
def counter() -> Counter:
    return Counter()


@pytest.fixture
def running(counter: Counter) -> Iterator[Running]:
    with serve(counter.app) as running:
        yield running


@pytest.fixture
def http() -> Iterator[requests.Session]:
    with requests.Session() as session:
        yield session


def test_connection_lost_before_the_write(
    counter: Counter, running: Running, http: requests.Session
) -> None:
    """The client loses its connection and nothing was carried out."""
    counter.faults.add("drop_before_write", method="POST")
    with pytest.raises(requests.ConnectionError):
        http.post(running.url + "/things.json", json={"a": 1}, timeout=30)
    assert (
        counter.written,
        counter.faults.asked()[0].status,
        counter.faults.asked()[0].fault,
    ) == (0, None, "drop_before_write")
    assert http.post(running.url + "/things.json", json={}, timeout=30).json() == {"written": 1}


def test_connection_lost_after_the_write(
    counter: Counter, running: Running, http: requests.Session
) -> None:
    """The client loses its connection although the write was carried out."""
    counter.faults.add("drop_after_write", path="/things*")
    with pytest.raises(requests.ConnectionError):
        http.post(running.url + "/things.json", json={}, timeout=30)
    assert counter.written == 1


@pytest.mark.parametrize(
    ("name", "details", "status", "wait", "kind"),
    [
        ("429", {"retry_after": 7}, 429, "7", "application/json"),
        ("429", {}, 429, "1", "application/json"),
        ("429_without_wait", {}, 429, None, "application/json"),
        ("429_not_json", {}, 429, "1", "text/html"),
        ("409", {}, 409, None, "application/json"),
        ("422_closed", {}, 422, None, "application/json"),
        ("401", {}, 401, None, "application/json"),
        ("500", {}, 500, None, "application/json"),
        ("503", {"retry_after": 3}, 503, "3", "application/json"),
    ],
)
def test_answered_instead(
    counter: Counter,
    running: Running,
    http: requests.Session,
    name: str,
    details: dict[str, float],
    status: int,
    wait: str | None,
    kind: str,
) -> None:
    """A fault that answers hits the named number of requests, and those carry nothing out."""
    counter.faults.add(name, method="PUT", times=2, **details)
    answers = [http.put(running.url + "/things.json", timeout=30) for _ in range(3)]
    assert [status, status, 200] == [answer.status_code for answer in answers]
    assert wait == answers[0].headers.get("Retry-After")
    assert kind == answers[0].headers["Content-Type"].split(";")[0]
    assert counter.written == 1


def test_fault_can_let_requests_pass_first(
    counter: Counter, running: Running, http: requests.Session
) -> None:
    """`skip` lets the first matching requests through."""
    counter.faults.add("500", skip=1)
    statuses = [http.get(running.url + "/things.json", timeout=30).status_code for _ in range(3)]
    assert statuses == [200, 500, 200]


def test_answer_lost_after_a_write_that_took_too_long(
    counter: Counter, running: Running, http: requests.Session
) -> None:
    """A gateway's 504 may come although the write was carried out."""
    counter.faults.add("504_after_write")
    assert http.post(running.url + "/things.json", timeout=30).status_code == 504
    assert counter.written == 1


def test_stopping_ends_a_slow_answer(counter: Counter) -> None:
    """A server stops at once although an answer is being slow and a connection is idle."""
    running = serve(counter.app)
    idle = requests.Session()
    idle.get(running.url + "/peer", timeout=30)
    counter.faults.add("slow_after_write", seconds=60)
    failed = threading.Event()

    def ask() -> None:
        with requests.Session() as session:
            try:
                session.post(running.url + "/things.json", timeout=60)
            except requests.ConnectionError:
                failed.set()

    asking = threading.Thread(target=ask)
    asking.start()
    assert counter.entered.wait(30)
    running.stop()
    asking.join(30)
    assert (asking.is_alive(), failed.is_set(), counter.written) == (False, True, 1)
    idle.close()


def test_slow_answer_can_be_released(
    counter: Counter, running: Running, http: requests.Session
) -> None:
    """Clearing the faults lets a slow answer go on at once, and it arrives whole."""
    counter.faults.add("slow_after_write", seconds=60)
    let_go = threading.Thread(target=lambda: counter.entered.wait(30) and counter.faults.release())
    let_go.start()
    assert http.post(running.url + "/things.json", timeout=30).json() == {"written": 1}
    let_go.join()


def test_connections_are_kept(counter: Counter, running: Running, http: requests.Session) -> None:
    """Requests one after the other share one connection, also when a body was not read."""
    ports = {
        http.get(running.url + "/peer", data=b"unread" * 1000, timeout=30).text for _ in range(3)
    }
    assert len(ports) == 1


def test_over_http(running: Running, http: requests.Session) -> None:
    """Faults are switched on, listed and cleared over HTTP; wrong ones are refused."""
    address = running.url + "/sandbox/faults"
    assert http.post(address, json={"fault": "typo"}, timeout=30).status_code == 400
    assert http.post(address, json={"fault": "429", "times": 0}, timeout=30).status_code == 400
    assert http.post(address, data=b"{", timeout=30).status_code == 400
    assert http.post(address, json={"fault": "500", "times": None}, timeout=30).status_code == 200
    assert http.get(running.url + "/things.json", timeout=30).status_code == 500
    assert [one["fault"] for one in http.get(address, timeout=30).json()["faults"]] == ["500"]
    assert http.delete(address, timeout=30).json()["faults"] == []
    assert http.get(running.url + "/things.json", timeout=30).status_code == 200


def test_record_of_requests(running: Running, counter: Counter, http: requests.Session) -> None:
    """Every request is recorded with its body and answer, and none of its secrets."""
    http.post(
        running.url + "/things.json?a=1",
        json={"x": "y"},
        headers={"Authorization": "Bearer hush"},
        timeout=30,
    )
    http.get(running.url + "/things.json", timeout=30)
    one = counter.faults.asked("POST", "/things")[0]
    assert (
        one.method,
        one.path,
        one.query,
        one.json(),
        one.status,
    ) == ("POST", "/things.json", "a=1", {"x": "y"}, 200)
    shown = http.get(running.url + "/sandbox/requests?method=POST", timeout=30)
    assert len(shown.json()["requests"]) == 1
    assert "hush" not in shown.text
    http.delete(running.url + "/sandbox/requests", timeout=30)
    assert counter.faults.asked() == ()


def test_fault_of_the_application(counter: Counter) -> None:
    """A stand-in can have faults of its own, consumed in code."""
    counter.faults.add("dm_refused", path="/api/*")
    assert counter.faults.take("dm_refused", path="/other") is None
    assert counter.faults.take("dm_refused", path="/api/v1/statuses") is not None
    assert counter.faults.take("dm_refused", path="/api/v1/statuses") is None


def test_port_that_is_taken(running: Running, counter: Counter) -> None:
    """Asking for a taken port is an error at once."""
    with pytest.raises(OSError, match="in use"):
        serve(counter.app, port=running.port)
