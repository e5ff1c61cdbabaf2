"""`bridge crm …`, from adding a target to taking it away, against stand-ins over real HTTP."""

from __future__ import annotations

import json
import logging
import os
import signal
import threading
from collections.abc import Callable, Iterator

import pytest
import structlog
from click.testing import CliRunner, Result
from connectors.feed_stand import TOKEN, FeedStand
from connectors.salesforce.stand import SalesforceStand
from connectors.samples import ADA, ADA_THERE, HELLO, TALK
from cryptography.fernet import Fernet

from bridge.cli import crm_following, main
from bridge.cli.examining import _database
from bridge.connectors.following import Following, Stopped
from bridge.errors import Misconfigured, NeedsSignIn
from bridge.ledger import Ledger, api_tokens, targets
from bridge.model import Urgency
from bridge.records import InteractionRecord
from bridge.settings import Settings

Bridge = Callable[..., Result]


@pytest.fixture
def feed() -> Iterator[FeedStand]:
    stand = FeedStand()
    with stand.running():
        stand.tell(ADA, ADA_THERE, TALK, HELLO)
        yield stand


@pytest.fixture
def salesforce() -> Iterator[SalesforceStand]:
    stand = SalesforceStand()
    with stand.running():
        yield stand


@pytest.fixture
def database() -> str:
    """The commands know nothing of which it is."""
    return "sqlite"


@pytest.fixture
def bridge(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bridge]:
    for name in list(os.environ):
        monkeypatch.delenv(name)
    for name, value in {
        "BRIDGE_DATABASE_URL": ledger.url,
        "BRIDGE_SECRET_KEY": Fernet.generate_key().decode(),
        "FEED_TOKEN": TOKEN,
        "APP_SECRET": "app-secret",
    }.items():
        monkeypatch.setenv(name, value)
    root = logging.getLogger()
    before = (list(root.handlers), root.level)
    yield lambda *arguments: CliRunner().invoke(main, ["crm", *arguments])
    structlog.reset_defaults()
    logging.captureWarnings(False)
    root.handlers[:], root.level = before[0], before[1]


@pytest.fixture
def add(bridge: Bridge, feed: FeedStand, salesforce: SalesforceStand) -> Callable[..., Result]:
    return lambda *more: bridge(
        "add", "acme", "--crm", "salesforce", "--yes", "--set", f"url={salesforce.url}",
        "--set", "client_id=app", "--secret", "client_secret=APP_SECRET",
        "--feed-url", feed.url, *more,
    )  # fmt: skip


def test_a_target_from_adding_it_to_taking_it_away(bridge, add, feed, salesforce, ledger):
    assert "salesforce" in bridge("kinds").output
    added = add("--feed-token", "FEED_TOKEN")
    assert 0 == added.exit_code, added.output
    assert "bridge crm setup acme" in added.output
    assert 2 == add("--feed-token", "FEED_TOKEN").exit_code

    assert 1 == bridge("check", "acme").exit_code
    assert "Social_Message__c" in bridge("setup", "acme", "--dry-run").output
    assert not salesforce.deploys
    made = bridge("setup", "acme", "--yes")
    assert (0, 1) == (made.exit_code, salesforce.deploys), made.output
    assert 0 == bridge("check", "acme").exit_code

    calls = len(salesforce.calls)
    rehearsed = bridge("sync", "acme", "--once", "--dry-run").output
    assert "would write 1 interaction" in rehearsed
    assert "It rattles." in rehearsed
    assert calls == len(salesforce.calls)

    salesforce.errors["post_1"] = ("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Region is needed")
    filled = bridge("backfill", "acme")
    assert 1 == filled.exit_code
    assert "3 written, 1 for you to look at" in filled.output
    (failed,) = json.loads(bridge("errors", "acme", "--json").stdout)
    assert ("post_1", "Region is needed") == (failed["object_id"], failed["because"])

    salesforce.errors.clear()
    assert "1 row will be tried again" in bridge("retry", "acme").output
    assert 0 == bridge("sync", "acme", "--once").exit_code
    (status,) = json.loads(bridge("status", "--json").stdout)
    assert ("following", {"written": 4}) == (status["state"], status["rows"])
    assert "app-secret" not in bridge("status").output
    assert "nothing has changed" in bridge("backfill", "acme").output
    assert "4 written" in bridge("backfill", "acme", "--anew").output

    feed.tell(InteractionRecord("post_1", deleted=True, deleted_reason="gdpr_erasure"))
    assert "1 removed" in bridge("sync", "acme", "--once").output
    assert not salesforce.rows["Social_Message__c"]
    assert 0 == bridge("remove", "acme", "--yes").exit_code
    assert 2 == bridge("sync", "acme", "--once").exit_code


def test_a_sign_in_that_does_not_work_is_not_kept(bridge, add, salesforce, ledger, monkeypatch):
    monkeypatch.setenv("APP_SECRET", "wrong")
    refused = add("--feed-token", "FEED_TOKEN")
    assert 1 == refused.exit_code
    assert "no access token was given" in refused.output
    with ledger.reading() as tx:
        assert not targets.every(tx)


def test_without_a_token_one_is_made_that_may_only_read_and_goes_with_it(bridge, add, ledger):
    assert 0 == add().exit_code
    with ledger.reading() as tx:
        (token,) = api_tokens.everything(tx)
    assert all(scope.endswith(":read") for scope in token.scopes)
    bridge("remove", "acme", "--yes")
    with ledger.reading() as tx:
        (token,) = api_tokens.everything(tx)
    assert token.revoked_at


def test_the_doctor_sees_a_target_that_is_held(add, ledger):
    add("--feed-token", "FEED_TOKEN")
    settings = Settings(database_url=ledger.url)
    assert not [each for each in _database(settings) if each.urgency is not Urgency.OK]
    with ledger.writing() as tx:
        targets.stand(tx, "acme", targets.Standing.HELD, "the storage is full")
    (held,) = [each for each in _database(settings) if each.urgency is not Urgency.OK]
    assert ("CRM acme", "held: the storage is full") == (held.about, held.says)


def test_a_package_is_written_for_an_admin(bridge, add, tmp_path):
    add()
    file = tmp_path / "package.zip"
    assert 0 == bridge("setup", "acme", "--package", str(file)).exit_code
    assert b"PK" == file.read_bytes()[:2]


def test_a_package_that_cannot_be_written_is_said_to_be_so(bridge, add, tmp_path):
    add()
    file = tmp_path / "no folder" / "package.zip"
    said = bridge("setup", "acme", "--package", str(file))
    assert (1, False) == (said.exit_code, file.exists())
    assert f"{file} cannot be written: No such file or directory" in said.output


class Steps:
    """A `Sync` whose steps are told beforehand; after the last one the process is told to end."""

    def __init__(self, *steps: Exception) -> None:
        self.left = list(steps)
        self.done = threading.Event()

    def step(self) -> None:
        if not self.left:
            self.done.set()
            raise Stopped
        raise self.left.pop(0)


def test_following_outlives_what_goes_wrong_and_ends_when_told(ledger, monkeypatch):
    monkeypatch.setattr("bridge.connectors.following.HELD", 0.0)
    with ledger.writing() as tx:
        targets.add(tx, "acme", "salesforce", {})
    steps = Steps(NeedsSignIn("no"), Misconfigured("no"))
    opened = []
    crew = Following(ledger, lambda name, wait: opened.append(name) or steps)
    crew.look()
    assert steps.done.wait(60)
    crew.stop()
    assert ["acme"] * 3 == opened
    with pytest.raises(Stopped):
        crew.wait(1)


class Crew:
    """Is told to end while it looks for targets."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def look(self) -> None:
        self.heard.append("look")
        os.kill(os.getpid(), signal.SIGTERM)

    def stop(self) -> None:
        self.heard.append("stop")


def test_a_sigterm_ends_it_in_order():
    hook = threading.excepthook
    crew = Crew()
    try:
        assert crm_following._until_told(crew, 10)
    finally:
        threading.excepthook = hook
    assert ["look", "stop"] == crew.heard
