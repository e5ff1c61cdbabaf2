"""Rate limits, other servers' oddities, and things that go wrong on purpose."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests

from bridge.sandbox.faults import Faults
from bridge.sandbox.mastodon import ODDITIES, Limits, Town, create_app, new_faults
from bridge.sandbox.server import serve


@pytest.fixture
def narrow(clock: Callable[..., Any]) -> Iterator[tuple[str, str]]:
    """A server that takes three requests and one deletion; its address and a token."""
    town = Town(clock, limits=Limits(requests=3, deletes=1))
    town.person("bridge")
    with serve(create_app(town, new_faults())) as running:
        yield running.url, town.token_for("bridge")


def test_every_answer_tells_what_is_left(narrow: tuple[str, str], clock: Any) -> None:
    """Limit, remaining, and the time of the next window as an ISO date; then 429, then again."""
    url, token = narrow
    headers = {"Authorization": f"Bearer {token}"}

    def ask() -> requests.Response:
        return requests.get(url + "/api/v1/notifications", headers=headers, timeout=20)

    clock.pass_by(seconds=61)
    seen = [ask() for _ in range(4)]
    assert [one.status_code for one in seen] == [200, 200, 200, 429]
    assert [one.headers["X-RateLimit-Remaining"] for one in seen] == ["2", "1", "0", "0"]
    last = seen[-1]
    assert last.json() == {"error": "Too many requests"}
    assert (
        last.headers["X-RateLimit-Limit"],
        last.headers["X-RateLimit-Reset"],
    ) == ("3", "2026-11-21T10:05:00.000000Z")
    assert "Retry-After" not in last.headers
    clock.pass_by(minutes=4)
    assert ask().status_code == 200


def test_deletions_are_counted_apart(narrow: tuple[str, str]) -> None:
    """Thirty in half an hour on real servers, one here."""
    url, token = narrow
    headers = {"Authorization": f"Bearer {token}"}
    found = [
        requests.delete(url + "/api/v1/statuses/1", headers=headers, timeout=20).status_code
        for _ in range(2)
    ]
    assert found == [404, 429]


def test_a_rate_limit_on_demand(brand: Any, faults: Faults) -> None:
    """In Mastodon's shape: no Retry-After, only the reset."""
    faults.add("rate_limited", seconds=30.0)
    answer = brand.call("GET", "/api/v1/notifications")
    assert (
        answer.status_code,
        answer.headers["X-RateLimit-Reset"],
    ) == (429, "2026-11-21T10:00:30.000000Z")
    assert brand.get("/api/v1/notifications") == []


def test_a_lost_answer_has_still_posted(brand: Any, faults: Faults, town: Town) -> None:
    """Dropped after the write, one post; the same key then finds it. Dropped before, none."""
    key = {"Idempotency-Key": "k"}
    for fault, posts in (("drop_before_write", 0), ("drop_after_write", 1)):
        faults.add(fault, method="POST")
        with pytest.raises(requests.ConnectionError):
            brand.call("POST", "/api/v1/statuses", data={"status": "x"}, headers=key)
        assert posts == len(town.statuses())
    again = brand.call("POST", "/api/v1/statuses", data={"status": "x"}, headers=key)
    assert [again.json()["id"]] == [one.id for one in town.statuses()]


def test_oddities_are_off_until_named(faults: Faults) -> None:
    """All of them are known by name, a wrong name is refused."""
    with pytest.raises(ValueError, match="no fault is called"):
        faults.add("ignores_everything")
    for name in ODDITIES:
        faults.add(name, times=None)
    assert list(ODDITIES) == [one.fault for one in faults.waiting()]


def test_ignores_idempotency_key(brand: Any, faults: Faults, town: Town) -> None:
    """Two posts for one key, as most servers do."""
    faults.add("ignores_idempotency_key", times=None)
    for _ in range(2):
        brand.call(
            "POST", "/api/v1/statuses", data={"status": "x"}, headers={"Idempotency-Key": "k"}
        )
    assert len(town.statuses()) == 2


def test_direct_shown_as_private(brand: Any, faults: Faults, town: Town) -> None:
    """Only the word changes, not who sees it."""
    faults.add("direct_shown_as_private", times=None)
    said = brand.say("@ada hi", visibility="direct")
    assert (said["visibility"], town.thread(said["id"])[0].visibility) == ("private", "direct")
    town.post("ada", "@bridge hi", "direct")
    [told] = brand.get("/api/v1/notifications", include_filtered="true")
    assert told["status"]["visibility"] == "private"


@pytest.mark.parametrize(
    ("name", "method", "path"),
    [
        ("no_v2_instance", "GET", "/api/v2/instance"),
        ("policy_missing", "GET", "/api/v2/notifications/policy"),
        ("policy_missing", "PATCH", "/api/v2/notifications/policy"),
        ("batch_statuses_missing", "GET", "/api/v1/statuses?id[]=1"),
    ],
)
def test_what_some_servers_do_not_have(
    brand: Any, faults: Faults, name: str, method: str, path: str
) -> None:
    """404 while the oddity is on, 200 without it."""
    faults.add(name, times=None)
    assert brand.call(method, path).status_code == 404
    faults.clear()
    assert brand.call(method, path).status_code == 200


def test_no_link_header(brand: Any, faults: Faults, town: Town) -> None:
    """Clients then have to page by ids."""
    town.post("ada", "@bridge hi")
    faults.add("no_link_header")
    assert brand.call("GET", "/api/v1/notifications").links == {}
    assert list(brand.call("GET", "/api/v1/notifications").links) == ["prev"]


def test_accepts_overlong(brand: Any, faults: Faults) -> None:
    """And empty ones, too."""
    faults.add("accepts_overlong", times=None)
    assert len(brand.say("a" * 600)["content"]) - len("<p></p>") == 600
    brand.say("")


def test_reply_to_deleted(brand: Any, faults: Faults, town: Town) -> None:
    """Accepted, and hanging in the air."""
    gone = town.delete(town.post("ada", "@bridge hi").id)
    faults.add("reply_to_deleted_200", times=None)
    assert None is brand.say("@ada hi", in_reply_to_id=gone.id)["in_reply_to_id"]


def test_requires_user_agent(brand: Any, faults: Faults) -> None:
    """418 for who does not say what it is."""
    faults.add("requires_user_agent", times=None)
    assert brand.call("GET", "/api/v1/instance").status_code == 200
    silent = brand.call("GET", "/api/v1/instance", headers={"User-Agent": ""})
    assert silent.status_code == 418


def test_unknown_addresses_and_methods_speak_json(stranger: Any) -> None:
    """Never a page of HTML where a client expects JSON."""
    for method, path, status in (
        ("GET", "/api/v1/nothing", 404),
        ("POST", "/api/v1/instance", 405),
    ):
        answer = stranger.call(method, path)
        assert (status, ["error"]) == (answer.status_code, list(answer.json()))


def test_limits_are_those_of_the_documentation() -> None:
    """300 in five minutes, thirty uploads and deletions in thirty."""
    limits = Limits()
    assert (300, timedelta(minutes=5), 30, 30, timedelta(minutes=30)) == (
        limits.requests,
        limits.requests_in,
        limits.uploads,
        limits.deletes,
        limits.rare_in,
    )
