"""`bridge connect` with the other networks: read, signed by themselves, or subscribed to by X."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from connecting_stage import Stage, open_stage
from cryptography.fernet import Fernet

from bridge.model import utcnow
from bridge.sandbox import mastodon, x
from bridge.sandbox.mastodon import Policy, Verdict
from bridge.sandbox.server import serve


@pytest.fixture
def stage(home: Any, environ: dict[str, str], store: Any) -> Iterator[Stage]:
    environ["BRIDGE_SECRET_KEY"] = Fernet.generate_key().decode()
    with open_stage(home, environ) as opened:
        yield opened


def line(network: str, sets: dict[str, str], *secrets: str) -> tuple[str, ...]:
    given = [f"--set={name}={value}" for name, value in sets.items()]
    return ("connect", network, "--account=acme", "--yes", *given, *secrets)


# ------------------------------------------------------------------ Mastodon: read


@pytest.fixture
def toots() -> Iterator[tuple[mastodon.Town, str]]:
    town = mastodon.village(utcnow)
    with serve(mastodon.create_app(town, mastodon.new_faults())) as there:
        yield town, there.url


def test_mastodon_and_its_policy(bridge: Any, stage: Stage, toots: Any) -> None:
    """What throws messages away is put right, with leave; without it nothing is kept."""
    town, url = toots
    town.set_policy("bridge", Policy(*([Verdict.DROP] * 5)))
    wanted = line("mastodon", {"url": url, "poll_seconds": "5"}, "--secret=token=TYPED")
    token = town.token_for("bridge")
    before = stage.mapping
    done = bridge(*wanted, "--no-fix", TYPED=token)
    assert done.exit_code == 1
    assert (before, []) == (stage.mapping, stage.rows())
    done = bridge(*wanted, TYPED=token)
    assert done.exit_code == 0, done.output
    assert "handshake" not in done.output
    assert "poll_seconds: 5\n" in stage.mapping
    assert stage.rows() == ["env:ACME_MASTODON_TOKEN"]
    assert "acme" in stage.restart().channels
    assert token not in done.output + stage.mapping


def test_a_token_without_its_scopes(bridge: Any, stage: Stage, toots: Any) -> None:
    town, url = toots
    town.set_policy("bridge", Policy(*([Verdict.ACCEPT] * 5)))
    wanted = line("mastodon", {"url": url}, "--secret=token=TYPED")
    done = bridge(*wanted, TYPED=town.token_for("bridge", "read:accounts"))
    assert done.exit_code == 1
    assert "not granted" in done.output
    assert stage.rows() == []


def test_secrets_can_stay_out_of_a_database_that_has_no_key(
    bridge: Any, stage: Stage, toots: Any
) -> None:
    """For a network that is read. What was typed is for the admin to set."""
    town, url = toots
    town.set_policy("bridge", Policy(*([Verdict.ACCEPT] * 5)))
    wanted = line("mastodon", {"url": url}, "--secret=token=TYPED")
    token = town.token_for("bridge")
    assert bridge(*wanted, TYPED=token, BRIDGE_SECRET_KEY="").exit_code == 2
    done = bridge(*wanted, "--secrets-in=environment", TYPED=token, BRIDGE_SECRET_KEY="")
    assert done.exit_code == 0, done.output
    assert "token: env:TYPED" in stage.mapping
    assert stage.rows() == []


# ------------------------------------------------------------------ X


def test_x_is_registered_and_subscribed_to(bridge: Any, stage: Stage) -> None:
    """X checks the address while it is registered: the draft answers."""
    town = x.village(utcnow)
    keys = town.keys_for("acme")
    typed = {
        "KEY": town.app.consumer_secret,
        "TOKEN": keys.token,
        "TOKEN_SECRET": keys.secret,
        "BEARER": town.app.bearer,
    }
    options = {
        "consumer_secret": "KEY",
        "access_token": "TOKEN",
        "access_token_secret": "TOKEN_SECRET",
        "bearer_token": "BEARER",
    }
    with serve(x.create_app(town, x.new_faults())) as there:
        sets = {
            "url": there.url,
            "user_id": town.find("acme").id,
            "handle": "acme",
            "consumer_key": town.app.consumer_key,
        }
        wanted = line("x", sets, *(f"--secret={name}={at}" for name, at in options.items()))
        wrong = bridge(*wanted, **typed | {"TOKEN": "nothing"})
        assert wrong.exit_code == 1
        assert not town.hooks.webhooks()
        done = bridge(*wanted, **typed)
    assert done.exit_code == 0, done.output
    assert [one.url.rpartition("/")[2] for one in town.hooks.webhooks()] == ["acme"]
    assert "X tells us of post.mention.create" in done.output
    assert not [value for value in typed.values() if value in done.output + stage.mapping]
    assert not [value for value in typed.values() if value.encode() in stage.dump()]


def test_a_refresh_token_that_was_spent_is_not_lost(bridge: Any, stage: Stage) -> None:
    """A refresh token is good for one use: what came for it is kept although the account is not,
    and the next try goes on from there."""
    town = x.village(utcnow)
    pair = town.sign_in("acme")
    typed = {
        "KEY": town.app.consumer_secret,
        "CLIENT": town.app.client_secret,
        "REFRESH": pair.refresh,
        "BEARER": town.app.bearer,
    }
    options = ("consumer_secret=KEY", "client_secret=CLIENT", "refresh_token=REFRESH")
    secrets = [f"--secret={each}" for each in (*options, "bearer_token=BEARER")]
    with serve(x.create_app(town, x.new_faults())) as there:
        sets = {
            "url": there.url,
            "user_id": town.find("acme").id,
            "handle": "acme",
            "client_id": town.app.client_id,
        }
        nowhere = {"BRIDGE_PUBLIC_URL": "http://127.0.0.1:9"}
        first = bridge(*line("x", sets, *secrets), **typed | nowhere)
        assert first.exit_code == 1, first.output
        assert "acme:" not in stage.mapping
        assert [name.partition(" ")[0] for name in stage.rows()] == ["x"]
        second = bridge(*line("x", sets, *secrets), **typed)
    assert second.exit_code == 0, second.output


def test_two_ways_to_sign_in_are_one_too_many(bridge: Any, stage: Stage) -> None:
    """What only the whole of the answers tells is told before anybody is called."""
    sets = {"user_id": "1", "handle": "acme", "client_id": "c", "consumer_key": "k"}
    done = bridge(*line("x", sets, "--secret=consumer_secret=KEY"), KEY="secret-of-the-app")
    assert done.exit_code == 2
    assert "OAuth 1.0a" in done.output


# ------------------------------------------------------------------ WhatsApp, and a website


def test_whatsapp(bridge: Any, stage: Stage) -> None:
    number = stage.town.whatsapp("Acme")
    sets = {
        "url": stage.town.url,
        "app_id": stage.town.meta.id,
        "waba_id": number.waba.id,
        "phone_number_id": number.id,
    }
    secrets = ("--secret=app_secret=APP", "--secret=access_token=TOKEN")
    typed = {"APP": stage.town.meta.secret, "TOKEN": stage.town.token_for(number)}
    done = bridge(*line("whatsapp", sets, *secrets), **typed)
    assert done.exit_code == 0, done.output
    assert stage.town.hooks.subscribed(number.waba.id)
    [hook] = stage.town.hooks.of_app(stage.town.meta.id)
    assert hook.callback_url.endswith("/hooks/whatsapp/acme")


def test_a_website(bridge: Any, stage: Stage) -> None:
    """Which cannot be asked anything but whether it takes a signed ping."""
    pinged: list[bytes] = []

    def website(wanted: Any, start: Any) -> list[bytes]:
        pinged.append(wanted["wsgi.input"].read())
        start("200 OK", [("Content-Type", "application/json")])
        return [b"{}"]

    with serve(website) as there:
        sets = {"reply_url": f"{there.url}/replies"}
        secrets = ("--secret=secret=SITE_SECRET", "--secret=reply_secret=SITE_SECRET")
        done = bridge(*line("site", sets, *secrets), "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["connected"] is True
    about = [each["about"] for part in told["examined"] for each in part["findings"]]
    assert {"signed delivery", "forged delivery"} <= set(about)
    assert pinged
    assert "acme" in stage.restart().channels
