"""Calls to other people's servers, against real ones on loopback."""

from __future__ import annotations

import contextlib
import datetime as dt
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from bridge import outside
from bridge.addresses import is_public
from bridge.errors import Again, Gone, RateLimited, Refused, Unreachable
from bridge.outside import download, new_session, wait_named

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
TIMEOUT = (5.0, 20.0)
OUTWARD = "93.184.215.14"


class Served:
    """A server on loopback: what it was asked, and what it answers to which path."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.answers: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        served = self

        class Door(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                length = int(self.headers.get("Content-Length", "0"))
                self.rfile.read(length)
                served.asked.append((self.command, self.path, dict(self.headers.items())))
                status, headers, body = served.answers.get(self.path, (404, {}, b"no"))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if "Content-Length" not in headers and "Transfer-Encoding" not in headers:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET

            def log_message(self, *_: Any) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self._server.daemon_threads = True
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.port: int = self._server.server_address[1]
        self.host = f"127.0.0.1:{self.port}"
        self.url = f"http://{self.host}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def site() -> Iterator[Served]:
    served = Served()
    yield served
    served.close()


@pytest.fixture
def elsewhere() -> Iterator[Served]:
    served = Served()
    yield served
    served.close()


def get(url: str, *trusted: str, most: int = 1000, **more: Any) -> Any:
    return download(url, most=most, timeout=TIMEOUT, trusted_hosts=frozenset(trusted), **more)


def answered(**headers: str) -> requests.Response:
    response = requests.Response()
    response.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return response


# -- waits ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value", ["", "soon", "-5", "nan", "inf", "1e3", "0x10", "٣", "Mon, 99 Foo 2026", "1.2.3", "5s"]
)
def test_an_unreadable_wait_is_none(value: str) -> None:
    """What cannot be read leaves the wait to the engine's own back-off."""
    assert wait_named(answered(Retry_After=value), NOW) is None
    assert wait_named(answered(X_RateLimit_Reset=value), NOW) is None


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"Retry_After": "7"}, 7.0),
        ({"Retry_After": " 1.5 "}, 1.5),
        ({"Retry_After": "0"}, 0.0),
        ({"Retry_After": format_datetime(NOW + timedelta(seconds=90), usegmt=True)}, 90.0),
        ({"Retry_After": format_datetime(NOW - timedelta(seconds=90), usegmt=True)}, None),
        ({"Retry_After": "9" * 400}, 3600.0),
        ({"Retry_After": "Fri, 31 Dec 9999 23:59:59 GMT"}, 3600.0),
        ({"X_RateLimit_Reset": str(int(NOW.timestamp()) + 30)}, 30.0),
        ({"X_Rate_Limit_Reset": str(int(NOW.timestamp()) + 30)}, 30.0),
        ({"X_RateLimit_Reset": str(int(NOW.timestamp()) - 30)}, None),
        ({"X_RateLimit_Reset": "2026-11-21T12:00:45.500Z"}, 45.5),
        ({"X_RateLimit_Reset": "2026-11-21T12:00:45"}, 45.0),
        ({"X_RateLimit_Reset": "2027-11-21T12:00:45Z"}, 3600.0),
        ({"Retry_After": "3", "X_RateLimit_Reset": "2026-11-21T12:30:00Z"}, 3.0),
        ({"Retry_After": "soon", "X_RateLimit_Reset": "2026-11-21T12:00:10Z"}, 10.0),
    ],
)
def test_the_named_wait_is_read(headers: dict[str, str], expected: float | None) -> None:
    """Seconds, fractions, HTTP dates, Unix times and ISO dates, at most an hour."""
    assert expected == wait_named(answered(**headers), NOW)


@given(st.text(), st.text())
def test_no_header_makes_the_wait_fail(after: str, reset: str) -> None:
    """Whatever a server writes there, the answer is None or between nothing and an hour."""
    wait = wait_named(answered(Retry_After=after, X_RateLimit_Reset=reset), NOW)
    assert wait is None or 0 <= wait <= 3600


# -- sessions -------------------------------------------------------------------------------------


def test_a_session_carries_our_name_and_keeps_nothing(site: Served) -> None:
    """Our User-Agent goes out (some servers answer 418 without one); cookies are not kept."""
    site.answers["/"] = (200, {"Set-Cookie": "spy=1; Path=/"}, b"hello")
    with new_session() as session:
        for _ in range(2):
            assert session.get(site.url + "/", timeout=TIMEOUT).status_code == 200
    assert site.asked[0][2]["User-Agent"].startswith("helpdesk-bridge/")
    assert "Cookie" not in site.asked[1][2]


def test_a_session_does_not_follow_a_write(site: Served, elsewhere: Served) -> None:
    """A POST that is sent elsewhere comes back as the redirect it is; a GET is followed."""
    site.answers["/w"] = (307, {"Location": elsewhere.url + "/x"}, b"")
    elsewhere.answers["/x"] = (200, {}, b"there")
    with new_session() as session:
        assert session.post(site.url + "/w", data=b"1", timeout=TIMEOUT).status_code == 307
        assert elsewhere.asked == []
        assert session.get(site.url + "/w", timeout=TIMEOUT).content == b"there"


def test_a_session_ignores_the_environment(site: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proxies and ~/.netrc of whoever starts the service decide nothing."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    site.answers["/"] = (200, {}, b"direct")
    with new_session() as session:
        assert session.get(site.url + "/", timeout=TIMEOUT).content == b"direct"


def test_a_session_never_repeats(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that ends without an answer was one request, not several."""
    with dropping() as (port, taken), new_session() as session:
        with pytest.raises(requests.ConnectionError):
            session.post(f"http://127.0.0.1:{port}/", data=b"1", timeout=TIMEOUT)
        assert len(taken) == 1


@contextlib.contextmanager
def raw(answer: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server that does to each connection what no HTTP server would do."""
    door = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                caller, _ = door.accept()
            except OSError:
                return
            with caller, contextlib.suppress(OSError):
                answer(caller)

    thread = threading.Thread(target=serve)
    thread.start()
    yield door.getsockname()[1]
    door.shutdown(socket.SHUT_RDWR)
    door.close()
    thread.join()


@contextlib.contextmanager
def dropping() -> Iterator[tuple[int, list[bytes]]]:
    taken: list[bytes] = []
    with raw(lambda caller: taken.append(caller.recv(65536))) as port:
        yield port, taken


# -- what may be fetched --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0",
        "100.64.0.1", "224.0.1.1", "255.255.255.255", "240.0.0.1", "192.0.2.1", "198.18.0.1",
        "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1", "::127.0.0.1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:0:127.0.0.1", "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::", "2002:a00:1::1", "2001:db8::1",
        "2001:0:53aa:64c:0:0:0:1", "fec0::1",
    ],
)  # fmt: skip
def test_inward_addresses_are_not_public(address: str) -> None:
    """Private, link-local, reserved, multicast, and the same wrapped in IPv6, are refused."""
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    ["1.1.1.1", OUTWARD, "2606:4700::1111", "64:ff9b::101:101", "2002:101:101::1",
     "::ffff:1.1.1.1"],
)  # fmt: skip
def test_outward_addresses_are_public(address: str) -> None:
    """Addresses on the internet are public, also when wrapped."""
    assert is_public(address)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "localhost", "localhost.", "2130706433", "0x7f000001", "0177.0.0.1", "127.1",
        "[::1]", "[::ffff:127.0.0.1]", "[::]", "0", "0.0.0.0", "169.254.169.254",
        "[::ffff:a9fe:a9fe]", "①②⑦.⓪.⓪.①",
    ],
)  # fmt: skip
def test_a_stranger_cannot_send_us_inwards(site: Served, host: str) -> None:
    """However the inner address is written, nothing is asked there."""
    with pytest.raises((Refused, Unreachable)):  # some resolvers do not know all spellings
        get(f"http://{host}:{site.port}/")
    assert site.asked == []


@pytest.mark.parametrize(
    "url",
    [
        "", "file:///etc/passwd", "ftp://example.com/x", "gopher://x/", "//example.com/x",
        "http://", "http:///x", "http://user:pw@example.com/", "http://example.com:99999/",
        "http://example.com:x/", "http://[::1/", "http://exa mple.com/", "http://a\r\nHost: b/",
        "http://example.com\\@127.0.0.1/", "data:text/plain,x", "http://" + "a" * 70 + ".com/",
        "http://" + "a" * 9000, "http://xn--/", "http://..../",
    ],
)  # fmt: skip
def test_odd_links_are_refused(url: str) -> None:
    """Other schemes, user names, control characters and nonsense are refused, without a crash."""
    with pytest.raises((Refused, Unreachable)):
        get(url)


@given(st.text())
def test_no_link_makes_it_fail_otherwise(text: str) -> None:
    """Any text at all as a link ends in one of our own errors, before anything is asked."""
    with pytest.raises((Refused, Unreachable)):
        outside.place_of("x" + text)


def test_a_trusted_host_may_be_inside(site: Served) -> None:
    """A host that the admin trusts is fetched from, port by port or altogether."""
    site.answers["/a/cat.png?x=1"] = (200, {"Content-Type": "Image/PNG; q=1"}, b"meow")
    for trusted in (site.host, "127.0.0.1"):
        file = get(f"{site.url}/a/cat.png?x=1#frag", trusted)
        assert file.content == b"meow"
        assert (file.filename, file.content_type) == ("cat.png", "image/png")
    with pytest.raises(Refused):
        get(f"{site.url}/a/cat.png?x=1", "127.0.0.1:1")


class Names:
    """A name server of ours: each name's answers, one after the other."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, **answers: list[list[str]]) -> None:
        self.asked: list[str] = []
        self.connected: list[str] = []
        self.port = 0
        self._answers = {name.replace("_", "."): list(each) for name, each in answers.items()}
        self._connect = outside._connect
        monkeypatch.setattr(socket, "getaddrinfo", self._look_up)
        monkeypatch.setattr(outside, "_connect", self._go)

    def _look_up(self, host: str, port: int, **_: Any) -> list[Any]:
        self.asked.append(host)
        return [
            (socket.AF_INET6 if ":" in ip else socket.AF_INET, 1, 6, "", (ip, port))
            for ip in self._answers[host].pop(0)
        ]

    def _go(self, address: Any, seconds: float) -> socket.socket:
        self.connected.append(address[1][0])
        return self._connect((socket.AF_INET, ("127.0.0.1", self.port)), seconds)


def test_the_checked_address_is_the_one_asked(
    site: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that answers differently the second time is never asked a second time."""
    names = Names(monkeypatch, evil_example=[[OUTWARD], ["127.0.0.1"]])
    names.port = site.port
    site.answers["/x"] = (200, {}, b"public")
    assert get("http://evil.example/x").content == b"public"
    assert (names.asked, names.connected) == (["evil.example"], [OUTWARD])
    assert site.asked[0][2]["Host"] == "evil.example"
    with pytest.raises(Refused):
        get("http://evil.example/x")
    assert names.connected == [OUTWARD]


def test_one_inner_address_among_several_is_enough_to_refuse(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every address of the name must be public, not just the first."""
    names = Names(monkeypatch, evil_example=[[OUTWARD, "10.0.0.1"]])
    with pytest.raises(Refused):
        get("http://evil.example/x")
    assert names.connected == []


@pytest.mark.parametrize(
    "target",
    ["http://127.0.0.1:{port}/secret", "http://169.254.169.254/latest/meta-data/",
     "http://[::1]:{port}/secret", "http://2130706433:{port}/secret", "file:///etc/passwd",
     "//localhost:{port}/secret", "gopher://127.0.0.1/"],
)  # fmt: skip
def test_a_redirect_cannot_lead_inwards(site: Served, elsewhere: Served, target: str) -> None:
    """Each hop is checked like the first."""
    site.answers["/"] = (302, {"Location": target.format(port=elsewhere.port)}, b"")
    with pytest.raises(Refused):
        get(site.url + "/", site.host)
    assert elsewhere.asked == []


def test_redirects_are_followed_up_to_five(site: Served) -> None:
    """Relative ones, too; the sixth is one too many."""
    for hop in range(6):
        site.answers[f"/{hop}"] = (302, {"Location": f"{hop + 1}"}, b"")
    site.answers["/6"] = (200, {}, b"end")
    assert get(site.url + "/1", site.host).content == b"end"
    with pytest.raises(Refused, match="without end"):
        get(site.url + "/0", site.host)


def test_credentials_stay_with_their_host(site: Served, elsewhere: Served) -> None:
    """Sent to the host they belong to, not to where it redirects, nor back home from there."""
    token = {site.host: {"Authorization": "Bearer s3cret"}}
    site.answers["/a"] = (302, {"Location": "/b"}, b"")
    site.answers["/b"] = (302, {"Location": elsewhere.url + "/c"}, b"")
    elsewhere.answers["/c"] = (302, {"Location": site.url + "/d"}, b"")
    site.answers["/d"] = (200, {}, b"ok")
    get(site.url + "/a", site.host, elsewhere.host, credentials=token)
    seen = [(path, "Authorization" in headers) for _, path, headers in site.asked]
    assert seen == [("/a", True), ("/b", True), ("/d", False)]
    assert "Authorization" not in elsewhere.asked[0][2]


def test_a_stranger_cannot_borrow_credentials(site: Served, elsewhere: Served) -> None:
    """A link to another host that redirects to ours brings no credentials with it."""
    elsewhere.answers["/"] = (302, {"Location": site.url + "/"}, b"")
    site.answers["/"] = (200, {}, b"ok")
    token = {site.host: {"Authorization": "Bearer s3cret"}}
    get(elsewhere.url + "/", site.host, elsewhere.host, credentials=token)
    assert "Authorization" not in site.asked[0][2]


def test_credentials_do_not_travel_in_the_clear(
    site: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To a public host over plain http, none are sent."""
    names = Names(monkeypatch, desk_example=[[OUTWARD]])
    names.port = site.port
    site.answers["/"] = (200, {}, b"ok")
    get("http://desk.example/", credentials={"desk.example": {"Authorization": "Bearer s"}})
    assert "Authorization" not in site.asked[0][2]


# -- TLS ------------------------------------------------------------------------------------------


def certificate(folder: Path, name: str) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


def test_the_certificate_is_checked_against_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Although the connection goes to an address, SNI and certificate are about the name."""
    pem = certificate(tmp_path, "files.example")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(pem)
    greeted: list[str | None] = []
    tls.sni_callback = lambda _sock, name, _context: greeted.append(name)
    served = Served(tls)
    served.answers["/x"] = (200, {}, b"safe")
    names = Names(monkeypatch, files_example=[[OUTWARD], [OUTWARD]], other_example=[[OUTWARD]])
    names.port = served.port
    try:
        with pytest.raises(Refused, match="certificate"):
            get("https://files.example/x")
        monkeypatch.setattr(outside, "_tls", lambda: ssl.create_default_context(cafile=str(pem)))
        token = {"files.example": {"Authorization": "Bearer s"}}
        assert get("https://files.example/x", credentials=token).content == b"safe"
        assert served.asked[0][2]["Host"] == "files.example"
        assert served.asked[0][2]["Authorization"] == "Bearer s"
        with pytest.raises(Refused, match="certificate"):
            get("https://other.example/x")
    finally:
        served.close()
    assert greeted == ["files.example", "files.example", "other.example"]
    assert names.connected == [OUTWARD] * 3


# -- sizes, times, answers ------------------------------------------------------------------------


def test_the_size_is_capped(site: Served) -> None:
    """By what is announced, and by what really comes; exactly the most is allowed."""
    site.answers["/fits"] = (200, {}, b"x" * 1000)
    site.answers["/announced"] = (200, {}, b"x" * 1001)
    chunk = b"800\r\n" + b"x" * 0x800 + b"\r\n"
    site.answers["/endless"] = (200, {"Transfer-Encoding": "chunked"}, chunk * 50 + b"0\r\n\r\n")
    assert len(get(site.url + "/fits", site.host).content) == 1000
    for path in ("/announced", "/endless"):
        with pytest.raises(Refused, match="larger than 1,000"):
            get(site.url + path, site.host)


def test_an_unannounced_flood_is_capped() -> None:
    """A body without a length, ended by closing, stops at the cap."""

    def flood(caller: socket.socket) -> None:
        caller.recv(65536)
        caller.sendall(b"HTTP/1.0 200 OK\r\n\r\n" + b"x" * 100_000)

    with raw(flood) as port, pytest.raises(Refused, match="larger"):
        get(f"http://127.0.0.1:{port}/", "127.0.0.1")


def test_a_body_cut_off_is_not_a_file() -> None:
    """Half a picture is no picture: it is asked for again."""

    def half(caller: socket.socket) -> None:
        caller.recv(65536)
        caller.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + b"x" * 50)

    with raw(half) as port, pytest.raises(Unreachable):
        get(f"http://127.0.0.1:{port}/", "127.0.0.1")


@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\n\r\nsome"])
def test_a_server_that_never_finishes_is_left(start: bytes) -> None:
    """The deadline ends a request in its greeting, its headers or its body."""

    def stall(caller: socket.socket) -> None:
        caller.recv(65536)
        caller.sendall(start)
        while caller.recv(65536):
            pass

    with raw(stall) as port, pytest.raises(Unreachable):
        get(f"http://127.0.0.1:{port}/", "127.0.0.1", most_seconds=0.05)


@pytest.mark.parametrize(
    "garbage", [b"", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 abc\r\n\r\n", b"\x00" * 100,
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n"],
)  # fmt: skip
def test_garbage_is_unreachable(garbage: bytes) -> None:
    """What is not HTTP is not a file either."""

    def talk(caller: socket.socket) -> None:
        caller.recv(65536)
        caller.sendall(garbage)

    with raw(talk) as port, pytest.raises(Unreachable):
        get(f"http://127.0.0.1:{port}/", "127.0.0.1")


def test_nobody_there_is_again() -> None:
    """A closed port and an unknown name may be tried again later."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    for url in (f"http://127.0.0.1:{port}/", "http://no-such-host.invalid/"):
        with pytest.raises(Unreachable):
            get(url, "127.0.0.1")


@pytest.mark.parametrize(
    ("status", "kind"),
    [(404, Gone), (410, Gone), (401, Refused), (403, Refused), (418, Refused), (204, Refused),
     (302, Refused), (429, RateLimited), (500, Again), (503, Again)],
)  # fmt: skip
def test_each_answer_has_its_kind(site: Served, status: int, kind: type[Exception]) -> None:
    """Gone, forbidden, busy and broken are told apart, and the named wait comes along."""
    site.answers["/"] = (status, {"retry-after": "9"}, b"")
    with pytest.raises(kind) as caught:
        get(site.url + "/", site.host)
    if isinstance(caught.value, Again):
        assert caught.value.wait == 9.0


def test_packed_content_is_refused(site: Served) -> None:
    """Content that unpacks to more than the cap cannot come in, because none is unpacked."""
    site.answers["/"] = (200, {"Content-Encoding": "gzip"}, b"\x1f\x8b")
    with pytest.raises(Refused):
        get(site.url + "/", site.host)


def test_no_error_tells_a_secret(site: Served) -> None:
    """Neither the link's own tokens nor credentials turn up in what is said."""
    token = {site.host: {"Authorization": "Bearer s3cret"}}
    with pytest.raises(Gone) as caught:
        get(site.url + "/x?token=hush", site.host, credentials=token)
    assert "s3cret" not in str(caught.value)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("ip", ["127.0.0.1", "::1"])
def test_literal_addresses_are_written_as_urls_write_them(ip: str) -> None:
    """Trust is by the host as it stands in the link."""
    place = outside.place_of(f"http://[{ip}]:81/" if ":" in ip else f"http://{ip}:81/")
    assert place.host == str(ipaddress.ip_address(ip))
    assert place.is_among(frozenset({place.netloc}))
