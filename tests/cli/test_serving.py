"""Real processes: gunicorn, workers, and the parent that looks after both."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import sys
from contextlib import closing

import pytest

from bridge.ledger import deliveries
from bridge.model import utcnow
from bridge.settings import Secret
from bridge.signing import sign

MESSAGE = {
    "type": "message.created",
    "timestamp": "2026-11-21T12:00:00Z",
    "data": {"id": "m1", "author": {"id": "7", "name": "Ada"}, "text": "Where is my parcel?"},
}


def ask(address, method, path, body=None, headers=None, chunked=False):
    with closing(http.client.HTTPConnection(*address, timeout=30)) as line:
        line.request(method, path, body=body, headers=headers or {}, encode_chunked=chunked)
        answer = line.getresponse()
        content = answer.read()
    kind = answer.headers.get_content_type()
    return answer.status, json.loads(content) if kind == "application/json" else content.decode()


def raw(address, request):
    """What comes back for these very bytes, until the server closes."""
    with closing(socket.create_connection(address, timeout=30)) as line:
        line.sendall(request)
        line.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: line.recv(65536), b""))


@pytest.fixture
def signed(environ):
    def headers(body, key="msg_1"):
        return sign([Secret(environ["SITE_SECRET"])], key, utcnow(), body)

    return headers


def test_without_settings_web_says_what_is_missing(spawn):
    """Exit code 2 and a sentence, before anything listens."""
    web = spawn("web", "--port=0", ZENDESK_URL="")
    assert web.wait() == 2
    assert "ZENDESK_URL" in str(web.lines)
    assert "Traceback" not in str(web.lines)


def test_web_keeps_what_is_pushed(spawn, store, signed):
    """Over a real socket, through real gunicorn: refused, kept, again, and too large."""
    web = spawn("web", "--port=0", BRIDGE_MAX_BODY="2000")
    address = web.address
    hook = "/hooks/site/shop"
    body = json.dumps(MESSAGE).encode()
    headers = signed(body)

    assert ask(address, "POST", hook, body)[0] == 401
    assert ask(address, "POST", hook, body, headers) == (200, {"received": 1})
    assert ask(address, "POST", hook, body, headers) == (200, {"received": 1, "again": True})

    large = b"x" * 5_000_000
    assert ask(address, "POST", hook, large, signed(large))[0] == 413
    chunks = (b"x" * 50_000 for _ in range(100))
    chunked = {**signed(b""), "Transfer-Encoding": "chunked"}
    assert ask(address, "POST", hook, chunks, chunked, chunked=True)[0] == 413
    pieces = iter([body[:20], body[20:]])
    chunked = {**signed(body, "msg_2"), "Transfer-Encoding": "chunked"}
    status, answer = ask(address, "POST", hook, pieces, chunked, chunked=True)
    second = answer["received"]
    assert (status, answer) == (200, {"received": second})
    assert second > 1

    assert ask(address, "GET", "/health")[0] == 200
    assert ask(address, "GET", "/ready")[0] == 200
    assert 'bridge_deliveries{state="waiting"} 2.0' in ask(address, "GET", "/metrics")[1]
    with store.reading() as tx:
        assert {"waiting": 2} == deliveries.counts(tx)
        kept = deliveries.one(tx, second)
    assert kept is not None
    assert body == kept.body
    assert web.end() == 0
    log = str(web.lines)
    assert "Where is my parcel" not in log
    for said in (
        '"event": "received"',
        f'"delivery": {second}',
        '"request": "',
        '"source": "shop"',
    ):
        assert said in log


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"Content-Length: 10\r\n\r\nshort", b"400"),
        (b"Transfer-Encoding: chunked\r\n\r\nzz\r\nnonsense\r\n0\r\n\r\n", b"400"),
        (
            b"Content-Length: 2\r\nwebhook-id: \xe9\xff\r\nwebhook-signature: v1,\xe9\r\n\r\n{}",
            b"401",
        ),
        (b"Content-Length: 2\r\nwebhook-id: a\r\nwebhook-id: b\r\n\r\n{}", b"401"),
        (b"Content-Length: -5\r\n\r\n{}", b"400"),
    ],
)
def test_a_broken_request_is_never_a_500(spawn, store, request_, status):
    """Bodies that break off, chunks that are none, headers in no charset."""
    web = spawn("web", "--port=0")
    head = b"POST /hooks/site/shop HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    answer = raw(web.address, head + request_)
    assert status == answer.split(b" ")[1]
    assert web.end() == 0


def test_a_worker_needs_a_database_of_this_release(spawn):
    """Exit code 2, and what to run."""
    worker = spawn("worker")
    assert worker.wait() == 2
    assert "bridge migrate" in str(worker.lines)


def test_a_worker_does_the_work_and_stops_when_told(spawn, store):
    """A delivery that waits is sorted; on SIGTERM the process ends well."""
    with store.writing() as tx:
        deliveries.receive(tx, source="shop", key="k", via="webhook", body=b"nonsense")
    worker = spawn("worker", "--threads=2")
    worker.until("working", threads=2, mapping=1)
    assert worker.end() == 0
    assert "stopped" in str(worker.lines)


def test_run_ends_its_children_when_told(spawn):
    """Web and worker in one command, on an empty database; on SIGTERM nothing is left."""
    run = spawn("run", "--port=0", "--threads=1")
    run.until("working")
    assert run.end() == 0


def test_ctrl_c_ends_everything(spawn):
    """The same for a person at a terminal."""
    run = spawn("run", "--port=0", "--threads=1")
    run.until("working")
    assert run.end(signal.SIGINT) == 0


@pytest.mark.parametrize("part", ["web", "worker"])
def test_run_ends_when_a_part_of_it_dies(spawn, part):
    """Half a bridge is none: the other part is ended too, and the exit code says so."""
    run = spawn("run", "--port=0", "--threads=1")
    pid = run.until("started", part=part)["pid"]
    run.until("working")
    os.kill(pid, signal.SIGKILL)
    assert run.wait() == 1
    assert "ended by itself" in str(run.lines)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died")
def test_nothing_outlives_a_killed_parent(spawn):
    """kill -9 of `run`: web and worker end as well."""
    run = spawn("run", "--port=0", "--threads=1")
    run.until("working")
    assert run.end(signal.SIGKILL) == -signal.SIGKILL
