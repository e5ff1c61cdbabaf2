"""An export holds one customer's data: nothing of who is told beside them, and no employee's
name."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from crm_village import ADA, BEN, BRAND, Village, draft, said

from bridge.crm import export, export_text
from bridge.helpdesks.zendesk.compose import freeze, said_in
from bridge.ledger import Ledger, changes, customers, intents, people, posts, replies
from bridge.ledger.customers import Proof
from bridge.model import Outcome, Person, Visibility


def exported(ledger: Ledger, person_id: int) -> str:
    done = export.gather(ledger, person_id, said_in)
    return export_text.as_json(done) + export_text.as_markdown(done)


def test_what_we_told_somebody_else_privately_is_not_hers(full: Ledger) -> None:
    """Ben wrote in Ada's thread, and the bridge answered him by itself."""
    with full.writing() as tx:
        ada = people.remember(tx, ADA)
        home = Village(tx).begun(ADA, "another")
        secret = draft(BEN, "Zimtstern is what you are owed.", Visibility.PRIVATE)
        Village(tx).sent(home, "automatic:7", secret, None, "m7")
        Village(tx).sent(home, "automatic:8", draft(ADA, "Holunder is yours."), None, "m8")
    text = exported(full, ada)
    assert "Holunder" in text
    assert "Zimtstern" not in text
    assert BEN.id not in text


def test_what_went_from_the_network_long_ago_is_hers_while_it_is_kept(
    full: Ledger, clock: Any
) -> None:
    """The change feed tells nothing of it any more. What we said ourselves, too, and no message of
    ours that came back a second time."""
    with full.writing() as tx:
        ada = people.remember(tx, ADA)
        village = Village(tx)
        home = village.begun(ADA, "another")
        for number, text, more in (
            ("s8", "Zimtstern, never mind.", {}),
            ("s9", "Holunder is out of stock.", {"who": BRAND, "by_us": True}),
            ("s10", "Wacholder is Ben's.", {"who": BEN}),
        ):
            posts.gone(tx, village.heard(said(number, text, tx.now, **more), home))
    at_once = exported(full, ada)
    clock.move(timedelta(days=91).total_seconds())
    with full.writing() as tx:
        assert 3 <= changes.forget_tombstones(tx, tx.now - timedelta(days=90))
    late = exported(full, ada)
    for text in (at_once, late):
        assert "Zimtstern" in text
        assert "Holunder" in text
        assert "Wacholder" not in text
        assert "removed on the network" in text
    assert at_once.count("Zimtstern") == late.count("Zimtstern")


def test_who_withdrew_an_answer_is_an_agent(full: Ledger) -> None:
    with full.writing() as tx:
        ada = people.remember(tx, ADA)
        village = Village(tx)
        reply = village.answered(village.begun(ADA, "another"), "c9", draft(ADA, "No."), None)
        replies.came_to(tx, reply, Outcome.WITHDRAWN)
        because = "Ines Quittengelee wrote #withdraw"
        intents.note(tx, Outcome.WITHDRAWN, reply_id=reply, because=because)
    text = exported(full, ada)
    assert "an agent wrote #withdraw" in text
    assert "Quittengelee" not in text


def test_who_was_the_same_only_through_another_is_not_named(full: Ledger) -> None:
    """A note on her ticket still says with whom she was joined, and through whom."""
    with full.writing() as tx:
        ada = people.remember(tx, ADA)
        chloe, dora = (
            people.remember(tx, Person("x", each, f"{each}.handle", ""))
            for each in ("chloe", "dora")
        )
        first, _ = (
            customers.merge(tx, one, chloe, proof=Proof.AGENT, evidence="note 5", by="Ines")
            for one in (ada, dora)
        )
        said = f"One now: X @chloe.handle (identity_{chloe}), X @dora.handle (identity_{dora})"
        note = freeze({"comment": {"html_body": f"<p>{said}</p>"}})
        village = Village(tx)
        village.told(village.begun(ADA, "another"), "note", "t1:same:5", "c10", note)
        customers.undo(tx, first, by="Ines", because="a mistake")
    text = exported(full, ada)
    assert "One now" in text
    assert "chloe.handle" not in text
    assert "dora.handle" not in text


def test_why_a_merge_was_undone_names_nobody_else(full: Ledger) -> None:
    """They are one by another word since; what an admin wrote of Ben is Ben's business."""
    with full.writing() as tx:
        ada = people.remember(tx, ADA)
        (edge,) = customers.edges(tx, (ada,))
        customers.undo(tx, edge.id, by="Ines", because=f"it is the other one, not {BEN.name}")
        customers.merge(
            tx, ada, edge.other_id, proof=Proof.CRM, evidence=f"case of {BEN.name}", by="api:crm"
        )
    text = exported(full, ada)
    assert "it is the other one" in text
    assert BEN.name not in text
