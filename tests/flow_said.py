"""What was said in a small world, and what must therefore stand on its tickets and in its threads.

It is computed from what people did, never from what the bridge says of it. Every post, answer and
note carries a token of its own (`p3v0e` is version 0 of post 3), by which it is found again.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bridge.sandbox.site.website import BRAND
from bridge.sandbox.zendesk import preset
from bridge.sandbox.zendesk.records import Said as Comment

POST = re.compile(r"p(\d+)v(\d+)e")
ANSWER = re.compile(r"a(\d+)e")
NOTE = re.compile(r"n(\d+)e")
PRIVATE_LINE = "private: only the customer and we can read it"
FAILED = ("Nothing was sent", "may or may not have been posted")
NOTICE_FAILED = "public line that says so"


@dataclass
class Said:
    """One post of a customer. `place` is its rank where the bridge hears things in the order in
    which they were said, None where it was told of it out of turn."""

    number: int
    account: str
    id: str
    who: str
    private: bool
    thread: str
    place: int | None
    version: int = 0
    deleted: bool = False

    @property
    def text(self) -> str:
        return f"p{self.number}v{self.version}e"


@dataclass
class Answered:
    """One answer of an agent. `private` is how it must be, None where the model cannot tell;
    `to` is the post that it must answer, None where there is none."""

    number: int
    ticket: int
    comment: int
    private: bool | None
    to: Said | None
    explicit: bool


@dataclass
class Heard:
    """Something of ours on a network."""

    account: str
    private: bool
    text: str
    parent: str
    readers: tuple[str, ...]


@dataclass
class Story:
    """Everything that people said and did."""

    stage: Any
    posts: list[Said] = field(default_factory=list)
    answers: list[Answered] = field(default_factory=list)
    notes: int = 0
    _standing: dict[int, tuple[int, ...]] = field(default_factory=dict)

    # -------------------------------------------------------------- what agents see

    def look(self) -> None:
        """Remember what each comment told, before its words are taken off."""
        for ticket in self.stage.world.tickets():
            for said in self.stage.world.comments(ticket):
                numbers = tuple(int(number) for number, _ in told(said))
                if numbers and said.public:
                    self._standing.setdefault(said.id, numbers)

    def standing(self, comment: Comment) -> tuple[Said, ...]:
        return tuple(self.posts[number] for number in self._standing.get(comment.id, ()))

    def answer(self, ticket: Any, command: str, field_says: str | None) -> Answered:
        """An agent answers what stands on the ticket. The second promise, said once more: as what
        is answered; privately where they choose so; publicly where they choose so for this."""
        world = self.stage.world
        self.look()
        pending: list[Said] = []
        earlier: list[Said] = []
        last: list[Said] = []
        sure = True
        for said in world.comments(ticket):
            if not said.public:
                continue
            if world.desk.user(said.author_id).is_staff:
                earlier, last, pending = earlier + pending, pending or last, []
            else:
                pending += self.standing(said)
                sure = sure and bool(self.standing(said))
        before = world.desk.ticket(ticket.id).value(preset.FIELD_REPLY_AS)
        number = len(self.answers)
        text = f"{command} a{number}e".strip()
        world.clock.move(1)
        comment = world.desk.answer(ticket.id, text, reply_as=field_says)
        stands = world.desk.ticket(ticket.id).value(preset.FIELD_REPLY_AS)
        above = pending or last
        inherits = any(post.private for post in above)
        chosen = stands == preset.REPLY_PUBLIC and stands != before
        if command == "#dm" or (not command and stands == preset.REPLY_PRIVATE):
            private = True
        else:
            private = inherits and command != "#public" and not chosen
        if not above and not command and stands not in (preset.REPLY_PRIVATE, preset.REPLY_PUBLIC):
            private = True
        alike = above if private else earlier + pending
        fits = [post for post in alike if post.private == private] or (above if private else [])
        answered = Answered(
            number,
            ticket.id,
            comment.id,
            private if sure else None,
            fits[-1] if fits else None,
            explicit=command == "#public" or chosen,
        )
        self.answers.append(answered)
        return answered

    # -------------------------------------------------------------- what the networks show

    def heard(self) -> Iterator[Heard]:
        """Everything of ours on both networks."""
        town, website = self.stage.world.town, self.stage.website
        us = town.find("bridge").id
        for status in town.statuses():
            if status.author == us:
                private = status.visibility not in ("public", "unlisted")
                yield Heard("acme", private, status.text, status.in_reply_to, status.mentions)
        for message in website.messages():
            if message.author == BRAND:
                yield Heard("shop", message.private, message.text, message.parent_id, (message.to,))


def told(comment: Comment) -> list[tuple[str, str]]:
    """(number, version) of the posts that a comment itself tells: what it quotes below "Earlier in
    the thread", and what a post said before its edit, is not counted."""
    body, found = comment.plain_body.split("\n"), []
    quoting = False
    for line in body:
        if line.startswith(("Earlier in the thread", "Before the edit")):
            quoting = True
        elif line.startswith("— "):
            quoting = False
        elif not (quoting and (line.startswith("@") or not comment.public)):
            found += POST.findall(line)
    return found


# ------------------------------------------------------------------ what must be true


def check(story: Story) -> None:
    """Raises `AssertionError` for every broken promise that can be seen from outside."""
    tickets = story.stage.world.tickets()
    comments = {ticket.id: story.stage.world.comments(ticket) for ticket in tickets}
    check_posts(story, comments)
    check_order(story, comments)
    check_answers(story, comments)
    check_notices(story, comments)


def check_posts(story: Story, comments: dict[int, tuple[Comment, ...]]) -> None:
    """Each post once, on one ticket, by its author, as visible as it was; its newest version is
    the last one told. What was taken back stands nowhere."""
    world = story.stage.world
    everything = "\n".join(
        [ticket.subject for ticket in world.tickets()]
        + [f"{c.plain_body}\n{c.html_body}\n{c.body}" for some in comments.values() for c in some]
    )
    for post in story.posts:
        if post.deleted:
            left = re.findall(rf"p{post.number}v\d+e", everything)
            assert [] == left, f"{left} was deleted and can still be read"
            continue
        where = [
            (ticket, comment)
            for ticket, some in comments.items()
            for comment in some
            for number, _ in told(comment)
            if comment.public and int(number) == post.number
        ]
        assert 1 == len(where), f"post {post.number} is told {len(where)} times"
        ((ticket, comment),) = where
        author = world.desk.user(comment.author_id).name
        assert author.startswith(post.who), f"post {post.number} is told as {author}'s"
        says = PRIVATE_LINE in comment.plain_body
        assert post.private == says, f"post {post.number}: is the ticket right about who reads it?"
        versions = [
            int(version)
            for each in comments[ticket]
            for number, version in told(each)
            if int(number) == post.number
        ]
        assert versions[-1] == post.version, f"post {post.number}: {versions}, not {post.version}"
        assert len(versions) == len(set(versions)), f"post {post.number}: {versions}"


def check_order(story: Story, comments: dict[int, tuple[Comment, ...]]) -> None:
    """On a ticket stand the words of one customer, in the order in which they were heard."""
    for some in comments.values():
        posts = [
            story.posts[int(number)] for each in some if each.public for number, _ in told(each)
        ]
        assert len({(post.account, post.who) for post in posts}) <= 1, "two customers on a ticket"
        places = [post.place for post in posts if post.place is not None]
        assert places == sorted(places), f"out of order: {[post.number for post in posts]}"


def check_answers(story: Story, comments: dict[int, tuple[Comment, ...]]) -> None:
    """Each answer once, to whom and as visible as it was meant, or the ticket says that it was
    not sent. Nothing else of ours is on a network."""
    heard = list(story.heard())
    assert not any(NOTE.search(each.text) for each in heard), "an internal note was sent"
    sent: dict[int, list[Heard]] = {answer.number: [] for answer in story.answers}
    for each in heard:
        for number in ANSWER.findall(each.text):
            sent[int(number)].append(each)
        assert not POST.search(each.text)
    for answer in story.answers:
        found = sent[answer.number]
        assert len(found) <= 1, f"answer {answer.number} was sent {len(found)} times"
        if not found:
            notes = _below(answer, comments)
            assert any(words in note for note in notes for words in FAILED), (
                f"answer {answer.number} was not sent and the ticket does not say so: {notes}"
            )
            gone = answer.to is None or answer.to.deleted or answer.private is None
            unknown = any(FAILED[1] in note for note in notes)
            assert gone or unknown, f"answer {answer.number} could have been sent: {notes}"
            continue
        (there,) = found
        if answer.private is None:
            mine = [p for c in comments[answer.ticket] for p in story.standing(c) if p.private]
            assert there.private or answer.explicit or not mine, "a private word in public"
            continue
        assert there.private == answer.private, f"answer {answer.number}: private {there.private}?"
        assert answer.to is not None, f"answer {answer.number} answers nothing"
        assert there.parent == answer.to.id or answer.to.deleted, (
            f"answer {answer.number} hangs below {there.parent}, not post {answer.to.number}"
        )
        assert 1 == len(there.readers)


def check_notices(story: Story, comments: dict[int, tuple[Comment, ...]]) -> None:
    """One public line for each public post that was answered privately, and none for others."""
    found = Counter(
        (each.account, each.parent) for each in story.heard() if not ANSWER.search(each.text)
    )
    assert all(not each.private for each in story.heard() if not ANSWER.search(each.text))
    arrived = {int(n) for each in story.heard() for n in ANSWER.findall(each.text)}
    handed = [
        answer.to
        for answer in story.answers
        if answer.number in arrived and answer.private and answer.to and not answer.to.private
    ]
    sure = all(answer.private is not None for answer in story.answers)
    wanted = {(post.account, post.id): post for post in handed}
    known = {(post.account, post.id) for post in story.posts if not post.private}
    for where, times in found.items():
        assert 1 == times or not where[1], f"{times} notices below {where}"
        assert where in wanted or not where[1] or (not sure and where in known), "a notice too many"
    gone = sum(post.deleted for post in wanted.values())
    assert not sure or sum(found.values()) <= len(wanted)
    assert sum(times for (_, parent), times in found.items() if not parent) <= gone + (not sure) * 9
    if any(NOTICE_FAILED in c.plain_body for some in comments.values() for c in some):
        return
    missing = [where for where, post in wanted.items() if where not in found and not post.deleted]
    assert [] == missing, f"no notice below {missing}"


def _below(answer: Answered, comments: dict[int, tuple[Comment, ...]]) -> list[str]:
    """The internal notes written after an answer. The conversation may go on elsewhere."""
    return [
        comment.plain_body
        for some in comments.values()
        for comment in some
        if not comment.public and comment.id > answer.comment
    ]
