"""The commands that answer and end."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from bridge.cli import examining, main
from bridge.errors import Misconfigured
from bridge.ledger import accounts, conversations, deliveries, lanes, people, replies, steps
from bridge.ledger.accounts import State
from bridge.ledger.secrets import Safe
from bridge.ledger.shapes import Draft
from bridge.model import AgentComment, Finding, Outcome, Person, Urgency, Visibility, utcnow
from bridge.opening import open_bridge
from bridge.settings import Secret, load

ROOT = Path(__file__).resolve().parents[2]
ADA = Person("site", "shop/7", "ada", "Ada")
MESSAGE = {
    "type": "message.created",
    "timestamp": "2026-11-21T12:00:00Z",
    "data": {"id": "m1", "author": {"id": "7", "name": "Ada"}, "text": "I want a refund"},
}


def a_reply(store, comment_id, outcome):
    """A reply of an agent that came to something."""
    with store.writing() as tx:
        person = people.remember(tx, ADA)
        conversation = conversations.begin(tx, "shop", person, f"key-{comment_id}", tx.now)
        comment = AgentComment(comment_id, "35", "hello", True, True, "1", "Ines", tx.now)
        draft = Draft("shop", Visibility.PRIVATE, "hello", ADA, "m1", "m1", "", ())
        reply_id = replies.take(
            tx, "helpdesk:zendesk", comment, conversation, draft=draft, because="", answers=None
        )
        if outcome:
            replies.came_to(tx, reply_id, outcome)
    return reply_id


LOADED = """
import contextlib, io, sys
sys.argv = ["bridge", *{line!r}, "--help"]
from bridge.cli import main
with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
    main()
print(*sys.modules)
"""
HEAVY = {
    *(
        "alembic",
        "asyncio",
        "authlib",
        "celery",
        "cryptography",
        "flask",
        "gunicorn",
        "marshmallow",
    ),
    *("nh3", "prometheus_client", "psycopg", "pygal", "regex", "requests", "sqlalchemy"),
    *("structlog", "tenacity", "twitter_text", "yaml", "zenpy"),
}


def loaded_by(code):
    """The modules that a fresh interpreter has after this."""
    run = [sys.executable, "-c", code]
    return set(subprocess.run(run, capture_output=True, text=True, check=True).stdout.split())


def test_help_loads_nothing_heavy():
    """`bridge --help` must answer at once: the heavy libraries are the commands' own."""
    assert set() == HEAVY & loaded_by(LOADED.format(line=[]))


@pytest.mark.parametrize("name", main.commands)
def test_the_help_of_a_command_loads_nothing_heavy(name):
    """Nor the commands beside it; one may borrow the words of one other."""
    loaded = loaded_by(LOADED.format(line=[name]))
    assert set() == HEAVY & loaded
    of_commands = {main.commands[other].callback.__module__ for other in main.commands}
    assert main.commands[name].callback.__module__ in loaded
    assert len(of_commands & loaded) <= 2


def test_what_serves_loads_nothing_that_few_need():
    """X's patterns took a fifth of each start; a sign-in at a provider is loaded by the first."""
    loaded = loaded_by("import sys, bridge.web.wsgi, bridge.cli.work; print(*sys.modules)")
    assert set() == loaded & {"authlib", "celery", "pkg_resources", "twitter_text"}


def test_a_command_that_is_none_is_wrong_use(bridge):
    """Exit code 2."""
    assert bridge("frobnicate").exit_code == 2


@pytest.mark.parametrize(
    "line", [("status",), ("doctor",), ("retry",), ("worker",), ("web",), ("migrate",), ("run",)]
)
def test_wrong_settings_are_told_without_a_traceback(bridge, line):
    """Each mistake on a line of its own, and no value of a secret among them."""
    done = bridge(*line, BRIDGE_SECRET_KEY="not-a-fernet-key", BRIDGE_WORKERS="many")
    assert done.exit_code == (1 if line == ("doctor",) else 2)
    assert "BRIDGE_SECRET_KEY" in done.output
    assert "BRIDGE_WORKERS" in done.output
    assert "not-a-fernet-key" not in done.output
    assert "Traceback" not in done.output


@pytest.mark.parametrize("line", [("status",), ("retry",), ("replay",), ("rotate-key",)])
def test_a_database_of_another_release_says_what_to_run(bridge, line):
    """Exit code 2."""
    done = bridge(*line)
    assert done.exit_code == 2
    assert "bridge migrate" in done.stderr


NO_NAME = ("postgresql://bridge:hunter22@127.0.0.1:9/", "names no database")
NO_FOLDER = ("sqlite:////nowhere/at/all/ledger.sqlite3", "no folder /nowhere/at/all")


@pytest.mark.parametrize(
    "line",
    [
        ("status",),
        ("setup", "zendesk", "--dry-run"),
        ("pause", "shop"),
        ("resume", "shop"),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize(("url", "says"), [NO_NAME, NO_FOLDER], ids=["no name", "no folder"])
def test_an_address_that_leads_to_no_database_is_told(bridge, line, url, says):
    """Exit code 2."""
    done = bridge(*line, BRIDGE_DATABASE_URL=url)
    assert done.exit_code == 2
    assert done.stderr.startswith("BRIDGE_DATABASE_URL does not lead to a database: ")
    assert says in done.stderr
    assert "hunter22" not in done.output


def test_the_files_explain_where_there_is_no_ledger_yet(bridge):
    """An address that names none is wrong all the same."""
    assert bridge("explain", BRIDGE_DATABASE_URL=NO_FOLDER[0]).exit_code == 0
    done = bridge("explain", BRIDGE_DATABASE_URL=NO_NAME[0])
    assert done.exit_code == 2
    assert "names no database" in done.stderr


@pytest.mark.parametrize(("url", "says"), [NO_NAME, NO_FOLDER], ids=["no name", "no folder"])
def test_a_wrong_address_is_no_defect_to_doctor_nor_to_the_web_service(bridge, environ, url, says):
    done = bridge("doctor", BRIDGE_DATABASE_URL=url)
    assert done.exit_code == 1
    assert says in done.output
    assert "ValueError" not in done.output
    settings = load({**environ, "BRIDGE_DATABASE_URL": url})
    with pytest.raises(Misconfigured, match=says):
        open_bridge(settings, environ, live=True)


def test_a_database_that_is_away_is_told(bridge):
    """Exit code 1: the settings may be right."""
    done = bridge("status", BRIDGE_DATABASE_URL="postgresql://nobody:hunter22@127.0.0.1:9/none")
    assert done.exit_code == 1
    assert "does not answer" in done.stderr
    assert "hunter22" not in done.output


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:///",
        "sqlite:////proc/nowhere/x",
        "postgresql://h:x/n",
        "postgresql://",
        "postgres://h/",
    ],
)
def test_an_address_that_leads_nowhere_is_wrong_use(bridge, url):
    """No traceback for a slip in BRIDGE_DATABASE_URL."""
    done = bridge("migrate", BRIDGE_DATABASE_URL=url)
    assert done.exit_code == 2
    assert "BRIDGE_DATABASE_URL" in done.stderr


def test_migrating_twice_changes_nothing(bridge):
    """The second time there is nothing to do."""
    assert (0, "done\n") == ((a := bridge("migrate")).exit_code, a.stdout)
    assert "nothing to do" in bridge("migrate").stdout


def test_a_new_key_is_a_key(bridge):
    """It is what BRIDGE_SECRET_KEY wants, and nothing else is printed."""
    Fernet(bridge("new-key").stdout.strip())


def test_rotating_seals_with_the_first_key(bridge, store):
    """Afterwards the old key is not needed any more."""
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    with store.writing() as tx:
        Safe((Secret(old),)).put(tx, "token", "value")
    assert bridge("rotate-key", BRIDGE_SECRET_KEY=new).exit_code == 2
    done = bridge("rotate-key", BRIDGE_SECRET_KEY=f"{new},{old}")
    assert (0, "sealed anew: 1\n") == (done.exit_code, done.stdout)
    with store.reading() as tx:
        assert Safe((Secret(new),)).get(tx, "token") == "value"


def test_check_tells_every_mistake(bridge, home):
    """With file, line and the nearest word; exit code 1."""
    file = home / "wrong.yaml"
    file.write_text("accounts: {}\nrulse: []\nrules:\n  - {name: x, rout: {}}\n")
    done = bridge("check", str(file))
    assert done.exit_code == 1
    assert f"{file}:2:1" in done.stdout
    assert "rout" in done.stdout
    told = json.loads(bridge("check", str(file), "--json").stdout)
    assert told["usable"] is False
    assert 2 in [each["line"] for each in told["mistakes"]]


def test_check_of_no_file_is_wrong_use(bridge):
    """Exit code 2, with or without an argument."""
    assert bridge("check", "/nowhere.yaml").exit_code == 2
    assert bridge("check", BRIDGE_MAPPINGS="/nowhere").exit_code == 2


def test_check_says_that_a_mapping_can_be_used(bridge):
    """Exit code 0."""
    done = bridge("check")
    assert (0, "1 accounts, 3 rules: it can be used\n") == (done.exit_code, done.stdout)
    assert json.loads(bridge("check", "--json").stdout)["usable"] is True


def test_a_mapping_with_mistakes_stops_other_commands(bridge, home):
    """Exit code 2: it is the settings that are wrong there."""
    (home / "mapping.yaml").write_text("accounts: {}\n")
    done = bridge("explain")
    assert done.exit_code == 2
    assert "mapping.yaml" in done.stderr


def test_explain_says_which_rule_and_why_not_the_others(bridge):
    """A post given by options."""
    done = bridge("explain", "--text", "my refund!", "--followers", "20", "--kind", "dm")
    assert done.exit_code == 0
    assert re.search(r"no +Reposts: ", done.stdout)
    assert re.search(r"no +Payments: .*20", done.stdout)
    assert "takes it  Everything" in done.stdout
    assert "a ticket: group Support" in done.stdout
    assert "private" in done.stdout
    (told,) = json.loads(bridge("explain", "--kind", "repost", "--json").stdout)
    assert ("skip", "nothing new in it") == (told["decision"], told["because"])


def test_explain_of_an_unknown_account_helps(bridge):
    """The nearest name is told."""
    done = bridge("explain", "--account", "shpo")
    assert done.exit_code == 2
    assert 'did you mean "shop"?' in done.stderr


def test_explain_of_what_is_stored(bridge, store, home):
    """A delivery by its number; one that is not there, or holds no post, is wrong use."""
    with store.writing() as tx:
        body = json.dumps(MESSAGE).encode()
        deliveries.receive(tx, source="shop", key="1", via="webhook", body=body)
        deliveries.receive(tx, source="shop", key="2", via="webhook", body=b"x")
        deliveries.receive(tx, source="helpdesk:zendesk", key="3", via="webhook", body=b"x")
    done = bridge("explain", "--delivery", "1")
    assert done.exit_code == 0
    assert "delivery 1: waiting" in done.stdout
    assert "I want a refund" in done.stdout
    for missing in (("--delivery", "2"), ("--delivery", "3"), ("--delivery", "9"), ("--post", "m")):
        assert bridge("explain", *missing).exit_code == 2


def test_doctor_finds_what_is_wrong_and_hides_nothing(bridge, store):
    """The helpdesk and the website are not there; everything else is looked at all the same."""
    done = bridge("doctor")
    assert done.exit_code == 1
    assert re.search(r"PROBLEM +sign-in", done.stdout)
    assert "account shop (site)" in done.stdout
    assert "the tables are of this release" in done.stdout
    assert "make one with `bridge new-key`" in done.stdout
    told = json.loads(bridge("doctor", "--json").stdout)
    parts = [each["what"] for each in told["examined"]]
    assert ["settings", "mapping", "database", "account shop (site)", "helpdesk"] == parts
    assert told["problems"] >= 1


def test_a_defect_in_one_check_does_not_hide_the_others(bridge, store, monkeypatch):
    """It is a finding like any other."""

    def breaks(self):
        raise KeyError("oops")

    monkeypatch.setattr("bridge.channels.site.Site.examine", breaks)
    told = json.loads(bridge("doctor", "--json").stdout)
    found = {each["what"]: each["findings"] for each in told["examined"]}
    assert "KeyError" in found["account shop (site)"][0]["says"]
    assert found["helpdesk"]


def test_doctor_goes_on_without_settings(bridge):
    """Wrong settings do not keep the mapping from being looked at."""
    told = json.loads(bridge("doctor", "--json", BRIDGE_WORKERS="many").stdout)
    assert ["settings", "mapping"] == [each["what"] for each in told["examined"]]
    assert "BRIDGE_WORKERS" in told["examined"][0]["findings"][0]["says"]


def test_doctor_looks_for_the_groups_that_rules_name(bridge, store, home, zendesk_sandbox):
    """A group that the helpdesk has not is a problem, by the rule's name; a known one is none."""
    where = {"ZENDESK_URL": zendesk_sandbox.url, "ZENDESK_OAUTH_TOKEN": zendesk_sandbox.token}
    text = (home / "mapping.yaml").read_text()
    known = text.replace("Support", "Social").replace("Billing", "Social")
    (home / "mapping.yaml").write_text(known.replace("group: Social, prio", "group: Sociall, prio"))
    done = bridge("doctor", **where)
    assert done.exit_code == 1
    assert re.search(r"PROBLEM +rule 'Payments': .*Sociall", done.stdout)
    assert "rule 'Everything'" not in done.stdout
    (home / "mapping.yaml").write_text(known)
    assert "every group, assignee and form" in bridge("doctor", **where).stdout


def test_status_tells_what_waits(bridge, store):
    """Accounts, lanes, counts; for people and for machines."""
    with store.writing() as tx:
        accounts.stands(tx, "shop", State.NEEDS_SIGN_IN, "revoked")
        deliveries.receive(tx, source="shop", key="1", via="webhook", body=b"x")
        lanes.wake(tx, "intake:shop")
    done = bridge("status")
    assert done.exit_code == 0
    assert re.search(r"shop +needs_sign_in .*revoked", done.stdout)
    assert "1 due, the first since" in done.stdout
    told = json.loads(bridge("status", "--json").stdout)
    assert ("needs_sign_in", {"waiting": 1}) == (told["accounts"][0]["state"], told["deliveries"])


class Owl:
    """A channel that is read, and knows as whom."""

    every = timedelta(minutes=1)
    network = "owl"

    def __init__(self, account: str, handle: str) -> None:
        self.account = account
        self.handle = handle

    def read(self, cursor: str) -> None: ...

    def examine(self) -> tuple[Finding, ...]:
        return (Finding("credentials", Urgency.OK, f"signed in as @{self.handle}"),)


def test_doctor_finds_one_identity_under_two_names(bridge, store, monkeypatch):
    """Two tokens of it look different in the mapping; the network tells who signs in."""
    owls = {name: Owl(name, handle) for name, handle in (("a", "ada"), ("b", "bo"), ("c", "ada"))}
    monkeypatch.setattr(examining, "_channels", lambda settings, mapping: owls)
    told = json.loads(bridge("doctor", "--json").stdout)["examined"]
    wrong = {
        part["what"]: each["says"]
        for part in told
        for each in part["findings"]
        if part["what"].startswith("account") and each["urgency"] == "problem"
    }
    assert wrong == {"account c (owl)": "a is signed in as @ada, too: every post makes two tickets"}


def test_retry_lists_what_was_not_delivered(bridge, store):
    """Exit code 1 while something waits, 0 when nothing does."""
    assert bridge("retry").exit_code == 0
    a_reply(store, "c1", Outcome.REFUSED)
    a_reply(store, "c2", Outcome.DELIVERED)
    a_reply(store, "c3", None)
    done = bridge("retry")
    assert done.exit_code == 1
    assert "refused" in done.stdout
    (told,) = json.loads(bridge("retry", "--json").stdout)
    assert ("35", "refused", "private") == tuple(
        told[each] for each in ("ticket_id", "outcome", "visibility")
    )


def test_retry_tries_once_more(bridge, store):
    """A step for the next attempt, its lane awake; a second call finds nothing to retry."""
    reply_id = a_reply(store, "c1", Outcome.REFUSED)
    assert bridge("retry", str(reply_id)).exit_code == 0
    with store.reading() as tx:
        (step,) = steps.waiting(tx, "conversation:1")
        assert ("reply", f"{reply_id}:2") == (step.kind, step.about)
        assert lanes.backlog(tx).due == 1
    assert bridge("retry", str(reply_id)).exit_code == 2


def test_retry_leaves_alone_what_was_delivered_or_is_on_its_way(bridge, store):
    """Nothing is ever sent twice by a slip of the keyboard."""
    delivered = a_reply(store, "c1", Outcome.DELIVERED)
    under_way = a_reply(store, "c2", None)
    for reply_id in (delivered, under_way, 99):
        assert bridge("retry", str(reply_id)).exit_code == 2
    assert bridge("retry", "1", "--all").exit_code == 2


def test_retry_all_spares_the_unknown_ones(bridge, store):
    """They may have arrived; only --unknown-too takes them along."""
    refused = a_reply(store, "c1", Outcome.REFUSED)
    unknown = a_reply(store, "c2", Outcome.UNKNOWN)
    assert [refused] == json.loads(bridge("retry", "--all", "--json").stdout)["done"]
    done = json.loads(bridge("retry", "--all", "--unknown-too", "--json").stdout)["done"]
    assert [unknown] == done


def set_aside(store):
    with store.writing() as tx:
        deliveries.receive(tx, source="shop", key="1", via="webhook", body=b"x")
        deliveries.settle(tx, 1, deliveries.SET_ASIDE, "not JSON")
        steps.add(tx, "conversation:1", "post", "1")
        steps.settle(tx, 1, steps.SET_ASIDE, "the group is gone")
        lease = lanes.claim(tx, "me", timedelta(seconds=9))
        lanes.hold(tx, lease, utcnow() + timedelta(hours=1), "held")


def test_replay_lists_what_is_set_aside(bridge, store):
    """Exit code 1 while something is, 0 when nothing is."""
    assert bridge("replay").exit_code == 0
    set_aside(store)
    done = bridge("replay")
    assert done.exit_code == 1
    assert "not JSON" in done.stdout
    told = json.loads(bridge("replay", "--json").stdout)
    assert ["1", "step:1"] == [each["item"] for each in told]


@pytest.mark.parametrize("items", [("1", "step:1"), ("--all",)])
def test_replay_takes_up_again(bridge, store, items):
    """The delivery waits again, the step too, and no hold keeps their lanes."""
    set_aside(store)
    for item in items:
        assert bridge("replay", item).exit_code == 0
    with store.reading() as tx:
        assert {"waiting": 1} == deliveries.counts(tx)
        assert {"waiting": 1} == steps.counts(tx)
        assert (2, 0) == ((b := lanes.backlog(tx)).due, b.held)
    assert bridge("replay", "1").exit_code == 2


def test_what_needs_nothing_is_dismissed(bridge, store):
    """It is off the list, and not done."""
    set_aside(store)
    assert bridge("replay", "--all", "--dismiss").exit_code == 0
    with store.reading() as tx:
        assert {"dismissed": 1} == deliveries.counts(tx)
        assert {"dismissed": 1} == steps.counts(tx)
    assert bridge("replay").exit_code == 0


@pytest.mark.parametrize("item", ["x", "step:", "step:x", "-1", "1.5", "²"])
def test_what_is_no_item_is_wrong_use(bridge, store, item):
    """Exit code 2, no traceback."""
    done = bridge("replay", item)
    assert (2, True) == (done.exit_code, "Traceback" not in done.output)


@pytest.mark.parametrize(
    "line",
    [
        ("retry",),
        ("replay",),
        ("replay", "--dismiss"),
        ("explain", "--delivery"),
        ("tokens", "revoke"),
        ("mapping", "diff"),
        ("mapping", "diff", "1"),
        ("mapping", "rollback", "-m", "back"),
        ("mapping", "apply", "-m", "new", "--over"),
        ("webhooks", "replay", "crm", "--first"),
        ("webhooks", "replay", "crm", "--first", "1", "--last"),
    ],
)
@pytest.mark.parametrize("number", ["9" * 30, "9" * 5_000, "0"])
def test_a_number_that_no_database_counts_to_is_wrong_use(bridge, store, line, number):
    done = bridge(*line, number)
    assert 2 == done.exit_code
    assert isinstance(done.exception, SystemExit)


def test_a_step_has_no_such_number_either(bridge, store):
    for item in ("step:" + "9" * 30, "step:" + "9" * 5_000):
        done = bridge("replay", item)
        assert 2 == done.exit_code
        assert isinstance(done.exception, SystemExit)


def test_the_documentation_of_the_commands_is_theirs(bridge):
    """docs/commands.md is what `bridge reference` prints."""
    assert bridge("reference").stdout == (ROOT / "docs" / "commands.md").read_text("utf-8")


def test_the_procfile_names_commands_that_exist(bridge):
    """release, web and worker."""
    lines = (ROOT / "Procfile").read_text().splitlines()
    assert ["release", "web", "worker"] == [line.partition(":")[0] for line in lines]
    for line in lines:
        command = line.partition(": bridge ")[2].split()[0]
        assert bridge(command, "--help").exit_code == 0
