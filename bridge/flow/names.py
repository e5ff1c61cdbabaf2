"""Who somebody is, where their messages do not tell: asked for once, and remembered."""

from __future__ import annotations

from dataclasses import replace

from bridge.channels.contract import Names
from bridge.errors import Again, PersonMustAct
from bridge.flow.bridge import Bridge
from bridge.ledger import facts, people
from bridge.ledger.steps import Step
from bridge.model import Post

NAMELESS_AFTER = 3
"""After so many tries the message is told without the name: the words cannot wait."""


def with_name(bridge: Bridge, step: Step, post: Post) -> Post:
    """The post with its author as the network shows them. Raises `Again` while it may yet tell."""
    channel = bridge.channel(post.account)
    if post.author.name or not isinstance(channel, Names):
        return post
    with bridge.ledger.reading() as tx:
        known = people.known(tx, post.author)
    if known is not None and known.name:
        return replace(post, author=known)
    try:
        found = channel.person(post.author.id)
    except PersonMustAct:
        return post
    except Again:
        if step.tries < NAMELESS_AFTER:
            raise
        return post
    with bridge.ledger.writing() as tx:
        if people.known(tx, post.author) is not None:  # they may have been erased meanwhile
            person_id = people.remember(tx, found)
            source = facts.source_of(post.network, post.account)
            facts.learn(tx, person_id, facts.shown_by(found), source)
    return replace(post, author=found)
