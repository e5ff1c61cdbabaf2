"""Signing in, who people are, what the server allows, and files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bridge.sandbox.faults import Faults
from bridge.sandbox.mastodon import Town

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 24
WRONG_KIND = "Validation failed: File content type is invalid, File is invalid"
INVALID = {"error": "The access token is invalid"}


def test_who_one_is(brand: Any, town: Town) -> None:
    """The account of the token, by id and by name the same."""
    me = brand.get("/api/v1/accounts/verify_credentials")
    assert ("bridge", town.find("bridge").id, "public") == (
        me["acct"],
        me["id"],
        me["source"]["privacy"],
    )
    found = brand.get("/api/v1/accounts/lookup", acct="ben@elsewhere.example")
    assert (found["username"], found["display_name"]) == ("ben", "Ben Okri")
    assert found == brand.get(f"/api/v1/accounts/{found['id']}")
    assert brand.get("/api/v1/accounts/lookup", acct="ada")["followers_count"] == 128
    for path in ("/api/v1/accounts/lookup?acct=nobody", "/api/v1/accounts/12"):
        assert brand.call("GET", path).status_code == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/accounts/verify_credentials"),
        ("GET", "/api/v1/apps/verify_credentials"),
        ("GET", "/api/v1/notifications"),
        ("GET", "/api/v2/notifications/policy"),
        ("GET", "/api/v1/conversations"),
        ("POST", "/api/v1/statuses"),
        ("POST", "/api/v2/media"),
    ],
)
def test_a_token_is_needed(stranger: Any, method: str, path: str) -> None:
    """401 without one and with a wrong one."""
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic eDp5"}):
        answer = stranger.call(method, path, headers=headers)
        assert (answer.status_code, answer.json()) == (401, INVALID)


def test_a_wrong_token_is_refused_even_for_what_is_public(stranger: Any, town: Town) -> None:
    """As Mastodon does: a token that is sent must be good."""
    path = f"/api/v1/statuses/{town.post('ada', 'hi').id}"
    assert stranger.call("GET", path).status_code == 200
    wrong = stranger.call("GET", path, headers={"Authorization": "Bearer wrong"})
    assert wrong.status_code == 401


def test_a_token_can_be_revoked(brand: Any, town: Town) -> None:
    """From then on it is 401."""
    town.revoke(brand.token)
    answer = brand.call("GET", "/api/v1/notifications")
    assert (answer.status_code, answer.json()) == (401, {"error": "The access token was revoked"})


def test_scopes_are_kept(sign_in: Callable[..., Any]) -> None:
    """`read` covers `read:notifications`, not writing; a narrow scope covers itself alone."""
    reader = sign_in("bridge", "read")
    assert reader.get("/api/v1/notifications") == []
    answer = reader.call("POST", "/api/v1/statuses", data={"status": "x"})
    assert (
        answer.status_code,
        answer.json(),
    ) == (403, {"error": "This action is outside the authorized scopes"})
    writer = sign_in("bridge", "write:statuses")
    assert writer.call("POST", "/api/v1/statuses", data={"status": "x"}).status_code == 200
    assert writer.call("GET", "/api/v1/notifications").status_code == 403
    assert writer.get("/api/v1/apps/verify_credentials")["scopes"] == ["write:statuses"]


def test_what_the_server_allows(stranger: Any) -> None:
    """The limits are where clients look for them, in both versions of the address."""
    instance = stranger.get("/api/v2/instance")
    expected = {
        "max_characters": 500,
        "max_media_attachments": 4,
        "characters_reserved_per_url": 23,
    }
    assert expected == instance["configuration"]["statuses"]
    assert expected == stranger.get("/api/v1/instance")["configuration"]["statuses"]
    assert "image/png" in instance["configuration"]["media_attachments"]["supported_mime_types"]
    assert instance["api_versions"] == {"mastodon": 2}
    assert instance["domain"] == "sandbox.example"
    assert "stand-in" in instance["title"]


def test_account_statuses_in_pages(brand: Any, town: Town) -> None:
    """Newest first, with links, answers to others left out when asked."""
    other = town.post("ada", "hi")
    ids = [town.post("bridge", str(number)).id for number in range(3)]
    ids.append(town.post("bridge", "@ada hi", in_reply_to=other.id).id)
    path = f"/api/v1/accounts/{town.find('bridge').id}/statuses"
    page = brand.call("GET", path, params={"limit": "2"})
    assert ids[:1:-1] == [one["id"] for one in page.json()]
    following = brand.call("GET", page.links["next"]["url"].removeprefix(brand.url))
    assert ids[1::-1] == [one["id"] for one in following.json()]
    without = brand.get(path, exclude_replies="true")
    assert ids[2::-1] == [one["id"] for one in without]


def _upload(client: Any, kind: str = "image/png", body: bytes = PNG, path: str = "v2") -> Any:
    return client.call(
        "POST",
        f"/api/{path}/media",
        files={"file": ("a.png", body, kind)},
        data={"description": "a bill"},
    )


def test_a_picture_travels(brand: Any, ada: Any, town: Town) -> None:
    """Ready at once, described, attached once, fetched by anyone who has the address."""
    sent = _upload(brand)
    assert (
        sent.status_code,
        sent.json()["type"],
        sent.json()["description"],
    ) == (200, "image", "a bill")
    picture = sent.json()["id"]
    path = f"/api/v1/media/{picture}"
    described = brand.call("PUT", path, data={"description": "the bill"})
    assert described.json()["description"] == "the bill"
    assert ada.call("GET", path).status_code == 404
    said = brand.say("", **{"media_ids[]": [picture]})
    [shown] = said["media_attachments"]
    fetched = ada.call("GET", shown["url"].removeprefix(ada.url))
    assert (fetched.content, fetched.headers["Content-Type"]) == (PNG, "image/png")
    assert brand.call("GET", path).status_code == 404
    again = brand.call("POST", "/api/v1/statuses", data={"status": "x", "media_ids[]": [picture]})
    assert again.status_code == 422


def test_a_film_takes_a_while(brand: Any, clock: Any, faults: Faults) -> None:
    """202 and no address, 206 while processing, refused as an attachment until it is done."""
    sent = _upload(brand, "video/mp4")
    assert (sent.status_code, sent.json()["url"]) == (202, None)
    film = {"status": "x", "media_ids[]": [sent.json()["id"]]}
    path = f"/api/v1/media/{sent.json()['id']}"
    assert brand.call("GET", path).status_code == 206
    early = brand.call("POST", "/api/v1/statuses", data=film)
    assert (early.status_code, "not finished processing" in early.json()["error"]) == (422, True)
    clock.pass_by(seconds=2)
    assert sent.json()["id"] in brand.get(path)["url"]
    assert brand.call("POST", "/api/v1/statuses", data=film).status_code == 200
    faults.add("media_processes_later")
    assert _upload(brand).status_code == 202
    assert _upload(brand, path="v1").status_code == 200


@pytest.mark.parametrize(
    ("kind", "body", "error"),
    [
        ("text/html", b"<b>", WRONG_KIND),
        (
            "image/svg+xml",
            b"<svg>",
            WRONG_KIND,
        ),
        ("image/png", b"x" * (16 * 2**20 + 1), "Validation failed: File must be less than 16 MB"),
    ],
)
def test_files_that_are_refused(brand: Any, kind: str, body: bytes, error: str) -> None:
    """Wrong kinds and too large ones."""
    answer = _upload(brand, kind, body)
    assert (422, {"error": error}) == (answer.status_code, answer.json())
    assert brand.call("POST", "/api/v2/media").status_code == 422


def test_a_customers_picture_is_seen(brand: Any, town: Town) -> None:
    """What a customer attached hangs on the mention we are told of."""
    picture = town.upload("ada", PNG, "image/png", description="my screen")
    town.post("ada", "@bridge look", media=[picture.id])
    [told] = brand.get("/api/v1/notifications")
    assert [one["description"] for one in told["status"]["media_attachments"]] == ["my screen"]
