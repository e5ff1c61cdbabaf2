"""Only Meta's own bytes are taken, exactly as they came over the wire."""

from __future__ import annotations

import json

import pytest
from contract import SPECS, spec_file

from bridge.channels.meta.signing import genuine, shake
from bridge.errors import NotGenuine
from bridge.settings import Secret

SECRET = Secret("test_app_secret")
VECTORS = SPECS / "meta" / "signature_vectors.json"
BODY = b'{"text":"\\u00e4"}'
SIGNED = "sha256=" + "0" * 64
CHALLENGE = {
    "hub.mode": "subscribe",
    "hub.verify_token": "open sesame",
    "hub.challenge": "1158201444",
}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Hub-Signature-256": ""},
        {"X-Hub-Signature-256": SIGNED},
        {"X-Hub-Signature-256": SIGNED.removeprefix("sha256=")},
        {"X-Hub-Signature-256": "sha1=" + "0" * 40},
        {"X-Hub-Signature-256": "sha256=" + "ä" * 64},
        {"X-Hub-Signature": SIGNED},
    ],
)
def test_what_is_not_signed_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(NotGenuine):
        genuine(headers, BODY, SECRET)


def test_the_vectors_hold() -> None:
    """Over the raw bytes; one sign more, another form of the same JSON, or another secret, and it
    is not genuine."""
    vectors = json.loads(spec_file(VECTORS).read_text())["meta"]
    assert vectors
    for vector in vectors:
        body = vector["raw_body"].encode("ascii")
        headers = {"x-hub-signature-256": vector["X-Hub-Signature-256"]}
        secret = Secret(vector["app_secret"])
        assert genuine(headers, body, secret) == genuine(headers, body, secret)
        for other, key in (
            (body + b" ", secret),
            (json.dumps(json.loads(body), ensure_ascii=False).encode(), secret),
            (body, Secret("another")),
        ):
            with pytest.raises(NotGenuine) as refused:
                genuine(headers, other, key)
            assert vector["app_secret"] not in refused.value.because


@pytest.mark.parametrize(
    "change",
    [
        {"hub.mode": "unsubscribe"},
        {"hub.verify_token": "open sesam"},
        {"hub.verify_token": ""},
        {"hub.verify_token": "ö"},
        {"hub.challenge": ""},
        {"hub.challenge": "<script> x"},
        {"hub.challenge": "1" * 1001},
    ],
)
def test_a_handshake_of_somebody_else_is_refused(change: dict[str, str]) -> None:
    with pytest.raises(NotGenuine):
        shake({**CHALLENGE, **change}, Secret("open sesame"))


def test_the_challenge_goes_back_as_it_came() -> None:
    shaken = shake(CHALLENGE, Secret("open sesame"))
    assert shaken.body == "1158201444"
    assert shaken.content_type.startswith("text/plain")
