"""`bridge connect`, against Meta's stand-in and a web service that is up."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from connecting_stage import APP_SECRET, PAGE_TOKEN, Stage, open_stage
from cryptography.fernet import Fernet

from bridge.ledger import Ledger, deliveries, mappings
from bridge.sandbox.meta.hooks import AppHook
from bridge.sandbox.server import serve


@pytest.fixture
def stage(home: Path, environ: dict[str, str], store: Ledger) -> Iterator[Stage]:
    environ["BRIDGE_SECRET_KEY"] = Fernet.generate_key().decode()
    with open_stage(home, environ) as opened:
        yield opened


def nothing_is_left(stage: Stage, before: str) -> None:
    assert stage.mapping == before
    assert stage.rows() == []


# ------------------------------------------------------------------ the happy way


def test_an_account_is_connected_and_hears(bridge: Any, stage: Stage) -> None:
    """Every layer of the subscription is set, the mapping loads, doctor is content, and what
    somebody writes arrives."""
    done = bridge(*stage.line(), **stage.typed())
    assert done.exit_code == 0, done.output
    assert "PROBLEM" not in done.output
    for said in ("handshake", "signed delivery", "forged delivery", "permissions", "restart"):
        assert said in done.output
    stage.restart()
    found = json.loads(bridge("doctor", "--json").output)["examined"]
    [account] = [part for part in found if "acme" in part["what"]]
    assert not [one for one in account["findings"] if one["urgency"] == "problem"]
    stage.page.comment("jane", "Where is my order?")
    assert stage.town.deliver() == 1
    with stage.ledger.reading() as tx:
        assert [each.source for each in deliveries.next_waiting(tx, "acme", 5)] == ["acme"]


def test_a_published_mapping_takes_more_than_a_file(bridge: Any, stage: Stage) -> None:
    """Where somebody publishes, a file alone changes nothing: what to do is said."""
    assert "mapping apply" not in bridge("connect", "--help").output
    with stage.ledger.writing() as tx:
        mappings.publish(tx, "digest", "text", origin=mappings.Origin.CONSOLE, author="ada")
    done = bridge(*stage.line(), **stage.typed())
    assert done.exit_code == 0, done.output
    assert 'bridge mapping apply -m "connected acme"' in done.output
    assert "restart web and workers" not in done.output


def test_no_secret_is_seen_anywhere(bridge: Any, stage: Stage) -> None:
    """Not in what is printed or logged, not in the mapping, not in the database's files."""
    typed = stage.typed()
    done = bridge(*stage.line(), **typed)
    assert done.exit_code == 0
    for value in (typed[PAGE_TOKEN], typed[APP_SECRET], stage.environ["BRIDGE_SECRET_KEY"]):
        assert value not in done.output
        assert value not in stage.mapping
        assert value.encode() not in stage.dump()
    assert "env:ACME_FACEBOOK_ACCESS_TOKEN" in stage.mapping
    assert "env:ACME_FACEBOOK_ACCESS_TOKEN" in stage.rows()


def test_the_mapping_keeps_its_comments_and_order(bridge: Any, stage: Stage) -> None:
    file = stage.home / "mapping.yaml"
    before = stage.mapping.replace("rules:\n", "\n# who gets what\nrules:  # in order\n")
    file.write_text(before, encoding="utf-8")
    assert bridge(*stage.line(), **stage.typed()).exit_code == 0
    after = stage.mapping
    begins, ends = after.index("  acme:\n"), after.index("\n# who gets what")
    assert after[:begins] + after[ends:] == before


def test_secrets_may_stay_in_the_environment(bridge: Any, stage: Stage) -> None:
    """Nothing is sealed then; the mapping refers to the variables as they are."""
    typed = stage.typed(ACME_FACEBOOK_VERIFY_TOKEN="open-sesame")
    done = bridge(*stage.line("--secrets-in=environment"), **typed)
    assert done.exit_code == 0, done.output
    assert f"access_token: env:{PAGE_TOKEN}" in stage.mapping
    assert not [name for name in stage.rows() if name.startswith("env:")]
    assert bridge("check", **typed).exit_code == 0
    assert PAGE_TOKEN in bridge("check").output


def test_check_finds_sealed_secrets_and_says_what_is_missing(bridge: Any, stage: Stage) -> None:
    bridge(*stage.line(), **stage.typed())
    assert bridge("check").exit_code == 0
    elsewhere = bridge("check", BRIDGE_DATABASE_URL="sqlite:////nowhere/at/all.sqlite3")
    assert elsewhere.exit_code == 1
    assert "ACME_FACEBOOK_ACCESS_TOKEN is not set" in elsewhere.output


def test_the_environment_goes_before_what_is_sealed(bridge: Any, stage: Stage) -> None:
    bridge(*stage.line(), **stage.typed())
    fresh = stage.town.token_for(stage.page)
    stage.environ["ACME_FACEBOOK_ACCESS_TOKEN"] = fresh
    options = stage.restart().mapping.accounts["acme"].options
    assert options["access_token"].reveal() == fresh
    del stage.environ["ACME_FACEBOOK_ACCESS_TOKEN"]
    assert stage.restart().mapping.accounts["acme"].options["access_token"].reveal() != fresh


def test_it_asks_for_what_is_not_given(bridge: Any, stage: Stage, monkeypatch: Any) -> None:
    """Wrong answers are told at once, and asked for again; a word may be made up."""
    import click.testing

    monkeypatch.setattr(click.testing.CliRunner, "invoke", _answering(stage))
    done = bridge("connect", "facebook")
    assert done.exit_code == 0, done.output
    assert "a name has small letters" in done.output
    assert stage.town.token_for(stage.page) not in done.output
    assert f'page_id: "{stage.page.id}"' in stage.mapping


def _answering(stage: Stage) -> Any:
    import click.testing

    plain = click.testing.CliRunner.invoke
    typed = stage.typed()
    said = [
        "Acme Page",
        "acme",
        stage.town.meta.id,
        typed[APP_SECRET],
        "",
        typed[PAGE_TOKEN],
        stage.page.id,
        stage.town.url,
        "latest",
        "",
        "",
        "",
        "",
    ]

    def invoke(self: Any, *args: Any, **more: Any) -> Any:
        return plain(self, *args, input="\n".join(said) + "\n", **more)

    return invoke


# ------------------------------------------------------------------ what is wrong


def test_a_dead_token_is_never_kept(bridge: Any, stage: Stage) -> None:
    """Not even with --save-anyway."""
    before = stage.mapping
    for more in ((), ("--save-anyway",)):
        done = bridge(*stage.line(*more), **stage.typed(**{PAGE_TOKEN: "EAAdead"}))
        assert done.exit_code == 1
        assert "PROBLEM" in done.output
        assert "nothing was kept" in done.output
        nothing_is_left(stage, before)
    assert stage.town.hooks.of_app(stage.town.meta.id) == ()


def test_a_missing_permission_is_for_the_admin_to_judge(bridge: Any, stage: Stage) -> None:
    before = stage.mapping
    token = stage.town.token_for(stage.page, "pages_manage_metadata", "pages_messaging")
    typed = stage.typed(**{PAGE_TOKEN: token})
    done = bridge(*stage.line(), **typed)
    assert done.exit_code == 1
    assert "not granted: pages_read_engagement" in done.output
    nothing_is_left(stage, before)
    assert bridge(*stage.line("--save-anyway"), **typed).exit_code == 0
    assert "  acme:" in stage.mapping


def test_an_address_that_nobody_answers_at(bridge: Any, stage: Stage) -> None:
    before = stage.mapping
    with serve(lambda wanted, start: []) as gone:
        url = gone.url
    done = bridge(*stage.line(), **stage.typed(BRIDGE_PUBLIC_URL=url))
    assert done.exit_code == 1
    assert "nobody answers at" in done.output
    assert "bridge web" in done.output
    nothing_is_left(stage, before)


def test_a_service_of_another_installation(bridge: Any, stage: Stage) -> None:
    """It has another key, so it cannot read the draft."""
    before = stage.mapping
    key = Fernet.generate_key().decode()
    done = bridge(*stage.line(), **stage.typed(BRIDGE_SECRET_KEY=key))
    assert done.exit_code == 1
    assert "BRIDGE_SECRET_KEY" in done.output
    nothing_is_left(stage, before)


def test_a_draft_that_is_over(bridge: Any, stage: Stage) -> None:
    stage.fast = timedelta(hours=2)
    before = stage.mapping
    done = bridge(*stage.line(), **stage.typed())
    assert done.exit_code == 1
    assert "does not know of this account (404)" in done.output
    nothing_is_left(stage, before)


def test_another_verify_token_at_an_address_of_ours(bridge: Any, stage: Stage) -> None:
    """The app calls another account of ours, with too few fields: entering more of them asks
    there, for a word that is not this account's."""
    with serve(_refusing) as other:
        hook = AppHook(stage.town.meta.id, "page", f"{other.url}/hooks/facebook/x", "w", ("feed",))
        stage.town.hooks.subscribe_app(hook)
        before = stage.mapping
        done = bridge(*stage.line(), **stage.typed())
        assert done.exit_code == 1
        assert "which is not ours" in done.output
        nothing_is_left(stage, before)
    ours = f"{stage.environ['BRIDGE_PUBLIC_URL']}/hooks/facebook/unknown"
    stage.town.hooks.subscribe_app(AppHook(stage.town.meta.id, "page", ours, "w", ("feed",)))
    done = bridge(*stage.line(), **stage.typed())
    assert done.exit_code == 1
    assert "Callback verification failed" in done.output
    nothing_is_left(stage, before)


def _refusing(_wanted: Any, start: Any) -> list[bytes]:
    start("401 Unauthorized", [])
    return []


def test_the_networks_side_is_left_alone_without_leave(bridge: Any, stage: Stage) -> None:
    before = stage.mapping
    done = bridge(*stage.line("--no-fix"), **stage.typed())
    assert done.exit_code == 1
    assert "nothing was changed" in done.output
    assert stage.town.hooks.of_app(stage.town.meta.id) == ()
    nothing_is_left(stage, before)


def test_an_interruption_leaves_nothing(
    bridge: Any, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C while the way to us is tried; the draft was there by then."""
    from bridge.connecting import rehearsal

    seen: list[list[str]] = []

    def interrupted(*_: Any) -> Any:
        seen.append(stage.rows())
        raise KeyboardInterrupt

    before = stage.mapping
    monkeypatch.setattr(rehearsal, "findings", interrupted)
    done = bridge(*stage.line(), **stage.typed())
    assert done.exit_code == 1
    [rows] = seen
    assert "draft:acme" in rows
    nothing_is_left(stage, before)


def test_a_mapping_that_cannot_be_written(
    bridge: Any, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is sealed then, and no half of a file lies about."""
    from bridge.connecting import saving

    def refused(*_: Any) -> None:
        raise PermissionError(13, "Permission denied")

    before = stage.mapping
    monkeypatch.setattr(saving.os, "replace", refused)
    done = bridge(*stage.line(), **stage.typed())
    assert done.exit_code == 2
    assert "cannot be written: Permission denied" in done.output
    nothing_is_left(stage, before)
    assert not list(stage.home.glob(".mapping*"))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (("--account=shop",), 'there is an account "shop" already'),
        (("--account=Acme Page",), "small letters"),
        (("--set=app_id=1 2",), "given twice"),
        (("--set=pageid=1",), "page_id"),
        (("--set=verify_token=word",), "--secret verify_token=VARIABLE"),
        (("--secret=messenger=APP",), "no secret"),
        (("--secret=verify_token=NOT_THERE",), "NOT_THERE is not set"),
        (("--set=version=latest",), "must be like v"),
        (("--language=klingon",), "klingon"),
    ],
)
def test_wrong_use_is_told(bridge: Any, stage: Stage, wrong: tuple[str, ...], said: str) -> None:
    """Exit code 2, before anybody is called."""
    before = stage.mapping
    done = bridge(*stage.line(*wrong), **stage.typed())
    assert done.exit_code == 2, done.output
    assert said in done.output
    nothing_is_left(stage, before)


def test_no_key_no_draft(bridge: Any, stage: Stage) -> None:
    done = bridge(*stage.line(), **stage.typed(BRIDGE_SECRET_KEY=""))
    assert done.exit_code == 2
    assert "bridge new-key" in done.output


def test_a_network_that_is_none(bridge: Any) -> None:
    done = bridge("connect", "facebok")
    assert done.exit_code == 2
    assert 'did you mean "facebook"' in done.output


def test_the_networks_are_listed(bridge: Any) -> None:
    listed = json.loads(bridge("connect", "--list", "--json").output)
    assert {"facebook": "pushed", "mastodon": "read"}.items() <= {
        one["network"]: one["comes"] for one in listed
    }.items()
