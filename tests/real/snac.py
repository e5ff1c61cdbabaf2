"""snac, a Mastodon-compatible server that nobody here wrote, on this machine's loopback.

Small, and odd in ways that real servers are (https://codeberg.org/grunfink/snac2);
`test_real_server.py` records them. Its people federate with one another through the server's own
inbox, in three steps of up to 3 s each: a mention is told of some 9 s after it was posted.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TypeVar

import requests

from .debian import CannotBeHad, Program, program
from .people import TIMEOUT, Customer, NotSeen, until

LIBRARIES = ("libc6", "libcurl4t64", "libssl3t64")
BRAND = "brand"
CUSTOMERS = ("mara", "tom")
STRANGER = "eve"
OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"

# The server talks to itself while it answers us; with its few default threads it waits for
# itself until both sides give up.
THREADS = 24
SECONDS_TO_PROVISION = 30.0
PORTS_TO_TRY = 3
DATA, LOG = "snac", "snac.log"
TRIES = 3

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RealMastodon:
    """A running server with its people; gone, with all it held, when its fixture ends.

    `at_brand` is what a customer writes to mention the brand. `stranger` takes part in nothing:
    no direct message may be shown to them (`stranger.is_shown`).
    """

    url: str
    version: str
    brand: Customer
    customers: dict[str, Customer]
    stranger: Customer
    folder: Path
    log: Path
    at_brand: str = f"@{BRAND}"

    @property
    def host(self) -> str:
        """Host and port as in the URL: what the bridge has to be told to trust."""
        return self.url.removeprefix("http://")

    @property
    def brand_token(self) -> str:
        return self.brand.token

    def delete(self, customer: Customer, status_id: str) -> None:
        """Delete a customer's status, and wait until it is gone, some 9 s later."""
        self.begin_to_delete(customer, status_id)
        until(lambda: customer.reads(status_id) is None, f"{status_id} to be gone")

    def alone(self, say: Callable[[], T]) -> T:
        """What `say` answers, once the server has delivered what it said, some 6 s later.

        The server names what it has taken in by the microsecond: of two deliveries that arrive in
        the same one, one is lost, though both were answered with 202. Whatever is waited for is
        therefore said alone.
        """
        said = say()
        self._settles()
        return said

    def lost(self) -> set[str]:
        """What the server had taken in and then lost (see `alone`), by its own log."""
        return lost(self.log.read_text(encoding="utf-8", errors="replace"))

    def begin_to_delete(self, customer: Customer, status_id: str) -> None:
        """Delete it the way the server's own page does: its API cannot.

        A copy of the status that is still on its way brings it back to life, so the server's
        post has to be delivered first.
        """
        status = customer.reads(status_id)
        assert status is not None, f"{status_id} is not there to be deleted"
        self._settles()
        answer = requests.post(
            f"{self.url}/{customer.name}/admin/action",
            auth=(customer.name, customer.password),
            data={
                "id": status["uri"],
                "actor": f"{self.url}/{customer.name}",
                "action": "Delete",
            },
            headers={"Connection": "close"},
            allow_redirects=False,
            timeout=TIMEOUT,
        )
        answer.raise_for_status()

    def sign_out(self, customer: Customer) -> None:
        """Make a person's token worthless, as an owner does who no longer trusts an app."""
        (self.folder / "token" / f"{customer.token}.json").unlink()

    def _settles(self) -> None:
        until(self._is_settled, "the server's post to be delivered")

    def _is_settled(self) -> bool:
        """Nothing waits in the queue of the server or of any of its people."""
        return not any(self.folder.glob("queue/*.json")) and not any(
            self.folder.glob("user/*/queue/*.json")
        )


def lived(servers: Iterator[RealMastodon], live: Callable[[RealMastodon], T]) -> T:
    """What `live` answers on a server, or else on another one: what a server loses (see
    `RealMastodon.alone`) is waited for in vain. Raises `NotSeen` where that happens every time."""
    for server in islice(servers, TRIES - 1):
        try:
            return live(server)
        except NotSeen:
            continue
    return live(next(servers))


def lost(log: str) -> set[str]:
    """What a server's log says it took in, without what it says it gave to anybody."""
    taken = set(re.findall(r" enqueue_shared_input (\S+)", log))
    return taken - set(re.findall(r" enqueue_input \(from shared inbox\) (\S+)", log))


def had() -> Program:
    """The server's program, from the cache or from Debian. Raises `CannotBeHad`."""
    return program("snac2", "usr/bin/snac", LIBRARIES)


@contextmanager
def running(snac: Program, folder: Path) -> Iterator[RealMastodon]:
    """The server with its people, data in `folder`. Raises `CannotBeHad` if it will not start."""
    server, port, passwords = _started(snac, folder)
    try:
        url = f"http://127.0.0.1:{port}"
        yield _introduced(url, snac.version, folder, passwords)
    finally:
        _stop(server)


def _started(snac: Program, folder: Path) -> tuple[subprocess.Popen[bytes], int, dict[str, str]]:
    """The server, its port and its people's passwords."""
    log_file = folder / LOG
    for _ in range(PORTS_TO_TRY):
        data = folder / DATA
        shutil.rmtree(data, ignore_errors=True)
        port = _free_port()
        passwords = _provision(snac, data, port)
        with log_file.open("wb") as log:
            server = subprocess.Popen(
                (*_dying_with_us(), *snac.command, "httpd", str(data)),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, "DEBUG": "1"},
            )
        if _comes_up(server, port):
            return server, port, passwords
        # Somebody may have taken the port in between.
        _stop(server)
    said = log_file.read_text(encoding="utf-8", errors="replace")
    raise CannotBeHad(f"snac does not start here: {said.strip()[-300:]}")


def _comes_up(server: subprocess.Popen[bytes], port: int) -> bool:
    try:
        until(lambda: _answers(port) or server.poll() is not None, "the server to start")
    except NotSeen:
        return False
    return server.poll() is None


def _provision(snac: Program, data: Path, port: int) -> dict[str, str]:
    """An empty server with its people, before it starts; their passwords by name.

    The port is part of the server's name: its signatures are made over host and port.
    """
    questions = f"127.0.0.1\n{port}\n127.0.0.1:{port}\n\n\n"
    _told(snac, ("init", str(data)), questions)
    settings_file = data / "server.json"
    settings = json.loads(settings_file.read_text(encoding="utf-8"))
    settings |= {
        "protocol": "http",
        "num_threads": THREADS,
        # What could not be delivered on a busy machine is tried again at once, not minutes later.
        "queue_timeout": 20,
        "queue_timeout_2": 20,
        "queue_retry_minutes": 0,
        "disable_email_notifications": True,
        "disable_sandbox": True,
    }
    settings_file.write_text(json.dumps(settings), encoding="utf-8")
    passwords = {}
    for name in (BRAND, *CUSTOMERS, STRANGER):
        answer = _told(snac, ("adduser", str(data), name), "")
        shown = re.search(r"User password is (\S+)", answer)
        if shown is None:
            raise CannotBeHad(f"snac did not tell {name}'s password: {answer.strip()[-200:]}")
        passwords[name] = shown.group(1)
    return passwords


def _told(snac: Program, words: tuple[str, ...], says: str) -> str:
    answer = subprocess.run(
        (*snac.command, *words),
        input=says,
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS_TO_PROVISION,
    )
    if answer.returncode != 0:
        raise CannotBeHad(f"snac {words[0]} failed: {answer.stderr.strip()[-200:]}")
    return answer.stdout + answer.stderr


def _introduced(url: str, version: str, folder: Path, passwords: dict[str, str]) -> RealMastodon:
    people = {name: _signed_in(url, name, password) for name, password in passwords.items()}
    return RealMastodon(
        url=url,
        version=version,
        brand=people[BRAND],
        customers={name: people[name] for name in CUSTOMERS},
        stranger=people[STRANGER],
        folder=folder / DATA,
        log=folder / LOG,
    )


def _signed_in(url: str, name: str, password: str) -> Customer:
    """Sign in as an app does: registered, allowed by the person, code for token (RFC 6749, 4.1)."""
    # Each call has a connection of its own: the server closes them all without saying so.
    registered = requests.post(
        f"{url}/api/v1/apps",
        data={"client_name": "tests", "redirect_uris": OUT_OF_BAND, "scopes": "read write"},
        timeout=TIMEOUT,
    ).json()
    page = requests.post(
        f"{url}/oauth/x-snac-login",
        data={
            "login": name,
            "passwd": password,
            "redir": OUT_OF_BAND,
            "cid": registered["client_id"],
            "state": "",
        },
        timeout=TIMEOUT,
    )
    # Out of band the page is the code itself, and nothing around it.
    code = page.text.strip().split("&")[0]
    granted = requests.post(
        f"{url}/oauth/token",
        data={
            "grant_type": "authorization_code",
            "code": code,
            "client_id": registered["client_id"],
            "client_secret": registered["client_secret"],
            "redirect_uri": OUT_OF_BAND,
        },
        timeout=TIMEOUT,
    )
    if granted.status_code != 200:
        raise CannotBeHad(f"snac gave {name} no token: {granted.status_code} {page.text[:100]}")
    token = granted.json()["access_token"]
    own = requests.get(
        f"{url}/api/v1/accounts/verify_credentials",
        headers={"Authorization": f"Bearer {token}"},
        timeout=TIMEOUT,
    ).json()
    return Customer(
        url=url,
        name=name,
        account_id=own["id"],
        handle=f"{name}@{url.removeprefix('http://')}",
        token=token,
        password=password,
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _dying_with_us() -> tuple[str, ...]:
    """So that a test run which is itself killed leaves no server behind (setpriv(1))."""
    setpriv = shutil.which("setpriv")
    return (setpriv, "--pdeathsig", "KILL") if setpriv else ()


def _stop(server: subprocess.Popen[bytes]) -> None:
    """At once: nothing of what it holds is wanted any more."""
    server.kill()
    server.wait()
