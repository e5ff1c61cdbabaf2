"""After an erasure nothing of the person is left: not in the database, not in its file, not on
tickets."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bridge.flow import erasing
from bridge.flow import lanes as names
from bridge.ledger import Ledger, deliveries, erasures, lanes, ranks
from bridge.ledger import tables as t
from bridge.ledger.ranks import Rank
from bridge.mapping import ErasedAt
from bridge.model import File
from bridge.worker import seed

PICTURE = b"\x89PNG\r\n\x1a\n" + b"0" * 40
PRIVATE = ("Zimtstern", "Quittengelee", "Wacholder", "Rhabarber", "Mirabelle", "Holunder")
"""One odd word for each thing she says."""


def _dump(ledger: Ledger, *, files: bool = True) -> str:
    """Every table, every column, as text; and on SQLite every byte of the files as well."""
    found: list[str] = []
    with ledger.reading() as tx:
        for table in t.metadata.sorted_tables:
            for row in tx.conn.execute(select(table)):
                cells = (
                    c.decode("utf-8", "replace") if isinstance(c, bytes) else str(c) for c in row
                )
                found.append(f"{table.name}: {' | '.join(cells)}")
    if files and ledger.is_sqlite:
        for suffix in ("", "-wal"):
            file = Path(f"{ledger.engine.url.database}{suffix}")
            if file.exists():
                found.append(file.read_bytes().decode("latin-1"))
    return "\n".join(found)


def _tickets(world: Any) -> str:
    """All that agents see: comments with their files, subjects, fields, users."""
    desk = world.desk
    said = [str(each) for ticket in desk.all_tickets() for each in desk.comments(ticket.id)]
    heads = [f"{each.subject} {each.fields}" for each in desk.all_tickets()]
    return "\n".join([*said, *heads, *(f"{u.name} {u.external_id}" for u in desk.users.values())])


def _left(text: str, wanted: tuple[str, ...]) -> list[str]:
    words = {each: rf"(?<!\w){re.escape(each)}(?!\w)" for each in wanted}
    return [each for each in wanted if re.search(words[each], text, re.IGNORECASE)]


def _chloes(world: Any) -> Any:
    """The ticket of the other customer."""
    return next(
        each
        for each in world.tickets()
        if any("mine is late" in said.plain_body for said in world.comments(each))
    )


@pytest.fixture
def told(world: Any) -> Any:
    """Ada in a thread with Chloe, edited, private, with a picture, answered, refused, skipped."""
    media = world.town.upload("ada", PICTURE, "image/png", "zimtstern.png", "my Zimtstern")
    first = world.ask("ada", "@bridge Zimtstern\nlies broken", media=(media.id,), language="en")
    world.answer("We are sorry, Ada!")
    world.ask("chloe", "@bridge @ada me too, mine is late", in_reply_to=first.id)
    world.town.edit(first.id, "@bridge Quittengelee lies broken")
    world.later(700)
    world.answer(
        "#dm Which order, @ada?", world.tickets()[0], files=(File("p.png", "image/png", PICTURE),)
    )
    dm = world.town.thread(first.id)[-1]
    world.ask("ada", "@bridge Wacholder 7", "direct", in_reply_to=dm.id)
    world.ask("ada", "@bridge Rhabarber, please", "direct")
    world.town_faults.add("refuse_replies", times=1)
    world.answer("We looked it up", world.tickets()[0])
    gone = world.ask("ada", "@bridge Mirabelle")
    world.town.delete(gone.id)
    world.later(700)
    world.answer("Hello Chloe", _chloes(world))
    return world


def _ada(world: Any) -> tuple[str, tuple[str, ...]]:
    """Her name for `erase`, and all that must not be found."""
    person = world.town.find("ada")
    handle = f"@{person.acct}"
    with world.bridge.ledger.reading() as tx:
        known = f"{person.id}@{world.town.domain}"
        row = tx.conn.execute(select(t.people).where(t.people.c.network_id == known)).one()
    assert row.handle
    return f"mastodon:{known}", (person.id, row.handle, handle, row.name, *PRIVATE[:5])


def _erase(world: Any, name: str) -> dict[str, Any]:
    [(row_id, _)] = erasing.find(world.bridge, name)
    document: dict[str, Any] = json.loads(erasing.erase(world.bridge, row_id, name))
    return document


def test_nothing_is_left_of_a_person(told: Any) -> None:
    """No name, handle, id or word in any row, in the database's file, or on a ticket; and Chloe,
    who took part in the thread, keeps hers."""
    name, wanted = _ada(told)
    assert _left(_dump(told.bridge.ledger), wanted) == list(wanted)
    assert set(_left(_tickets(told), wanted)) >= {wanted[3], *PRIVATE[:4]}
    certificate = _erase(told, name)
    assert _left(_dump(told.bridge.ledger), wanted) == []
    assert _left(_tickets(told), wanted) == []
    assert "mine is late" in _dump(told.bridge.ledger)
    assert "mine is late" in _tickets(told)
    assert _left(json.dumps(certificate), wanted) == []
    assert certificate["ledger"]["people"] == 1
    assert certificate["policy"] == "redact"
    assert any("Zendesk" in e or "history" in e for e in certificate["left"])


def test_what_was_erased_does_not_come_back(told: Any) -> None:
    """Read again, the same posts make no ticket; what she says later is from somebody new."""
    name, _ = _ada(told)
    with told.bridge.ledger.reading() as tx:
        old = tx.conn.execute(
            select(t.deliveries).where(t.deliveries.c.source == "acme").order_by(t.deliveries.c.id)
        ).all()
    _erase(told, name)
    tickets = len(told.tickets())
    with told.bridge.ledger.writing() as tx:
        for row in old:
            again = deliveries.receive(tx, source="acme", key=row.key, via="poll", body=row.body)
            assert again is None
        for row in old[:1]:
            deliveries.receive(tx, source="acme", key="other", via="poll", body=row.body)
        lanes.wake(tx, "intake:acme")
    told.later(700)
    assert len(told.tickets()) == tickets
    assert "Zimtstern" not in _dump(told.bridge.ledger, files=False)
    told.ask("ada", "@bridge Holunder")
    assert len(told.tickets()) == tickets + 1
    assert "Holunder" in told.tickets()[-1].subject
    told.answer("Hello again", told.tickets()[-1])
    assert "Hello again" in [s.text for s in told.town.statuses()][-1]


def test_the_others_go_on(told: Any) -> None:
    """Chloe's conversation is answered as before."""
    name, _ = _ada(told)
    _erase(told, name)
    ticket = _chloes(told)
    told.answer("Dear Chloe, it is on its way", ticket)
    assert "it is on its way" in [s.text for s in told.town.statuses()][-1]


class Died(BaseException):
    """The process is gone."""


@pytest.mark.parametrize("where", ["erase_from_ticket", "erase_user", "ledger", "compact"])
def test_a_death_in_the_middle_is_made_good_by_running_again(
    told: Any, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever it stops, the second run leaves nothing; a third one says that it was done."""
    name, wanted = _ada(told)
    [(row_id, _)] = erasing.find(told.bridge, name)

    def die(*_: Any, **__: Any) -> None:
        raise Died

    with monkeypatch.context() as patch:
        if where == "ledger":
            patch.setattr(erasures, "removed", die)
        elif where == "compact":
            patch.setattr(Ledger, "compact", die)
        else:
            patch.setattr(type(told.bridge.helpdesk), where, die)
        with pytest.raises(Died):
            erasing.erase(told.bridge, row_id, name)
    told.settle()
    if where == "compact":
        assert erasing.find(told.bridge, name) == ()
        before = erasing.earlier(told.bridge, name)
        assert before is not None
        erasing.finish(told.bridge, before.id)
    else:
        _erase(told, name)
    assert _left(_dump(told.bridge.ledger), wanted) == []
    assert _left(_tickets(told), wanted) == []
    after = erasing.earlier(told.bridge, name)
    assert after is not None
    assert (after.state, bool(after.certificate)) == (erasures.DONE, True)


def test_a_killed_process_is_made_good_by_running_it_again(
    told: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`kill -9` while the helpdesk carries out the first redaction; the next run ends the work."""
    name, wanted = _ada(told)
    settings = told.bridge.settings
    environ = {
        **os.environ,
        "BRIDGE_DATABASE_URL": settings.database_url.replace("+psycopg", ""),
        "BRIDGE_MAPPINGS": settings.mappings,
        "BRIDGE_TRUSTED_HOSTS": ",".join(settings.trusted_hosts),
        "BRIDGE_LEASE_SECONDS": "1",
        "ZENDESK_URL": settings.zendesk.url,
        "ZENDESK_OAUTH_TOKEN": settings.zendesk.oauth_token.reveal(),
        "MASTODON_TOKEN": told.town.token_for("bridge"),
    }
    line = [sys.executable, "-m", "bridge.cli", "erase", name, "--yes", "--json"]
    running: list[subprocess.Popen[bytes]] = []
    go = threading.Event()
    tell = told.desk.tell

    def kill(what: str, *about: Any, **more: Any) -> None:
        if what == "comment_redacted" and running[0].poll() is None:
            go.wait()
            running[0].kill()
        tell(what, *about, **more)

    with monkeypatch.context() as patch:
        patch.setattr(told.desk, "tell", kill)
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        running.append(subprocess.Popen(line, env=environ, **quiet))
        go.set()
        assert running[0].wait() == -signal.SIGKILL
    assert len(erasing.find(told.bridge, name)) == 1
    done = subprocess.run(line, env=environ, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()[-500:]
    assert json.loads(done.stdout)["ledger"]["people"] == 1
    assert _left(_dump(told.bridge.ledger), wanted) == []
    assert _left(_tickets(told), wanted) == []


def test_workers_write_nothing_about_them_meanwhile(
    told: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What she says while she is being erased waits, and is then said by somebody new."""
    name, wanted = _ada(told)
    desk = type(told.bridge.helpdesk)
    erase_user = desk.erase_user
    before = len(told.tickets())

    def busy(self: Any, user_id: str, *, delete: bool) -> Any:
        told.ask("ada", "@bridge Holunder")
        told.answer("Are you there, Ada?", told.tickets()[0])
        assert len(told.tickets()) == before
        return erase_user(self, user_id, delete=delete)

    with monkeypatch.context() as patch:
        patch.setattr(desk, "erase_user", busy)
        _erase(told, name)
    told.later(1)
    assert len(told.tickets()) == before + 1
    assert "Holunder" in told.tickets()[-1].subject
    assert _left(_dump(told.bridge.ledger, files=False), PRIVATE[:5]) == []
    assert all("Are you there" not in said.text for said in told.town.statuses())
    assert wanted


def test_what_takes_longer_than_a_lease_keeps_its_lanes(
    told: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Her conversations are at rest, and she writes after so many tickets were gone through."""
    name, _ = _ada(told)
    desk = type(told.bridge.helpdesk)
    erase_from_ticket, erase_user = desk.erase_from_ticket, desk.erase_user
    before = len(told.tickets())

    def slow(self: Any, *about: Any) -> Any:
        told.clock.move(told.bridge.settings.lease_seconds * 0.8)
        return erase_from_ticket(self, *about)

    def busy(self: Any, user_id: str, *, delete: bool) -> Any:
        told.ask("ada", "@bridge Holunder")
        assert len(told.tickets()) == before
        return erase_user(self, user_id, delete=delete)

    with monkeypatch.context() as patch:
        patch.setattr(desk, "erase_from_ticket", slow)
        patch.setattr(desk, "erase_user", busy)
        _erase(told, name)
    told.later(1)
    assert len(told.tickets()) == before + 1


def test_what_had_arrived_is_sorted_and_its_lane_kept(
    told: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lane in which something waits is held like the others: no worker sorts in it what comes
    before the first sign of life."""
    name, _ = _ada(told)
    ledger, tickets_named = told.bridge.ledger, type(told.bridge.helpdesk).tickets_named
    seen: list[int] = []

    def waiting() -> int:
        with ledger.reading() as tx:
            return len(deliveries.next_waiting(tx, "acme", 10))

    def keep(key: str) -> None:
        with ledger.writing() as tx:
            deliveries.receive(tx, source="acme", key=key, via="test", body=b"odd")
            lanes.wake(tx, names.intake("acme"), account="acme")

    def busy(self: Any, external_id: str) -> Any:
        if not seen:
            seen.append(waiting())
            keep("meanwhile")
            told.settle()
            seen.append(waiting())
        return tickets_named(self, external_id)

    keep("before")
    with monkeypatch.context() as patch:
        patch.setattr(type(told.bridge.helpdesk), "tickets_named", busy)
        _erase(told, name)
    assert [0, 1] == seen
    told.later(1)
    assert 0 == waiting()


def test_a_lane_that_an_erasure_made_is_its_accounts(told: Any) -> None:
    """What waits in it later stands in that account's line, and goes on when the account does."""
    _erase(told, _ada(told)[0])
    with told.bridge.ledger.writing() as tx:
        lanes.wake(tx, names.broadcast("acme"), account="acme", rank=Rank.BULK)
        assert "31acme" in [head.line for head in ranks.heads(tx)]


def test_a_lane_in_somebodys_hands_is_waited_for(
    told: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that is writing is never overtaken: nothing is removed while it holds the lane."""
    name, wanted = _ada(told)
    [(row_id, _)] = erasing.find(told.bridge, name)
    monkeypatch.setattr(erasing, "BETWEEN_LOOKS", 0.001)
    hasty = replace(told.bridge.settings, lease_seconds=0.001)
    told.bridge = replace(told.bridge, settings=hasty)
    with told.bridge.ledger.writing() as tx:
        held = lanes.take(tx, "conversation:1", "somebody", erasing.timedelta(hours=1))
    assert held is not None
    with pytest.raises(erasing.Again, match="run it again"):
        erasing.erase(told.bridge, row_id, name)
    assert _left(_dump(told.bridge.ledger), wanted) == list(wanted)
    with told.bridge.ledger.writing() as tx:
        lanes.rest(tx, held, None)
    _erase(told, name)
    assert _left(_dump(told.bridge.ledger), wanted) == []


def test_a_preview_changes_nothing(told: Any) -> None:
    """It counts by doing it and taking it back."""
    name, wanted = _ada(told)
    [(row_id, _)] = erasing.find(told.bridge, name)
    before = _left(_dump(told.bridge.ledger), wanted)
    would = erasing.preview(told.bridge, row_id)
    assert _left(_dump(told.bridge.ledger), wanted) == before
    did = _erase(told, name)
    assert dict(would.ledger) == did["ledger"]


@pytest.mark.parametrize("policy", [ErasedAt.KEEP, ErasedAt.DELETE_USER])
def test_the_mapping_says_what_happens_at_the_helpdesk(told: Any, policy: ErasedAt) -> None:
    """Kept as it is; or redacted, and the user deleted where Zendesk lets us."""
    name, wanted = _ada(told)
    told.bridge = replace(told.bridge, mapping=replace(told.bridge.mapping, erased_at=policy))
    for ticket in told.tickets():
        if "Ada" in ticket.subject:
            told.desk.close(ticket.id)
    before = _tickets(told)
    certificate = _erase(told, name)
    assert certificate["policy"] == policy
    if policy is ErasedAt.KEEP:
        assert _tickets(told) == before
    else:
        assert any("deleted for good" in each for each in certificate["helpdesk"])
        assert any("it is closed" in each for each in certificate["left"])
        comments = "\n".join(
            str(each) for ticket in told.tickets() for each in told.comments(ticket)
        )
        assert _left(comments, wanted) == []
    assert _left(_dump(told.bridge.ledger), wanted) == []
    seed(told.bridge)


def test_what_agents_did_to_their_posts_goes_as_well(told: Any) -> None:
    """Likes, reasons that quote them, and what still waits for a second person; in a thread with
    others only what was about them."""
    ada, chloe = told.tickets()[0], _chloes(told)
    told.answer("#like", ada, public=False)
    told.answer("#block Zimtstern is what they all say", ada, public=False)
    told.answer("#like", chloe, public=False)
    name, wanted = _ada(told)
    assert "Zimtstern is what" in _dump(told.bridge.ledger)
    certificate = _erase(told, name)
    assert certificate["ledger"]["acts"] == 2
    dump = _dump(told.bridge.ledger)
    assert _left(dump, wanted) == []
    with told.bridge.ledger.reading() as tx:
        left = tx.conn.execute(select(t.metadata.tables["acts"])).all()
    assert len(left) == 1
