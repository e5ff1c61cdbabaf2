"""Whose profile a link leads to."""

from __future__ import annotations

from sqlalchemy import event

from bridge.ledger import Ledger, facts, naming, people
from bridge.model import Person

FORUM = "https://forum.example/user.php"


def test_a_profile_that_only_its_query_tells_apart_is_nobody_elses(ledger: Ledger) -> None:
    """A checked link to number 9 proves nothing of number 7; nor does a typed one mean them."""
    with ledger.writing() as tx:
        seven = people.remember(tx, Person("site", "7", "seven", "", profile_url=f"{FORUM}?id=7"))
        tab = people.remember(
            tx, Person("site", "8", "eight", "", profile_url="https://app.example/u/#/8")
        )
        ada = people.remember(tx, Person("x", "1", "ada", "", profile_url="https://x.com/ada"))
        linking = Person("mastodon", "5", "five", "", links=(f"{FORUM}?id=9",))
        facts.learn(tx, ada, facts.shown_by(linking), "mastodon:acme")
        assert () == facts.living_at(tx, f"{FORUM}?id=9")
        assert () == facts.linking_to(tx, f"{FORUM}?id=7")
        assert () == naming.meant(tx, f"{FORUM}?id=9")
        assert () == naming.meant(tx, "https://app.example/u/#/9")
        assert (seven,) == facts.living_at(tx, "http://www.forum.example/user.php/?id=7")
        assert (tab,) == naming.meant(tx, "https://app.example/u#/8")
        assert [ada] == [who for who, _ in facts.linking_to(tx, f"{FORUM}?id=9")]
        assert (ada,) == naming.meant(tx, "https://X.com/Ada?s=20#top")


def test_what_is_known_of_many_is_asked_for_at_once(ledger: Ledger) -> None:
    """A customer of hundreds of identities costs a page a few queries, not hundreds."""
    with ledger.writing() as tx:
        ids = [people.remember(tx, Person("x", str(n), f"h{n}", "")) for n in range(9)]
        facts.learn(tx, ids[3], {"name": "Ada", "handle": "ada"}, "x:acme")
        asked: list[str] = []
        event.listen(tx.conn, "before_cursor_execute", lambda *it: asked.append(it[2]))
        known = facts.of_each(tx, ids)
    assert 1 == len(asked)
    assert ids == list(known)
    assert ["ada", "Ada"] == [each.value for each in known[ids[3]]]
    assert () == known[ids[0]]
