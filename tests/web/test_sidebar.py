"""The sidebar's questions: answered to whoever has the helpdesk's signature, and to nobody else."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from bridge.errors import Unreachable
from bridge.flow.bridge import Bridge
from bridge.ledger import conversations, people, posts
from bridge.ledger.posts import Because
from bridge.model import Kind, Person, Post, Visibility
from bridge.opening import open_bridge
from bridge.settings import Secret, Settings
from bridge.web import create_app, sidebar
from bridge.web.sidebar import MOST_BODY

SECRET = "what-the-app-and-the-bridge-share-0815"
ADDRESSES = ("/zaf/ticket/35", "/zaf/ticket/35/preview")
ADA = Person("site", "7", "ada", "Ada Lovelace")


@pytest.fixture
def bridge(settings: Settings, ledger: Any, clock: Any) -> Iterator[Bridge]:
    """A bridge with a shop, whose customer Ada has ticket 35."""
    environ = {
        "SITE_SECRET": "whsec_" + base64.b64encode(b"what the shop signs with").decode(),
        "SITE_REPLY_SECRET": "whsec_" + base64.b64encode(b"what the shop signs with").decode(),
        "MASTODON_TOKEN": "toot-toot-4711",
    }
    zendesk = replace(settings.zendesk, app_secret=Secret(SECRET))
    settings = replace(settings, zendesk=zendesk)
    bridge = open_bridge(settings, environ, clock=clock, ledger=ledger)
    with ledger.writing() as tx:
        person = people.remember(tx, ADA)
        number = conversations.begin(tx, "shop", person, "person:private:7", tx.now)
        conversations.point(tx, number, bridge.desk, "35")
        post = Post(
            account="shop",
            network="site",
            id="m1",
            kind=Kind.DM,
            visibility=Visibility.PRIVATE,
            author=ADA,
            text="Where is my parcel?",
            created_at=tx.now,
            thread_id="m1",
        )
        known = posts.store(
            tx, post, person_id=person, conversation_id=number, because=Because("All", "", 1)
        )
        posts.add_revision(tx, known, post, None)
    yield bridge
    bridge.helpdesk.close()


@pytest.fixture
def client(bridge: Bridge) -> FlaskClient:
    return create_app(bridge).test_client()


@pytest.fixture
def signed(clock: Any) -> Callable[..., dict[str, str]]:
    """The header that Zendesk's proxy sends; `changes` to the claims, None takes one away."""

    def made(secret: str = SECRET, algorithm: str = "HS256", **changes: Any) -> dict[str, str]:
        at = int(clock().timestamp())
        claims = {"iss": "acme.zendesk.com", "aud": "bridge", "sub": "4711", "exp": at + 60}
        claims = {k: v for k, v in {**claims, **changes}.items() if v is not None}
        token = jwt.encode(
            {"alg": algorithm}, claims, OctKey.import_key(secret), algorithms=[algorithm]
        )
        return {"Authorization": f"Bearer {token}"}

    return made


def ask(client: FlaskClient, address: str, headers: dict[str, str], **body: Any) -> Any:
    return client.post(address, json={"locale": "en", "text": "hello", **body}, headers=headers)


@pytest.mark.parametrize("address", ADDRESSES)
def test_who_is_signed_is_answered(client: FlaskClient, signed: Any, address: str) -> None:
    answer = ask(client, address, signed())
    assert 200 == answer.status_code
    assert "application/json" == answer.mimetype
    assert "no-store" == answer.headers["Cache-Control"]
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_what_is_answered(client: FlaskClient, signed: Any) -> None:
    found = ask(client, ADDRESSES[0], signed()).json
    assert "35" == found["ticket"]
    assert "Where is my parcel?" == found["posts"][0]["text"]
    assert "2026-11-21T12:00:00Z" == found["posts"][0]["created_at"]


MINUTE = 60


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize(
    "changes",
    [
        {"secret": "another-secret-of-the-same-length-0815"},
        {"algorithm": "HS384"},
        {"algorithm": "HS512"},
        {"aud": "another"},
        {"aud": ["bridge", "another"]},
        {"aud": None},
        {"iss": "evil.zendesk.com"},
        {"iss": "acme.zendesk.com.evil.example"},
        {"iss": None},
        {"iss": 1},
        {"exp": None},
        {"exp": "tomorrow"},
        {"exp": True},
        {"exp": 1e300},
        {"exp": -1},
    ],
)
def test_who_is_not_is_not(
    client: FlaskClient, signed: Any, address: str, changes: dict[str, Any]
) -> None:
    answer = ask(client, address, signed(**changes))
    assert 401 == answer.status_code
    assert {"error"} == set(answer.json)
    assert "Bearer" == answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize(
    ("claim", "seconds", "status"),
    [
        ("exp", -30, 200),
        ("exp", -2 * MINUTE, 401),
        ("exp", 9 * MINUTE, 200),
        ("exp", 60 * MINUTE, 401),
        ("iat", -5 * MINUTE, 200),
        ("iat", -60 * MINUTE, 401),
        ("iat", 60 * MINUTE, 401),
        ("nbf", 5 * MINUTE, 401),
    ],
)
def test_a_question_is_good_for_a_while(
    client: FlaskClient, signed: Any, clock: Any, claim: str, seconds: int, status: int
) -> None:
    """Clocks may differ by a minute; a token that lives for an hour is none of the app's."""
    at = int(clock().timestamp()) + seconds
    assert status == ask(client, ADDRESSES[0], signed(**{claim: at})).status_code


def _part(content: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def test_the_algorithm_is_ours_to_choose(client: FlaskClient, signed: Any, clock: Any) -> None:
    """Neither none nor another one that the token names, nor no token at all."""
    claims = {"iss": "acme.zendesk.com", "aud": "bridge", "exp": int(clock().timestamp()) + 60}
    key = RSAKey.generate_key(2048)
    rsa = jwt.encode({"alg": "RS256"}, claims, key, algorithms=["RS256"])
    signature = signed()["Authorization"].rpartition(".")[2]
    for token in (
        f"{_part({'alg': 'none'})}.{_part(claims)}.",
        f"{_part({'alg': 'none'})}.{_part(claims)}.{signature}",
        f"{_part({'alg': 'HS256'})}.{_part(claims)}.{signature}",
        f"{_part({'alg': 'HS256'})}.{_part([1])}.{signature}",
        rsa,
        "",
        "x",
        "a.b.c",
        "é.é.é".encode().decode("latin-1"),
        "x" * 10_000,
        "{{jwt.token}}",
    ):
        for scheme in ("Bearer", "Basic"):
            headers = {"Authorization": f"{scheme} {token}"}
            assert 401 == ask(client, ADDRESSES[0], headers).status_code, token
    assert 401 == ask(client, ADDRESSES[0], {}).status_code


def test_without_a_secret_nobody_is_answered(bridge: Bridge, signed: Any) -> None:
    """Not even who signs with nothing."""
    zendesk = replace(bridge.settings.zendesk, app_secret=Secret(""))
    bare = replace(bridge, settings=replace(bridge.settings, zendesk=zendesk))
    client = create_app(bare).test_client()
    assert 401 == ask(client, ADDRESSES[0], signed()).status_code


def test_a_stand_in_is_known_by_its_secret(bridge: Bridge, signed: Any) -> None:
    """A helpdesk at another host cannot be named by the app: the secret alone decides."""
    zendesk = replace(bridge.settings.zendesk, url="http://127.0.0.1:8080")
    other = replace(bridge, settings=replace(bridge.settings, zendesk=zendesk))
    client = create_app(other).test_client()
    assert 200 == ask(client, ADDRESSES[0], signed()).status_code
    assert 401 == ask(client, ADDRESSES[0], signed(secret="x" * 40)).status_code


@pytest.mark.parametrize("ticket", ["36", "0", "abc", "35%20", "٣٥", "9" * 40])
@pytest.mark.parametrize("more", ["", "/preview"])
def test_a_ticket_of_somebody_else(
    client: FlaskClient, signed: Any, ticket: str, more: str
) -> None:
    answer = ask(client, f"/zaf/ticket/{ticket}{more}", signed())
    assert (404, {"error"}) == (answer.status_code, set(answer.json))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff",
        b"[" * 100_000,
        b'{"text": 1}',
        b'{"locale": "en"}',
        b'{"text": "x", "as": "everybody"}',
        b'{"text": "x", "files": -1}',
        b'{"text": "x", "files": 1000000}',
        b'{"text": "x", "files": true}',
        b'{"text": "x", "locale": 5}',
        json.dumps({"text": "x" * 70_000}).encode(),
    ],
)
def test_a_body_that_is_not_as_it_should_be(client: FlaskClient, signed: Any, body: bytes) -> None:
    answer = client.post(ADDRESSES[1], data=body, headers=signed())
    assert (422, {"error"}) == (answer.status_code, set(answer.json))
    assert "x" * 100 not in answer.text


def test_a_body_without_end(client: FlaskClient, signed: Any) -> None:
    body = b" " * (MOST_BODY + 1)
    assert 413 == client.post(ADDRESSES[1], data=body, headers=signed()).status_code


def test_it_can_only_be_asked_by_post(client: FlaskClient, signed: Any) -> None:
    for address in ADDRESSES:
        assert 405 == client.get(address, headers=signed()).status_code
        preflight = client.options(address, headers={"Origin": "https://evil.example"})
        assert not [name for name, _ in preflight.headers if name.startswith("Access-")]


def test_neither_secret_nor_words_are_logged(
    client: FlaskClient, signed: Any, capsys: pytest.CaptureFixture[str], caplog: Any
) -> None:
    headers = signed(secret="another-secret-of-the-same-length-0815")
    ask(client, ADDRESSES[1], headers, text="a private draft")
    ask(client, ADDRESSES[1], signed(), text="a private draft")
    out = "".join(capsys.readouterr()) + caplog.text
    assert "private draft" not in out
    assert SECRET not in out
    assert headers["Authorization"].split()[1] not in out


def test_what_it_needs_does_not_answer(
    client: FlaskClient, signed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A ticket's priority is asked of the helpdesk, a server's own limits of the server."""

    def away(*_: object) -> None:
        raise Unreachable("the helpdesk has secret words")

    monkeypatch.setattr(sidebar, "preview", away)
    monkeypatch.setattr(sidebar, "view", away)
    for address in ADDRESSES:
        answer = ask(client, address, signed())
        assert (503, True) == (answer.status_code, "Retry-After" in answer.headers)
        assert "secret words" not in answer.text
