"""Webhooks out, from a change in the ledger to an endpoint that verifies what it is sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from crm_village import everything, said
from faults.plan import Died
from sqlalchemy import delete
from webhooks_stage import Stage, is_genuine, open_stage

from bridge.crm.webhooks import keeping, sending
from bridge.crm.webhooks.events import EVENTS
from bridge.crm.webhooks.rendering import MOST_BYTES
from bridge.errors import Misconfigured, Refused
from bridge.flow import lanes as names
from bridge.flow.sweeping import LOG_KEPT
from bridge.ledger import (
    Ledger,
    Tx,
    accounts,
    changes,
    customers,
    deeds,
    endpoints,
    lanes,
    posts,
    sendings,
)
from bridge.ledger import tables as t
from bridge.ledger.accounts import About
from bridge.ledger.crm_tables import touched
from bridge.ledger.customers import Proof
from bridge.ledger.endpoints import Format, Stands
from bridge.ledger.ranks import heads
from bridge.ledger.secrets import Safe
from bridge.ledger.sendings import Became, Range
from bridge.model import DAY, HOUR

ON_ONE = pytest.mark.parametrize("database", ["sqlite"])
"""Where no SQL is asked that other tests here do not ask of both."""
DELIVERED, FAILED, SUPERSEDED = Became.DELIVERED, Became.FAILED, Became.SUPERSEDED


@pytest.fixture
def stage(ledger: Ledger, clock: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    with open_stage(ledger, clock, monkeypatch) as stage:
        yield stage


def states(stage: Stage) -> list[tuple[int, Became]]:
    return [(each.tries, each.state) for each in stage.log()]


def dies(*_: object) -> None:
    raise Died


def edited(tx: Tx, number: int, text: str) -> None:
    posts.add_revision(tx, number, said("p1", text, tx.now, revision=text), None)


# -- what an endpoint may be ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ({"url": "https://10.0.0.1/hook"}, "not a public address"),
        ({"url": "https://[::ffff:169.254.169.254]/latest"}, "not a public address"),
        ({"url": "http://93.184.215.14/hook"}, "https"),
        ({"url": "https://crm:secret@93.184.215.14/"}, "user name"),
        ({"url": "ftp://93.184.215.14/"}, "http"),
        ({"name": "My CRM"}, "small letters"),
        ({"events": ("interaction.created",)}, "interaction.created"),
        ({"events": ()}, "at least one"),
    ],
)
def test_what_cannot_be_an_endpoint_is_refused(clock, how: dict[str, Any], says: str) -> None:
    """With the reason, before anything is kept."""
    fine = endpoints.Wanted("crm", "https://93.184.215.14/hook", ("*",), Format.STANDARD)
    assert "" == keeping.wrong_with(fine, frozenset())
    assert says in keeping.wrong_with(replace(fine, **how), frozenset())


@ON_ONE
def test_without_a_key_there_is_no_endpoint(stage: Stage) -> None:
    """Secrets are kept sealed or not at all; nothing is left behind. Names are taken once."""
    settings = replace(stage.bridge.settings, secret_keys=())
    with pytest.raises(Misconfigured, match="BRIDGE_SECRET_KEY"):
        replace(stage, bridge=replace(stage.bridge, settings=settings)).add()
    with stage.ledger.reading() as tx:
        assert () == endpoints.everyone(tx)
    stage.add()
    with pytest.raises(Refused, match="already"):
        stage.add()


# -- what arrives ---------------------------------------------------------------------------------


def test_everything_is_told_and_verifies(full: Ledger, stage: Stage) -> None:
    """From the start: each record of the feed once, word for word, and every one is genuine."""
    stage.add(from_start=True)
    stage.settle()
    came = stage.receiver.taken()
    rows = {told["data"].pop("id"): told for told in (each.said for each in came)}
    feed = everything(full)
    assert feed.keys() == rows.keys()
    for record_id, row in feed.items():
        told = rows[record_id]
        assert told["data"].pop("read_at").startswith("https://bridge.example/api/v1/")
        assert row == {"id": record_id, **told["data"]}
        assert (row["updated_at"], True) == (told["timestamp"], told["type"] in EVENTS)
        assert told["type"].endswith(".deleted") == row["deleted"]
    assert len({each.id for each in came}) == len(came)
    assert not is_genuine(came[0], keeping.new_secret())
    stage.later(3600)
    assert [] == stage.receiver.taken()


@ON_ONE
def test_only_what_changes_from_now_on_and_is_chosen(full: Ledger, stage: Stage) -> None:
    """History is not sent unasked, nor what nobody chose; without news nothing comes."""
    stage.add("crm", "interaction.changed", "interaction.deleted")
    stage.settle()
    assert [] == stage.receiver.taken()
    number = stage.says("p9", "Where is my parcel?")
    stage.later(2)
    assert [f"post_{number}"] == [each.about for each in stage.receiver.taken()]
    stage.later(3600)
    assert [] == stage.receiver.taken()


@ON_ONE
def test_a_merge_is_an_event_and_so_is_its_end(full: Ledger, stage: Stage) -> None:
    """With who and why; the customers' own records follow."""
    stage.add()
    with full.writing() as tx:
        first, second = tx.conn.execute(t.people.select().order_by(t.people.c.id)).all()[:2]
        proof = {"proof": Proof.CRM, "evidence": "ticket 7", "by": "crm"}
        number = customers.merge(tx, first.id, second.id, **proof)
    stage.later(2)
    told = {each.said["type"]: each.said["data"] for each in stage.receiver.taken()}
    assert f"merge_{number}" == told["customer.merged"]["id"]
    assert {"customer.merged", "customer.changed", "identity.changed"} == told.keys()
    with full.writing() as tx:
        customers.undo(tx, number, by="crm", because="wrong person")
    stage.later(2)
    told = {each.said["type"]: each.said["data"] for each in stage.receiver.taken()}
    assert "wrong person" == told["customer.unmerged"]["undone_because"]


@ON_ONE
def test_cloudevents_in_structured_mode(stage: Stage) -> None:
    """One JSON object with every required attribute, signed like the other format.

    https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
    """
    stage.add(format=Format.CLOUDEVENTS)
    number = stage.says("p1", "hello")
    stage.later(2)
    event = next(each for each in stage.receiver.taken() if each.about == f"post_{number}")
    assert event.headers["content-type"].startswith("application/cloudevents+json")
    told = event.said
    assert ("1.0", event.id, "https://bridge.example") == tuple(
        told[name] for name in ("specversion", "id", "source")
    )
    assert ("interaction.changed", f"post_{number}") == (told["type"], told["subject"])
    assert "application/json" == told["datacontenttype"]
    assert stage.clock() >= datetime.fromisoformat(told["time"])
    assert "hello" == told["data"]["text"]


@ON_ONE
def test_a_long_text_is_cut_and_says_so(stage: Stage) -> None:
    """Within 20 kB, whatever it is written in, with where to read the whole of it."""
    stage.add("crm", "interaction.changed")
    text = 'ein \U0001f469\u200d\U0001f467 "Zitat"\n' * 3000
    stage.says("p1", text)
    stage.later(2)
    (came,) = stage.receiver.taken()
    data = came.said["data"]
    assert MOST_BYTES - 100 < len(came.body) <= MOST_BYTES
    assert (["text"], True) == (data["cut"], text.startswith(data["text"]))
    assert f"https://bridge.example/api/v1/interactions/{data['id']}" == data["read_at"]


# -- what fails -----------------------------------------------------------------------------------


def test_what_fails_is_tried_again_as_it_stands_by_then(stage: Stage) -> None:
    """The same webhook-id, a new timestamp, the text of now; the log says what became of it."""
    stage.add("crm", "interaction.changed")
    number = stage.says("p1", "before")
    stage.receiver.answers = [(400, {})]
    stage.later(2)
    [(log,)] = [stage.log()]
    assert (1, Became.WAITING, 400) == (log.tries, log.state, log.status)
    assert "answered 400" in log.because
    with stage.ledger.writing() as tx:
        edited(tx, number, "after")
        tx.conn.execute(delete(touched))  # the retry comes before the change is told
    stage.later(6)
    first, second = stage.receiver.taken()
    assert first.id == second.id
    assert first.headers["webhook-timestamp"] < second.headers["webhook-timestamp"]
    assert [(2, DELIVERED)] == states(stage)


@ON_ONE
def test_the_schedule_is_the_standards(stage: Stage) -> None:
    """Ten tries over about 75 hours, then it is shown as failed."""
    stage.add("crm", "interaction.changed")
    stage.says("p1", "hello")
    stage.receiver.answers = [(400, {})] * 20
    stage.later(2)
    for tried, wait in enumerate(sending.WAITS, 1):
        assert tried == len(stage.receiver.arrived)
        stage.later(wait.total_seconds() * 0.89)
        assert tried == len(stage.receiver.arrived)
        stage.later(wait.total_seconds() * 0.22)
    assert 10 == len(stage.receiver.taken())
    assert [(10, FAILED)] == states(stage)
    assert Stands.ON is stage.endpoint().state


@ON_ONE
def test_an_endpoint_that_takes_nothing_for_days_is_disabled(stage: Stage) -> None:
    """Something always waits, and nothing arrives: that is put down."""
    stage.add("crm", "interaction.changed")
    stage.receiver.answers = [(400, {})] * 40
    for number in range(4):
        assert Stands.ON is stage.endpoint().state
        stage.says(f"p{number}", "hello")
        for _ in range(26):
            stage.later(HOUR.total_seconds())
    endpoint = stage.endpoint()
    assert (Stands.DISABLED, True) == (endpoint.state, "nothing arrived" in endpoint.because)
    with stage.ledger.reading() as tx:
        assert "disabled a webhook endpoint" == deeds.latest(tx, 1)[0].what


@ON_ONE
@pytest.mark.parametrize("is_test", [False, True])
def test_time_in_which_there_is_nothing_to_tell_is_not_counted(stage: Stage, is_test: bool) -> None:
    """One event was given up, then nobody wrote for a month: a hiccup is a first one again."""
    stage.add("crm", "interaction.changed")
    stage.receiver.answers = [(422, {})] * 10
    stage.says("p1", "hello")
    stage.later(2)
    for wait in sending.WAITS:
        stage.later(wait.total_seconds() * 1.1)
    assert [(10, FAILED)] == states(stage)
    stage.clock.move(30 * DAY.total_seconds())
    stage.receiver.answers = [(502, {})]
    if is_test:
        with stage.ledger.writing() as tx:
            keeping.test(tx, stage.endpoint(), "ada")
    else:
        stage.says("p2", "still there?")
    stage.later(2)
    assert 11 == len(stage.receiver.taken())
    assert Stands.ON is stage.endpoint().state
    stage.says("p3", "hello")
    for _ in range(4):
        stage.later(10)
    assert (1, DELIVERED) == states(stage)[-1]
    assert stage.endpoint().failing_since is None


@ON_ONE
def test_410_disables_and_an_admin_resumes(stage: Stage) -> None:
    """Nothing more is sent, and nothing is lost: it goes on where it was left."""
    stage.add("crm", "interaction.changed")
    stage.receiver.answers = [(410, {})]
    one = stage.says("p1", "one")
    stage.later(2)
    two = stage.says("p2", "two")
    stage.later(3600)
    assert 1 == len(stage.receiver.taken())
    assert Stands.DISABLED is stage.endpoint().state
    with stage.ledger.reading() as tx:
        told = accounts.trouble(tx, stage.bridge.desk, About.WEBHOOKS)
    assert told is not None
    assert "no longer sent to crm" in told.because
    with stage.ledger.writing() as tx:
        assert keeping.resume(stage.bridge, tx, stage.endpoint(), "ada")
        assert accounts.trouble(tx, stage.bridge.desk, About.WEBHOOKS) is None
    stage.settle()
    stage.later(2)
    assert [f"post_{one}", f"post_{two}"] == [each.about for each in stage.receiver.taken()]


@ON_ONE
def test_who_asks_for_a_wait_gets_it(stage: Stage) -> None:
    """Retry-After holds the whole endpoint: nothing else is sent to it meanwhile."""
    stage.add("crm", "interaction.changed")
    stage.says("p1", "one")
    stage.says("p2", "two")
    stage.receiver.answers = [(429, {"Retry-After": "600"})]
    stage.later(2)
    stage.later(590)
    assert 1 == len(stage.receiver.taken())
    stage.later(60)
    assert 2 == len(stage.receiver.taken())


def test_an_old_state_never_follows_a_new_one(stage: Stage) -> None:
    """What waits gives way to a newer change of the same record, and is shown as such."""
    stage.add("crm", "interaction.changed")
    number = stage.says("p1", "first")
    stage.receiver.answers = [(400, {})]
    stage.later(2)
    with stage.ledger.writing() as tx:
        edited(tx, number, "second")
    stage.later(4)
    stage.later(3600)
    texts = [each.said["data"]["text"] for each in stage.receiver.taken()]
    assert ["first", "second"] == texts
    assert [(1, SUPERSEDED), (1, DELIVERED)] == states(stage)


def test_what_was_erased_meanwhile_is_told_as_erased(stage: Stage) -> None:
    """A waiting sending holds no words: what is sent is that it is gone."""
    stage.add("crm", "interaction.changed", "interaction.deleted")
    number = stage.says("p1", "my address is 1 Main Street")
    stage.receiver.answers = [(400, {})]
    stage.later(2)
    stage.receiver.taken()
    with stage.ledger.writing() as tx:
        tx.conn.execute(t.revisions.delete().where(t.revisions.c.post_id == number))
        tx.conn.execute(t.posts.delete().where(t.posts.c.id == number))
    stage.later(3)
    (came,) = stage.receiver.taken()
    assert "interaction.deleted" == came.said["type"]
    assert b"Main Street" not in came.body


def test_who_dies_after_the_call_sends_it_again(stage: Stage, monkeypatch) -> None:
    """The same webhook-id, so that the endpoint knows it; tried twice, delivered once."""
    stage.add("crm", "interaction.changed")
    stage.says("p1", "hello")

    with monkeypatch.context() as patch:
        patch.setattr(sending, "_settle", dies)
        with pytest.raises(Died):
            stage.later(2)
    stage.later(stage.bridge.settings.lease_seconds + 1)
    first, second = stage.receiver.taken()
    assert first.id == second.id
    assert [(2, DELIVERED)] == states(stage)


def test_who_dies_while_queueing_leaves_nothing_out(stage: Stage, monkeypatch) -> None:
    """What is queued and how far the endpoint was told is one transaction."""
    stage.add("crm", "interaction.changed")
    number = stage.says("p1", "hello")

    with monkeypatch.context() as patch:
        patch.setattr(endpoints, "told_to", dies)
        with pytest.raises(Died):
            stage.later(2)
    assert [] == stage.log()
    stage.later(stage.bridge.settings.lease_seconds + 1)
    assert [f"post_{number}"] == [each.about for each in stage.receiver.taken()]


@ON_ONE
def test_a_frozen_worker_sends_nothing_more(stage: Stage, monkeypatch) -> None:
    """Who wakes after another worker took over finds the lane gone, right where bytes leave."""
    stage.add("crm", "interaction.changed")
    stage.says("p1", "hello")
    look = sending.posting.look

    def frozen(*asked: Any) -> Any:
        monkeypatch.setattr(sending.posting, "look", look)
        stage.later(stage.bridge.settings.lease_seconds + 1)  # the others
        return look(*asked)

    monkeypatch.setattr(sending.posting, "look", frozen)
    stage.later(2)
    assert 1 == len(stage.receiver.taken())
    assert [(2, DELIVERED)] == states(stage)


@ON_ONE
def test_who_is_slow_waits_behind_the_others(stage: Stage) -> None:
    """After a slow answer the endpoint is left alone for as long as that took."""
    stage.add("slow", "interaction.changed")
    stage.says("p1", "one")
    stage.says("p2", "two")
    stage.receiver.on_call = lambda: stage.clock.move(10)
    stage.later(2)
    assert 1 == len(stage.receiver.taken())
    stage.later(9.5)
    assert [] == stage.receiver.taken()
    stage.later(1)
    assert 1 == len(stage.receiver.taken())


def test_who_takes_nothing_does_not_fill_the_table(stage: Stage, monkeypatch) -> None:
    """The rest waits in the feed, where each record stands once."""
    monkeypatch.setattr("bridge.crm.webhooks.queueing.MOST_WAITING", 2)
    monkeypatch.setattr("bridge.crm.webhooks.queueing.AT_A_TIME", 2)
    stage.add("crm", "interaction.changed")
    for number in range(5):
        stage.says(f"p{number}", "hello")
    stage.receiver.answers = [(500, {})]
    stage.later(2)
    assert 2 == len(stage.log())
    stage.later(3600)
    for _ in range(5):
        stage.later(2)
    assert {DELIVERED} == {each.state for each in stage.log()}
    assert 5 == len(stage.log())


# -- what admins do -------------------------------------------------------------------------------


def test_both_secrets_sign_while_one_is_replaced(stage: Stage) -> None:
    """For a day the old one still verifies, then it is gone, also from the ledger."""
    stage.add("crm", "interaction.changed")
    old = stage.receiver.secrets["crm"]
    new = keeping.rotate(stage.bridge, stage.endpoint(), "ada").secret
    stage.says("p1", "hello")
    stage.later(2)
    (came,) = stage.receiver.taken()
    assert is_genuine(came, old)
    assert is_genuine(came, new)
    stage.receiver.secrets["crm"] = new
    stage.clock.move(DAY.total_seconds())
    stage.says("p2", "hello again")
    stage.later(2)
    (came,) = stage.receiver.taken()
    assert not is_genuine(came, old)
    with stage.ledger.writing() as tx:
        assert 1 == endpoints.drop_old_secrets(tx)
        assert 1 == len(Safe(()).names(tx, "webhooks/"))
    with pytest.raises(Refused):
        keeping.rotate(stage.bridge, stage.endpoint(), "ada", timedelta(days=31))


@ON_ONE
def test_a_secret_that_is_renewed_twice_cuts_nobody_off(stage: Stage) -> None:
    """A second press of the button: the receiver still knows only the first secret. Without an
    overlap none of the old ones signs any more."""
    stage.add("crm", "interaction.changed")
    first = stage.receiver.secrets.pop("crm")
    for _ in range(2):
        newest = keeping.rotate(stage.bridge, stage.endpoint(), "ada").secret
    stage.says("p1", "hello")
    stage.later(2)
    (came,) = stage.receiver.taken()
    assert is_genuine(came, first)
    assert is_genuine(came, newest)
    last = keeping.rotate(stage.bridge, stage.endpoint(), "ada", timedelta(0)).secret
    stage.says("p2", "hello again")
    stage.later(2)
    (came,) = stage.receiver.taken()
    assert is_genuine(came, last)
    assert not is_genuine(came, newest)
    assert not is_genuine(came, first)


@ON_ONE
def test_a_paused_endpoint_is_tested_and_resumed(stage: Stage) -> None:
    """Nothing but the test is sent meanwhile; afterwards each record as it is by then, once."""
    stage.add("crm", "interaction.changed")
    with stage.ledger.writing() as tx:
        keeping.pause(stage.bridge, tx, stage.endpoint(), "ada", "moving house")
    number = stage.says("p1", "before")
    stage.later(2)
    with stage.ledger.writing() as tx:
        keeping.test(tx, stage.endpoint(), "ada")
        edited(tx, number, "after")
    stage.later(2)
    (test,) = stage.receiver.taken()
    assert "webhook.test" == test.said["type"]
    with stage.ledger.writing() as tx:
        keeping.resume(stage.bridge, tx, stage.endpoint(), "ada")
    stage.settle()
    assert ["after"] == [each.said["data"]["text"] for each in stage.receiver.taken()]


def test_a_range_is_replayed(stage: Stage) -> None:
    """By instant or by number, under the same webhook-ids, and nothing else."""
    stage.add("crm", "interaction.changed")
    numbers = []
    for number in range(3):
        numbers.append(stage.says(f"p{number}", "hello"))
        stage.later(60)
    before = {each.about: each.id for each in stage.receiver.taken()}
    second = stage.log()[1]
    by_time = Range(since=second.made_at, until=second.made_at + timedelta(seconds=1))
    by_number = Range(first=second.seq, last=second.seq)
    for wanted in (by_time, by_number):
        assert 1 == sum(keeping.replay(stage.bridge, stage.endpoint(), wanted, "ada"))
        stage.settle()
        (came,) = stage.receiver.taken()
        assert (f"post_{numbers[1]}", before[came.about]) == (came.about, came.id)
    nothing = Range(since=stage.clock() + timedelta(seconds=1))
    assert 0 == sum(keeping.replay(stage.bridge, stage.endpoint(), nothing, "ada"))
    assert {DELIVERED} == {each.state for each in stage.log()}


def test_a_removed_endpoint_is_gone(stage: Stage) -> None:
    """Its name is free, its secret dropped, what waited is not sent; later its log goes too."""
    stage.add("crm", "interaction.changed")
    gone = stage.endpoint()
    stage.says("p1", "hello")
    stage.receiver.answers = [(500, {})]
    stage.later(2)
    with stage.ledger.writing() as tx:
        keeping.remove(stage.bridge, tx, gone, "ada")
    stage.receiver.taken()
    stage.later(3600)
    assert [] == stage.receiver.taken()
    stage.add()
    with stage.ledger.writing() as tx:
        assert 1 == len(Safe(()).names(tx, "webhooks/"))
        assert [SUPERSEDED] == [each.state for each in sendings.log(tx, gone.id, 9)]
        assert 1 == sendings.forget(tx, tx.now + LOG_KEPT, 200)
        assert () == sendings.log(tx, gone.id, 9)
        left = tx.conn.execute(endpoints.endpoints.select()).all()
    assert [stage.endpoint().id] == [row.id for row in left]


@ON_ONE
def test_without_an_endpoint_nobody_looks(stage: Stage) -> None:
    """The lane that looks at the feed sleeps until there is one."""
    with stage.ledger.writing() as tx:
        lanes.wake(tx, "feed:helpdesk:zendesk")
    stage.settle()
    with stage.ledger.reading() as tx:
        assert not heads(tx)
    stage.add()
    with stage.ledger.reading() as tx:
        assert heads(tx)


def test_what_is_old_is_let_go_of(stage: Stage) -> None:
    """The log after 30 days, an old secret when it signs no more, tombstones after 90; who was
    away for all that time is told that deletions are missing."""
    stage.add("crm", "interaction.changed")
    number = stage.says("p1", "hello")
    keeping.rotate(stage.bridge, stage.endpoint(), "ada")
    stage.later(2)
    with stage.ledger.writing() as tx:
        keeping.pause(stage.bridge, tx, stage.endpoint(), "ada", "away")
        tx.conn.execute(t.revisions.delete().where(t.revisions.c.post_id == number))
        tx.conn.execute(t.posts.delete().where(t.posts.c.id == number))
    changes.catch_up(stage.ledger)
    for days, left in ((29, 1), (2, 0)):
        stage.clock.move(days * DAY.total_seconds())
        sweep(stage)
        assert left == len(stage.log())
    with stage.ledger.reading() as tx:
        assert 1 == len(Safe(()).names(tx, "webhooks/"))
        assert changes.one(tx, "post", number) is not None
    stage.clock.move(60 * DAY.total_seconds())
    sweep(stage)
    with stage.ledger.writing() as tx:
        assert changes.one(tx, "post", number) is None
        assert not keeping.resume(stage.bridge, tx, stage.endpoint(), "ada")


def test_a_deletion_that_waited_for_too_long_is_told_all_the_same(stage: Stage) -> None:
    """It was queued, failed, and the endpoint was paused until everybody else had forgotten it:
    what is gone must go there too."""
    stage.add("crm", "interaction.changed", "interaction.deleted")
    number = stage.says("p1", "my address is 1 Main Street")
    stage.later(2)
    with stage.ledger.writing() as tx:
        tx.conn.execute(t.revisions.delete().where(t.revisions.c.post_id == number))
        tx.conn.execute(t.posts.delete().where(t.posts.c.id == number))
    stage.receiver.answers = [(500, {})]
    stage.later(2)
    stage.receiver.taken()
    with stage.ledger.writing() as tx:
        keeping.pause(stage.bridge, tx, stage.endpoint(), "ada", "away")
    stage.clock.move((changes.KEPT_DAYS + 1) * DAY.total_seconds())
    sweep(stage)
    with stage.ledger.writing() as tx:
        assert changes.one(tx, "post", number) is None
        assert keeping.resume(stage.bridge, tx, stage.endpoint(), "ada")
    stage.settle()
    (came,) = stage.receiver.taken()
    told = came.said["data"]
    assert (f"post_{number}", True, "retention") == (
        came.about,
        told["deleted"],
        told["deleted_reason"],
    )
    assert told["deleted_at"]
    assert [DELIVERED] == [each.state for each in stage.log()]


def test_without_a_reader_nothing_piles_up(stage: Stage) -> None:
    """What changes is put down in the database whether or not anybody reads the feed."""
    number = stage.says("p1", "hello")
    stage.settle()
    with stage.ledger.reading() as tx:
        assert tx.conn.execute(touched.select()).all()
    sweep(stage)
    with stage.ledger.reading() as tx:
        assert [] == tx.conn.execute(touched.select()).all()
        assert changes.one(tx, "post", number) is not None


def sweep(stage: Stage) -> None:
    with stage.ledger.writing() as tx:
        lanes.release_now(tx, names.sweep(stage.bridge.desk))
    stage.settle()


@ON_ONE
def test_a_key_that_is_missing_later_holds_what_waits(stage: Stage) -> None:
    """Nothing goes out unsigned; it is said why, and it goes on when the key is back."""
    stage.add("crm", "interaction.changed")
    stage.says("p1", "hello")
    keyless = replace(stage.bridge, settings=replace(stage.bridge.settings, secret_keys=()))
    replace(stage, bridge=keyless).later(2)
    assert [] == stage.receiver.taken()
    with stage.ledger.reading() as tx:
        assert "BRIDGE_SECRET_KEY" in lanes.failing(tx, names.webhook(stage.endpoint().id))[1]
    stage.later(301)
    assert 1 == len(stage.receiver.taken())
