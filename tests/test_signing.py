"""Our signatures, with the standard's own library as the other side."""

from __future__ import annotations

import base64
import contextlib
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from bridge.errors import Misconfigured, NotGenuine
from bridge.settings import Secret
from bridge.signing import ID, LONGEST_ID, SIGNATURE, TIMESTAMP, sign, verify

NOW = datetime(2026, 11, 21, 12, 0, 0, 900_000, tzinfo=UTC)
BODY = '{"type": "message.created", "text": "Grüße"}'.encode()


def secret(seed: str = "a", size: int = 32) -> Secret:
    return Secret("whsec_" + base64.b64encode(seed.encode() * size).decode())


OURS = (secret(),)


def headers(**changes: str) -> dict[str, str]:
    names = {"id": ID, "timestamp": TIMESTAMP, "signature": SIGNATURE}
    good = sign(OURS, "msg_1", NOW, BODY)
    return good | {names[name]: value for name, value in changes.items()}


GOOD = headers()[SIGNATURE]


@pytest.mark.parametrize(
    "bad",
    [
        {"id": ""}, {"id": "msg_2"}, {"id": "msg.1"}, {"id": "msg 1"}, {"id": "m\u00fc"},
        {"id": "msg_1\n"}, {"id": "x" * (LONGEST_ID + 1)},
        {"timestamp": ""}, {"timestamp": "soon"}, {"timestamp": "1e9"}, {"timestamp": "-1"},
        {"timestamp": "1763726400.9"}, {"timestamp": "٣"}, {"timestamp": "9" * 400},
        {"timestamp": " 1"}, {"timestamp": "1763726400\n"}, {"timestamp": "nan"},
        {"signature": ""}, {"signature": "v1"}, {"signature": "v1,"}, {"signature": ",,,"},
        {"signature": "v1,a,b"}, {"signature": "v1,!!!!"}, {"signature": "v1,ü"},
        {"signature": GOOD.replace("v1,", "v2,")}, {"signature": GOOD.replace("v1,", "v1a,")},
        {"signature": GOOD.replace("v1,", "")}, {"signature": GOOD[:-4]},
        {"signature": GOOD.replace("v1,", "V1,")}, {"signature": " " * 5000},
        {"signature": "v1,x " * 20 + GOOD},
    ],
)  # fmt: skip
def test_malformed_headers_are_not_genuine(bad: dict[str, str]) -> None:
    """Each is a plain no: never another kind of error, which would be a 500 to a stranger."""
    with pytest.raises(NotGenuine):
        verify(headers(**bad), BODY, OURS, NOW)


@pytest.mark.parametrize("missing", [ID, TIMESTAMP, SIGNATURE])
def test_a_missing_header_is_not_genuine(missing: str) -> None:
    """All three are needed, and the refusal names them."""
    given_headers = {name: value for name, value in headers().items() if name != missing}
    with pytest.raises(NotGenuine, match=missing):
        verify(given_headers, BODY, OURS, NOW)


def test_another_body_or_secret_is_not_genuine() -> None:
    """One changed byte is enough; bytes that are not UTF-8 are refused just as calmly."""
    for body in (b"", BODY + b" ", b"\xff\xfe", BODY.replace(b"{", b"[")):
        with pytest.raises(NotGenuine):
            verify(headers(), body, OURS, NOW)
    with pytest.raises(NotGenuine):
        verify(headers(), BODY, (secret("b"),), NOW)
    with pytest.raises(NotGenuine):
        verify(headers(), BODY, (), NOW)


def test_old_and_early_deliveries_are_not_genuine() -> None:
    """Five minutes either way; a recorded delivery cannot be played again tomorrow."""
    for late in (timedelta(minutes=6), timedelta(days=1), -timedelta(minutes=6)):
        with pytest.raises(NotGenuine, match=r"too (old|new)"):
            verify(headers(), BODY, OURS, NOW + late)
    for near in (timedelta(minutes=4), -timedelta(minutes=4)):
        assert verify(headers(), BODY, OURS, NOW + near) == "msg_1"


def test_a_good_delivery_is_recognised() -> None:
    """By its id; header names in any case; other versions and nonsense beside it are skipped."""
    assert verify(headers(), BODY, OURS, NOW) == "msg_1"
    shouted = {name.title(): value for name, value in headers().items()}
    assert verify(shouted, BODY, OURS, NOW) == "msg_1"
    beside = headers(signature=f"v1a,AAAA v2,x nonsense  v1,AAAA {GOOD}")
    assert verify(beside, BODY, OURS, NOW) == "msg_1"


def test_secrets_can_be_changed_without_a_gap() -> None:
    """Signed by old and new, either one alone verifies; known are old and new, either may sign."""
    old, new = secret("o"), secret("n")
    both = sign((new, old), "msg_1", NOW, BODY)
    assert len(both[SIGNATURE].split(" ")) == 2
    for known in (old, new):
        assert verify(both, BODY, (known,), NOW) == "msg_1"
        assert verify(sign((known,), "msg_1", NOW, BODY), BODY, (new, old), NOW) == "msg_1"


@pytest.mark.parametrize(
    "text",
    ["", "whsec_", "whsec_abc", "whsec_!!!!", "hush", base64.b64encode(b"a" * 32).decode(),
     "whsec_" + base64.b64encode(b"a" * 23).decode(),
     "whsec_" + base64.b64encode(b"a" * 65).decode(), "whsec_ü", "whsk_" + "YWFh" * 11],
)  # fmt: skip
def test_weak_secrets_are_refused(text: str) -> None:
    """Too short, too long, not base64, without the prefix: said without showing it."""
    with pytest.raises(Misconfigured) as caught:
        sign((Secret(text),), "msg_1", NOW, BODY)
    assert not text or text not in str(caught.value).replace("whsec_ and", "")
    with pytest.raises(Misconfigured):
        verify(headers(), BODY, (Secret(text),), NOW)


@pytest.mark.parametrize("size", [24, 64])
def test_the_shortest_and_longest_secret_work(size: int) -> None:
    """24 and 64 bytes, as the standard allows."""
    good = (secret(size=size),)
    assert verify(sign(good, "x", NOW, BODY), BODY, good, NOW) == "x"


@pytest.mark.parametrize("odd", ["", "a.b", "a b", "a\n", "ü", "x" * (LONGEST_ID + 1)])
def test_an_id_that_could_be_misread_is_not_signed(odd: str) -> None:
    """A full stop would let id and time be told apart in two ways."""
    with pytest.raises(ValueError, match="webhook id"):
        sign(OURS, odd, NOW, BODY)


def test_their_library_accepts_our_signature() -> None:
    """Signed here in any time zone, verified there (by its own clock)."""
    now = datetime.now(timezone(timedelta(hours=9)))
    made = sign((secret("n"), *OURS), "acme:reply:1:1:1", now, BODY)
    Webhook(OURS[0].reveal()).verify(BODY, made)
    with pytest.raises(WebhookVerificationError):
        Webhook(secret("z").reveal()).verify(BODY, made)


def test_we_accept_their_librarys_signature() -> None:
    """Signed there, verified here."""
    theirs = {
        ID: "msg_x",
        TIMESTAMP: str(int(NOW.timestamp())),
        SIGNATURE: Webhook(OURS[0].reveal()).sign("msg_x", NOW, BODY.decode()),
    }
    assert verify(theirs, BODY, OURS, NOW) == "msg_x"
    assert theirs[SIGNATURE] == sign(OURS, "msg_x", NOW, BODY)[SIGNATURE]


@given(st.text(), st.text(), st.text(), st.binary())
def test_no_header_makes_it_fail_otherwise(
    webhook_id: str, timestamp: str, signature: str, body: bytes
) -> None:
    """Whatever a stranger sends, it is not genuine and nothing worse."""
    for tried in (
        {ID: webhook_id, TIMESTAMP: timestamp, SIGNATURE: signature},
        headers(id=webhook_id), headers(timestamp=timestamp),
    ):  # fmt: skip
        with contextlib.suppress(NotGenuine):
            assert verify(tried, body, OURS, NOW) == "msg_1"
            assert body == BODY
    with pytest.raises(NotGenuine):
        verify(headers(signature=signature), body, OURS, NOW)


@given(
    st.from_regex(r"[!-\-/-~]{1,256}", fullmatch=True),
    st.binary(),
    st.integers(10**5, 7 * 10**9),
)
def test_what_is_signed_verifies(webhook_id: str, body: bytes, seconds: int) -> None:
    """Any id, any bytes, any time, there and back; and not with one byte more."""
    at = datetime.fromtimestamp(seconds, UTC)
    made = sign(OURS, webhook_id, at, body)
    assert verify(made, body, OURS, at) == webhook_id
    with pytest.raises(NotGenuine):
        verify(made, body + b"x", OURS, at)
