"""What people write when something is down: posts whose truth is known.

All is drawn from a seeded `Random`. `subject` is what they are about; a post of no storm is about
something of its own. Nothing here is a real post.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

_OPENERS = (
    "Again", "Seriously", "Hello", "Guys", "Great", "Wow", "So", "Well", "Argh", "Hey", "Sigh",
    "Unbelievable", "Nice", "Ok", "Fantastic", "Brilliant", "Honestly", "Please", "Help", "FYI",
)  # fmt: skip
_ENDINGS = (
    "fix it please", "anyone else?", "what is going on", "come on", "not good", "any update?",
    "this is a joke", "since this morning", "for an hour now", "I need it today", "thanks a lot",
    "when is it back?", "really annoying", "third time this month", "well done", "please hurry",
)  # fmt: skip
_EMOJI = ("😡", "🤦", "🙏", "😭", "🔥", "👏", "🙄", "‼️")
_TAGS = ("#fail", "#outage", "#acme", "#down", "#acmedown", "#help")

SUBJECTS = {
    "login": (
        "the Acme app does not let me log in, it says that the server cannot be reached",
        "I cannot log in to the Acme app, it always says the server cannot be reached",
    ),
    "payment": (
        "paying with your card reader fails everywhere, the display shows payment not possible",
    ),
}

_THINGS = (
    "parcel", "invoice", "jacket", "subscription", "charger", "voucher", "booking", "refund",
    "password", "delivery address", "newsletter", "warranty", "account", "seat", "router",
    "gift card", "coffee machine", "lamp", "shoes", "tent", "bicycle", "ticket", "blender",
)  # fmt: skip
_NEEDS = (
    "how do I change my {thing}, the page shows me nothing but a form",
    "my {thing} arrived damaged and nobody answers the telephone",
    "do you still sell the {colour} {thing} in {city}? It is not in the shop window any more",
    "I would like to send back the {thing} that I bought in {city} last {month}",
    "who is responsible for a {thing} when it was left with a neighbour in {city}?",
    "your colleague in {city} was very kind about my {thing}, please tell them",
    "the {thing} was charged to me a second time in {month}, can you look at it?",
    "is there a {colour} {thing} for children too, and what does it cost to {city}?",
    "I moved to {city} in {month} and my {thing} still goes to the former flat",
    "can I pick up the {thing} on a Sunday in {city}, or do I have to wait until {month}?",
)
_COLOURS = ("green", "black", "yellow", "red", "white", "violet")
_CITIES = ("Lisbon", "Hamburg", "Oslo", "Turin", "Ghent", "Lyon", "Vienna", "Cork", "Bilbao")
_MONTHS = ("January", "March", "May", "June", "August", "October", "December")

_OTHER_WORDS = {
    "does not": "doesn't", "cannot": "can't", "always": "only", "everywhere": "in every shop",
    "says that": "tells me", "shows": "says", "not possible": "impossible", "app": "application",
    "the server": "your server", "reached": "found", "display": "screen",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Said:
    """`subject` is "" for a need of its own, `how` one of `HOW`."""

    text: str
    subject: str
    how: str


def about(subject: str, dice: Random) -> str:
    """A near-duplicate: another opener, another ending, words put otherwise, a slip, signs."""
    words = dice.choice(SUBJECTS[subject])
    for wanted, instead in _OTHER_WORDS.items():
        if dice.random() < 0.15:
            words = words.replace(wanted, instead)
    if dice.random() < 0.3:
        at = dice.randrange(len(words) - 1)
        words = words[:at] + words[at + 1] + words[at] + words[at + 2 :]
    parts = [words]
    if dice.random() < 0.5:
        parts.insert(0, dice.choice(_OPENERS) + dice.choice((",", "!", " ...", ":")))
    if dice.random() < 0.5:
        parts.append(dice.choice((". ", ", ", " ")) + dice.choice(_ENDINGS))
    if dice.random() < 0.4:
        parts.append(dice.choice(_EMOJI) * dice.randint(1, 3))
    if dice.random() < 0.3:
        parts.append(dice.choice(_TAGS))
    if dice.random() < 0.3:
        parts.insert(0, "@acme")
    text = " ".join(parts)
    return text.upper() if dice.random() < 0.05 else text


def need(dice: Random) -> str:
    """Something of somebody's own; one in three names an order."""
    words = dice.choice(_NEEDS).format(
        thing=dice.choice(_THINGS), colour=dice.choice(_COLOURS), city=dice.choice(_CITIES),
        month=dice.choice(_MONTHS),
    )  # fmt: skip
    if dice.random() < 0.33:
        words += f", order {dice.randrange(100_000, 1_000_000)}"
    return f"@acme {words}" if dice.random() < 0.3 else words


def added_to(subject: str, dice: Random) -> str:
    """The very words, with something before and behind them."""
    parts = [SUBJECTS[subject][0]]
    if dice.random() < 0.5:
        parts.insert(0, dice.choice(_OPENERS) + dice.choice((",", "!", " ...", ":")))
    if dice.random() < 0.7:
        parts.append(dice.choice(_ENDINGS))
    if dice.random() < 0.5:
        parts.append(dice.choice(_EMOJI) * dice.randint(1, 3))
    return " ".join(parts)


def same_words_own_order(subject: str, dice: Random) -> str:
    """The hardest: the words of the storm, and a need of one's own in it."""
    return f"{added_to(subject, dice)}. My order is {dice.randrange(100_000, 1_000_000)}"


HOW = ("repost", "words added", "put otherwise", "own need", "own need in the same words")
"""What posts there are, and how many of a hundred: 40, 30, 20, 8 and 2."""


def storm(count: int, seed: int) -> tuple[Said, ...]:
    """So many posts as they come: two subjects, three of four posts about the first."""
    dice = Random(seed)  # noqa: S311  # no secret hangs on it
    said: list[Said] = []
    for _ in range(count):
        subject = dice.choices(tuple(SUBJECTS), (3, 1))[0]
        (how,) = dice.choices(HOW, (40, 30, 20, 8, 2))
        if how == "repost":
            text = f"RT @user{dice.randrange(90)}: {SUBJECTS[subject][0]}"
        elif how == "words added":
            text = added_to(subject, dice)
        elif how == "put otherwise":
            text = about(subject, dice)
        else:
            own = need(dice) if how == "own need" else same_words_own_order(subject, dice)
            mark = "".join(dice.choices("abcdefghijklmnopqrstuvwxyz", k=12))
            said.append(Said(f"{own} ({mark})", "", how))
            continue
        said.append(Said(text, subject, how))
    return tuple(said)
