"""Who proves to be whom without anybody's word: by what networks and the helpdesk tell anyway.

- **A confirmed link.** A server sets `verified_at` on a line of a profile once it has found that
  the linked page links back with `rel="me"`. So both sides have said it, and one direction is
  enough: https://docs.joinmastodon.org/user/profile/#verification
- **The same id.** A network told whom a private answer of ours reached under an id that is not the
  one they wrote in public under; or the helpdesk has two people as one user, because its agents
  merged them there.

What somebody has taken back is not found out again.
"""

from __future__ import annotations

import structlog

from bridge.flow.threads import handover_key
from bridge.ledger import Tx, conversations, customers, facts, people
from bridge.ledger.conversations import Conversation
from bridge.ledger.customers import CannotMerge, Proof
from bridge.model import Person, Post, Visibility

log = structlog.get_logger()


def look(tx: Tx, post: Post) -> None:
    """What a post shows of its author is put down, and what that proves. Locks as
    `customers.merge`: to be called last in a transaction."""
    person, source = post.author, facts.source_of(post.network, post.account)
    person_id = people.id_of(tx, person.network, person.id)
    if person_id is None:
        return  # an older version of a post, or one of ours
    news = facts.learn(tx, person_id, facts.shown_by(person), source)
    _by_links(tx, person_id, person, news, source)
    if post.visibility is Visibility.PRIVATE:
        led_to = conversations.by_key(tx, post.account, handover_key(person.id))
        if led_to is not None:
            _by_private_answer(tx, person_id, led_to, source)


def at_helpdesk(tx: Tx, person_id: int, helpdesk_id: str) -> None:
    """The helpdesk has this person as a user who is somebody else, too. Locks as `look`."""
    for other in people.with_helpdesk_id(tx, helpdesk_id):
        evidence = f"both are user {helpdesk_id} at the helpdesk"
        _same(tx, person_id, other, Proof.SAME_ID, evidence, facts.HELPDESK)


def _by_links(tx: Tx, person_id: int, person: Person, news: frozenset[str], source: str) -> None:
    for link in person.links:
        if f"{facts.LINK}{facts.address_of(link)}" in news:
            there = facts.living_at(tx, link)
            if len(there) == 1:  # an address of several people is nobody's own
                _same(tx, person_id, there[0], Proof.CONFIRMED_LINK, f"links to {link}", source)
    if "profile_url" in news:
        for other, link in facts.linking_to(tx, person.profile_url):
            if len(facts.living_at(tx, link)) == 1:
                _same(tx, other, person_id, Proof.CONFIRMED_LINK, f"links to {link}", source)


def _by_private_answer(tx: Tx, person_id: int, led_to: Conversation, source: str) -> None:
    """A private message came from the id that the network named when it took our private answer to
    the requester of a conversation."""
    other = people.id_of(tx, *led_to.requester)
    if other is not None:
        evidence = f"reached by the private answer in conversation_{led_to.id}"
        _same(tx, person_id, other, Proof.SAME_ID, evidence, source)


def _same(tx: Tx, one: int, other: int, proof: Proof, evidence: str, by: str) -> None:
    if one == other or customers.between(tx, one, other) or customers.was_undone(tx, one, other):
        return
    try:
        number = customers.merge(tx, one, other, proof=proof, evidence=evidence, by=by)
    except CannotMerge as refused:
        log.info("not merged", because=refused.because)
        return
    log.info("merged", merge=number, proof=str(proof))
