"""Hosts on this machine: network namespaces with addresses of their own, on a bridge that is a
network of its own. A host can be killed whole, cut off and healed.

A cut is silent, as behind a switch that died: packets vanish in both directions, no link goes down
and nobody is sent an RST. What was connected stays half-open on both sides.

The namespaces' loopback is their own, so whatever a host is to reach listens on `Network.address`,
or is brought there by `forwarded`.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

from bridge.sandbox.household import DidNotStart

NETS = range(2, 250)
PARTS = "198.18.{net}.{host}"
"""Addresses set aside for measuring networks (https://www.rfc-editor.org/rfc/rfc2544, C.2.2)."""
FIRST = 10
END_WITHIN = 20.0


class NoHosts(DidNotStart):
    """Hosts cannot be made on this machine; why not is in the message."""


@dataclass
class Host:
    """`name` is what it is called in logs, `address` its own."""

    name: str
    address: str
    namespace: str
    _port: str
    _bridge: str
    _running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def run(
        self, command: Sequence[str], environ: Mapping[str, str], log: Path, folder: Path
    ) -> subprocess.Popen[bytes]:
        """Start a command there; what it says is added to `log`."""
        with log.open("ab") as said:
            process = subprocess.Popen(
                ["ip", "netns", "exec", self.namespace, *command],  # noqa: S607
                env=dict(environ),
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
            )
        self._running.append(process)
        return process

    def ask_to_stop(self) -> None:
        """Its processes are to end what they are at. (`ip netns exec` becomes the command.)"""
        for process in self._running:
            process.terminate()

    def stop(self) -> list[int]:
        """Wait for that, insist after a while; each process's exit code."""
        codes = []
        for process in self._running:
            try:
                codes.append(process.wait(END_WITHIN))
            except subprocess.TimeoutExpired:
                codes.append(-signal.SIGKILL)
        self.kill()
        return codes

    def kill(self) -> None:
        """As a power cut would: everything in it at once."""
        for pid in self.pids():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for process in self._running:
            process.wait(END_WITHIN)
        self._running.clear()

    def pids(self) -> tuple[int, ...]:
        """Everything that runs there."""
        return tuple(int(pid) for pid in _ip("netns", "pids", self.namespace).split())

    def cut(self) -> None:
        """Nothing comes in, nothing goes out, nobody is told."""
        _ip("link", "set", self._port, "nomaster")

    def heal(self) -> None:
        _ip("link", "set", self._port, "master", self._bridge)

    def is_running(self) -> bool:
        return bool(self._running) and all(one.poll() is None for one in self._running)


@dataclass
class Network:
    """`address` is this machine's own on it."""

    address: str
    hosts: dict[str, Host] = field(default_factory=dict)


@contextmanager
def network(*names: str) -> Iterator[Network]:
    """So many hosts that reach `Network.address` and nothing else. Raises `NoHosts`."""
    _can_be_had()
    with ExitStack() as stack:
        bridge, net = _bridge()
        stack.callback(_forgotten, "link", "del", bridge)
        ours = PARTS.format(net=net, host=1)
        mac = _mac(net, 1)
        made = Network(ours)
        try:
            _ip("link", "set", bridge, "address", mac, "up")
            _ip("addr", "add", f"{ours}/24", "dev", bridge)
            for number, name in enumerate(names):
                made.hosts[name] = _host(stack, bridge, net, FIRST + number, name)
        except subprocess.CalledProcessError as refused:
            raise NoHosts(f"ip {' '.join(refused.cmd[1:])}: {refused.stderr.strip()}") from refused
        yield made


def _can_be_had() -> None:
    if sys.platform != "linux":
        raise NoHosts("network namespaces are Linux's")
    if os.geteuid() != 0:
        raise NoHosts("only root may make network namespaces")
    if shutil.which("ip") is None:
        raise NoHosts("there is no `ip` command (package iproute2)")


def _bridge() -> tuple[str, int]:
    """A bridge whose name, and so whose net, nobody else has at this moment."""
    why = ""
    for net in NETS:
        try:
            _ip("link", "add", f"hb{net}", "type", "bridge")
        except subprocess.CalledProcessError as refused:
            why = refused.stderr.strip()
            if "exists" not in why:
                break
        else:
            return f"hb{net}", net
    raise NoHosts(f"no network bridge can be made: {why}")


def _host(stack: ExitStack, bridge: str, net: int, number: int, name: str) -> Host:
    space, port = f"{bridge}-{number}", f"{bridge}p{number}"
    address, mac = PARTS.format(net=net, host=number), _mac(net, number)
    _ip("netns", "add", space)
    stack.callback(_forgotten, "netns", "del", space)
    host = Host(name, address, space, port, bridge)
    stack.callback(host.kill)
    peer = ("peer", "name", "eth0", "address", mac, "netns", space)
    _ip("link", "add", port, "type", "veth", *peer)
    # By name, which is done at once; with its namespace it goes some time later.
    stack.callback(_forgotten, "link", "del", port)
    _ip("link", "set", port, "master", bridge, "up")
    inside = ("-n", space)
    _ip(*inside, "link", "set", "lo", "up")
    _ip(*inside, "addr", "add", f"{address}/24", "dev", "eth0")
    _ip(*inside, "link", "set", "eth0", "up")
    # Whoever cannot be reached is not found out by ARP either: real hosts have a router between.
    ours = PARTS.format(net=net, host=1)
    _ip(*inside, "neigh", "add", ours, "lladdr", _mac(net, 1), "dev", "eth0", "nud", "permanent")
    _ip("neigh", "add", address, "lladdr", mac, "dev", bridge, "nud", "permanent")
    return host


def _mac(net: int, number: int) -> str:
    return f"02:00:00:00:{net:02x}:{number:02x}"


def _ip(*words: str) -> str:
    done = subprocess.run(
        ["ip", *words],  # noqa: S607
        capture_output=True,
        text=True,
        check=True,
        timeout=20,
    )
    return done.stdout


def _forgotten(*words: str) -> None:
    with suppress(subprocess.CalledProcessError):
        _ip(*words)


@dataclass
class Database:
    """A PostgreSQL server of our own. `url` names an empty database on it."""

    url: str
    _command: list[str]
    _log: Path
    _process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Raises `DidNotStart`."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, stdout=log, stderr=log, user=_nobody(), group=_nobody()
            )
        pause = threading.Event()
        for _ in range(200):
            with suppress(psycopg.OperationalError), psycopg.connect(self.url, connect_timeout=2):
                return
            if self._process.poll() is not None:
                break
            pause.wait(0.1)
        raise DidNotStart(self._log.read_text(errors="replace")[-2000:])

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """SIGINT throws everybody out, SIGQUIT is a crash
        (https://www.postgresql.org/docs/15/server-shutdown.html)."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(END_WITHIN)
            self._process = None


@contextmanager
def database(address: str, connections: int = 100) -> Iterator[Database]:
    """A server that listens there, with so many connections at most. Raises `NoHosts` where
    PostgreSQL is not installed, `DidNotStart` where it does not start."""
    binaries = _postgres()
    with TemporaryDirectory(prefix="bridge-postgres-") as made:
        home = Path(made)
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            shutil.chown(home, "postgres")
        data = home / "data"
        new = [str(binaries / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "-N"]
        subprocess.run(
            new, check=True, capture_output=True, timeout=60, user=_nobody(), group=_nobody()
        )
        with (data / "pg_hba.conf").open("a") as allowed:
            allowed.write("host all all 198.18.0.0/15 trust\n")
        port = _free_port(address)
        settings = {
            "listen_addresses": address,
            "port": port,
            "unix_socket_directories": home,
            "max_connections": connections,
        }
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        command = [str(binaries / "postgres"), "-D", str(data), *words]
        server = Database(f"postgresql://postgres@{address}:{port}/postgres", command, home / "log")
        server.start()
        try:
            yield server
        finally:
            server.stop(signal.SIGQUIT)


def _postgres() -> Path:
    found = shutil.which("initdb")
    if found:
        return Path(found).parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not versions:
        raise NoHosts("no PostgreSQL is installed (package postgresql)")
    return versions[-1].parent


def _nobody() -> str | None:
    """Who PostgreSQL runs as; None is who we are."""
    return "postgres" if os.geteuid() == 0 else None


def _free_port(address: str) -> int:
    with socket.socket() as probe:
        probe.bind((address, 0))
        port: int = probe.getsockname()[1]
        return port


class Forwarder:
    """What listens on this machine's loopback, brought to `address`. It can be interrupted: then
    nobody new is let in, and who was there is thrown out."""

    def __init__(self, address: str, port: int) -> None:
        self._target = ("127.0.0.1", port)
        self.address, self.port = address, _free_port(address)
        self._door: socket.socket | None = None
        self._lines: set[socket.socket] = set()
        self._guard = threading.Lock()
        self.open()

    def open(self) -> None:
        door = socket.create_server((self.address, self.port))
        self._door = door
        threading.Thread(target=self._let_in, args=(door,), daemon=True).start()

    def interrupt(self) -> None:
        door, self._door = self._door, None
        if door is not None:
            with suppress(OSError):
                door.shutdown(socket.SHUT_RDWR)
            door.close()
        with self._guard:
            lines = tuple(self._lines)
        for line in lines:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def _let_in(self, door: socket.socket) -> None:
        while True:
            try:
                near, _ = door.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(self._target, 5)
            except OSError:
                near.close()
                continue
            far.settimeout(None)
            for one, other in ((near, far), (far, near)):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        with self._guard:
            self._lines.add(one)
        with closing(one):
            with suppress(OSError):
                while some := one.recv(65536):
                    other.sendall(some)
            with suppress(OSError):
                other.shutdown(socket.SHUT_WR)
            with self._guard:
                self._lines.discard(one)


@contextmanager
def forwarded(address: str, port: int) -> Iterator[Forwarder]:
    """127.0.0.1:`port`, to be reached from the hosts."""
    forwarder = Forwarder(address, port)
    try:
        yield forwarder
    finally:
        forwarder.interrupt()
