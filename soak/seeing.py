"""Both sides as they stand in the end, in the words of the count."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bridge.sandbox.mastodon import Reach, Status
from bridge.sandbox.zendesk import preset
from bridge.sandbox.zendesk.records import Said
from soak.counting import AGENT, BRIDGE, Line, Piece, Seen, Sent, Ticket
from soak.plan import SHOP, TOWN
from soak.world import BRAND, World

POST = re.compile(r"\bpost-\w+")
ANSWER = re.compile(r"\banswer-\w+")
_FOOTER = re.compile(r"^— .*?, (public|private)\b")
_QUOTE = re.compile(r"^@\S+: ")
"""What stood above a post in its thread is quoted below it, and is told elsewhere."""


def seen(world: World) -> Seen:
    tickets = tuple(
        Ticket(one.id, tuple(_line(world, said) for said in world.desk.comments(one.id)))
        for one in world.desk.all_tickets()
    )
    return Seen(tickets, (*_on_the_website(world), *_on_the_network(world)))


def pieces(text: str) -> tuple[Piece, ...]:
    """The posts that a comment tells. Each ends with a footer, which says who can read it."""
    found = []
    words: list[str] = []
    for line in text.splitlines():
        footer = _FOOTER.match(line)
        if footer:
            found += [Piece(word, footer[1] == "private") for word in words]
            words = []
        elif not _QUOTE.match(line):
            words += POST.findall(line)
    # Without a footer nobody is told who can read it: as if it were public.
    return (*found, *(Piece(word, private=False) for word in words))


def _line(world: World, said: Said) -> Line:
    if said.author_id in (preset.INES, preset.TOM):
        answer = ANSWER.search(said.plain_body)
        return Line(str(said.id), AGENT, said.public, answer=answer[0] if answer else "")
    name = world.desk.user(said.author_id).name.partition(" (")[0]
    by = BRIDGE if said.author_id == preset.BRIDGE_USER else name
    return Line(str(said.id), by, said.public, pieces(said.plain_body))


def _on_the_website(world: World) -> Iterator[Sent]:
    names = {one.id: one.name for one in world.website.customers}
    for one in world.website.replies():
        to = (names[one.to],)
        yield Sent(SHOP, one.id, one.parent_id, one.private, to, words(one.text))


def _on_the_network(world: World) -> Iterator[Sent]:
    names = {person.id: person.name for person in world.town.people()}
    brand = world.town.find(BRAND).id
    for one in world.town.statuses():
        if one.author == brand:
            to = tuple(names[person] for person in one.mentions)
            yield Sent(TOWN, one.id, one.in_reply_to, _is_private(one), to, words(one.text))


def _is_private(status: Status) -> bool:
    """Followers-only is not public, and not private either: whoever follows reads it."""
    return status.reach is Reach.DIRECT


def words(text: str) -> tuple[str, ...]:
    return (*POST.findall(text), *ANSWER.findall(text))
