"""Counting: what was meant against what is there. Pure, so that it can be shown to fail.

What an agent's answer must have become is worked out here once more from the ticket as it stands,
by the rule that agents are told (docs/agents.md), not by the bridge's own code.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from soak.plan import Way

AGENT, BRIDGE = "an agent", "the bridge"


@dataclass(frozen=True, slots=True)
class Said:
    """A customer's post. `id` is the network's, `word` what nobody else says."""

    word: str
    conversation: str
    account: str
    id: str
    author: str
    private: bool


@dataclass(frozen=True, slots=True)
class Written:
    """An agent's answer."""

    word: str
    way: Way


@dataclass(frozen=True, slots=True)
class Piece:
    """A post as a comment tells it: its word, and whether the comment calls it private."""

    word: str
    private: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One comment. `by` is a customer's name, `AGENT` or `BRIDGE`; `answer` an answer's word."""

    id: str
    by: str
    public: bool
    pieces: tuple[Piece, ...] = ()
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Ticket:
    number: int
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Sent:
    """A message of the brand on a network. `above` is the id of what it answers, `to` the names of
    those it is for, `words` every word of ours in it; a notice has none."""

    account: str
    id: str
    above: str
    private: bool
    to: tuple[str, ...]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Meant:
    """All in the order in which it was said and written."""

    said: tuple[Said, ...]
    written: tuple[Written, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    tickets: tuple[Ticket, ...]
    sent: tuple[Sent, ...]


@dataclass(frozen=True, slots=True)
class Due:
    """What an answer must have become: a message below `target`, as visible as `private` says."""

    word: str
    ticket: int
    target: Said
    private: bool

    @property
    def is_handover(self) -> bool:
        return self.private and not self.target.private


def differences(meant: Meant, seen: Seen) -> list[str]:
    """Every way in which what is there is not what was meant; none if all is exact."""
    found = [*_posts(meant, seen), *_order_of_posts(meant, seen), *_written(meant, seen)]
    due = dues(meant, seen)
    return [*found, *_answers(due, seen), *_notices(due, seen)]


def places(seen: Seen) -> dict[str, list[tuple[int, Line, Piece]]]:
    """A post's word → wherever it stands on a ticket."""
    found: dict[str, list[tuple[int, Line, Piece]]] = defaultdict(list)
    for ticket in seen.tickets:
        for line in ticket.lines:
            for piece in line.pieces:
                found[piece.word].append((ticket.number, line, piece))
    return found


def _posts(meant: Meant, seen: Seen) -> Iterator[str]:
    """Each post once, by its author, as visible as it was; nothing that nobody said."""
    standing = places(seen)
    known = {post.word for post in meant.said}
    for post in meant.said:
        there = standing.get(post.word, [])
        yield from _once(f"{post.word} ({post.conversation})", len(there), "on a ticket")
        for number, line, piece in there:
            where = f"{post.word} on #{number}"
            if line.by != post.author:
                yield f"{where} is by {line.by}, not by {post.author}"
            if piece.private != post.private:
                yield f"{where} is called {_seen_by(piece.private)}, not {_seen_by(post.private)}"
            if not line.public:
                yield f"{where} is an internal note"
    for word in standing:
        if word not in known:
            yield f"{word} is on a ticket, and nobody said it"


def _order_of_posts(meant: Meant, seen: Seen) -> Iterator[str]:
    """A conversation has one ticket, a ticket one conversation, in the order it was said."""
    by_word = {post.word: post for post in meant.said}
    tickets_of: dict[str, set[int]] = defaultdict(set)
    for ticket in seen.tickets:
        words = [piece.word for line in ticket.lines for piece in line.pieces]
        posts = [by_word[word] for word in dict.fromkeys(words) if word in by_word]
        for conversation in dict.fromkeys(post.conversation for post in posts):
            tickets_of[conversation].add(ticket.number)
        if len({post.conversation for post in posts}) > 1:
            yield f"#{ticket.number} mixes {_and(sorted({one.conversation for one in posts}))}"
        there = {post.word for post in posts}
        if [post.word for post in posts] != [one.word for one in meant.said if one.word in there]:
            yield f"#{ticket.number} is out of order: {_and(post.word for post in posts)}"
    for conversation, numbers in tickets_of.items():
        if len(numbers) > 1:
            yield f"{conversation} is on {len(numbers)} tickets: {_and(map(str, sorted(numbers)))}"


def _written(meant: Meant, seen: Seen) -> Iterator[str]:
    """What agents wrote is still there, once, and the bridge has noted nothing beside it."""
    answers = Counter(line.answer for one in seen.tickets for line in one.lines if line.answer)
    for written in meant.written:
        yield from _once(written.word, answers[written.word], "written on a ticket")
    for ticket in seen.tickets:
        for line in ticket.lines:
            if line.by == BRIDGE:
                yield f"#{ticket.number} has a note of the bridge: comment {line.id}"


def dues(meant: Meant, seen: Seen) -> list[Due]:
    """What each answer on each ticket must have become, in the tickets' order."""
    by_word = {post.word: post for post in meant.said}
    ways = {written.word: written.way for written in meant.written}
    found = []
    for ticket in seen.tickets:
        pending: list[Said] = []
        earlier: list[Said] = []
        for line in ticket.lines:
            pending += [by_word[one.word] for one in line.pieces if one.word in by_word]
            if not line.answer:
                continue
            target, private = _aim(ways.get(line.answer, ""), pending, earlier)
            if target is not None:
                found.append(Due(line.answer, ticket.number, target, private))
            earlier, pending = [*earlier, *pending], []
    return found


def _aim(way: Way, pending: list[Said], earlier: list[Said]) -> tuple[Said | None, bool]:
    """An answer goes to what was said since the last one, else to the last post before that. It is
    private if any of that is, or if the agent says so; public against that only by #public."""
    answered = pending or earlier[-1:]
    if way != "public" and (way == "dm" or any(post.private for post in answered)):
        return _last([one for one in answered if one.private]) or _last(answered), True
    return _last([one for one in (*earlier, *pending) if not one.private]), False


def _answers(due: list[Due], seen: Seen) -> Iterator[str]:
    """Each answer once, below what it answers, to its author alone, as visible as it must be."""
    standing: dict[str, list[Sent]] = defaultdict(list)
    for sent in seen.sent:
        for word in sent.words:
            standing[word].append(sent)
    for one in due:
        there = standing.pop(one.word, [])
        yield from _once(one.word, len(there), "on the network")
        for sent in there:
            yield from _as_it_must_be(one, sent)
    for word in standing:
        yield f"{word} was posted by the brand, and no answer says it"
    yield from _order_of_answers(due, seen)


def _as_it_must_be(due: Due, sent: Sent) -> Iterator[str]:
    if sent.private != due.private:
        yield f"{due.word} is {_seen_by(sent.private)} on the network, not {_seen_by(due.private)}"
    if (sent.account, sent.above) != (due.target.account, due.target.id):
        yield f"{due.word} answers {sent.above} in {sent.account}, not {due.target.word}"
    if sent.to != (due.target.author,):
        yield f"{due.word} went to {_and(sent.to)}, not to {due.target.author}"


def _order_of_answers(due: list[Due], seen: Seen) -> Iterator[str]:
    position = {word: at for at, sent in enumerate(seen.sent) for word in sent.words}
    by_ticket: dict[int, list[str]] = defaultdict(list)
    for one in due:
        if one.word in position:
            by_ticket[one.ticket].append(one.word)
    for number, words in by_ticket.items():
        if words != sorted(words, key=position.__getitem__):
            yield f"the answers on #{number} went out in another order: {_and(words)}"


def _notices(due: list[Due], seen: Seen) -> Iterator[str]:
    """One for each public post that was answered privately, in public, after that answer."""
    notices = [sent for sent in seen.sent if not sent.words]
    wanted = {(one.target.account, one.target.id): one for one in reversed(due) if one.is_handover}
    found = Counter((sent.account, sent.above) for sent in notices)
    for place, handover in wanted.items():
        yield from _once(f"the notice about {handover.word}", found.pop(place, 0), "in its thread")
    for account, above in found:
        yield f"a notice below {above} in {account} is about nothing"
    position = {word: at for at, sent in enumerate(seen.sent) for word in sent.words}
    for at, sent in enumerate(seen.sent):
        handed = None if sent.words else wanted.get((sent.account, sent.above))
        if handed and sent.private:
            yield f"the notice about {handed.word} is private"
        if handed and position.get(handed.word, at) > at:
            yield f"the notice about {handed.word} came before it"


def _once(what: str, times: int, where: str) -> Iterator[str]:
    if times == 0:
        yield f"{what} is lost: it is not {where}"
    elif times > 1:
        yield f"{what} is {times} times {where}"


def _last(posts: list[Said]) -> Said | None:
    return posts[-1] if posts else None


def _seen_by(private: bool) -> str:
    return "private" if private else "public"


def _and(words: Iterable[str]) -> str:
    return ", ".join(words)
