"""What an agent tells the bridge with the first word of a comment or of an internal note."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from bridge.text.phrases import comparable


class Command(StrEnum):
    """`#dm` and `#public` choose who reads this answer; `#retry`, in a note, sends it again;
    `#template` writes to somebody whose window has closed, where the network has a way to.

    The others are for notes alone: `#anyway`, `#dm`, `#approve` and `#withdraw` decide about an
    answer that was held back (`#approve` also about an act that needs a second person), `#same`
    and `#notsame` say who is one customer, `#answer-all` and `#stop` send and stop an answer to
    many, `#take-out` gives a folded post a ticket of its own, the rest are acts on a post or on its
    author.
    """

    NONE = ""
    DM = "dm"
    PUBLIC = "public"
    RETRY = "retry"
    TEMPLATE = "template"
    ANYWAY = "anyway"
    APPROVE = "approve"
    WITHDRAW = "withdraw"
    LIKE = "like"
    UNLIKE = "unlike"
    HIDE = "hide"
    UNHIDE = "unhide"
    DELETE = "delete"
    BLOCK = "block"
    UNBLOCK = "unblock"
    SAME = "same"
    NOTSAME = "notsame"
    ANSWER_ALL = "answer-all"
    STOP = "stop"
    TAKE_OUT = "take-out"


ACTS = frozenset(
    (
        Command.LIKE,
        Command.UNLIKE,
        Command.HIDE,
        Command.UNHIDE,
        Command.DELETE,
        Command.BLOCK,
        Command.UNBLOCK,
    )
)
ABOUT_PEOPLE = frozenset((Command.SAME, Command.NOTSAME))
TO_MANY = frozenset((Command.ANSWER_ALL, Command.STOP))
FOR_NOTES = (
    ACTS
    | ABOUT_PEOPLE
    | TO_MANY
    | {Command.RETRY, Command.ANYWAY, Command.APPROVE, Command.WITHDRAW, Command.TAKE_OUT}
)
"""Words that mean nothing at the head of an answer: one that begins so is not sent."""
IN_NOTES = FOR_NOTES | {Command.DM}
NOT_FOR_READERS = IN_NOTES | {Command.TEMPLATE}
"""Words that nobody means the public to read."""


@dataclass(frozen=True, slots=True)
class Order:
    """What an internal note asks for. `number` names what it is about as notes and the sidebar
    show it: `r12` an answer, `a7` an act, `p34` a post; "" is the newest, `NOTHING` none at all.
    `reason` is the rest; of `#same` and `#notsame` it is whom they are about."""

    command: Command
    number: str
    reason: str


NOTHING = "0"
"""A number that nothing has, for an order that names something where no number is looked for."""

# The hash may be full-width (Asian keyboards), and what editors leave before the first word (BOM,
# soft hyphens, signs of direction, no-break spaces) does not count: a "#dm" that is overlooked
# would be posted in public. For the same reason a colon or comma after it is forgiven, and goes
# with it, as does the end of what such a sign began.
_COMMAND = re.compile(
    r"[\s\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]*[#＃]("
    + "|".join(sorted((command for command in Command if command), key=len, reverse=True))
    + r")(?![\w#-])[:,]?[\s\u200b\u202c\u2069\ufeff]*",
    re.IGNORECASE,
)
# Brackets, quotes and emphasis around a number do not count.
_OPENS = r"[(\[{<\"'„“”‚‘’«»*`]"
_CLOSES = r"(?:[)\]}>\"“”«»*`]|['‘’](?!\w))"
# A number without its letter names nothing, but it is a number: nothing else is to be taken for
# what was meant.
_NUMBER = re.compile(
    rf"{_OPENS}*[#＃]?(?:([rap])([0-9]{{1,18}})(?!\w)|([rp])[ ]([0-9]{{1,18}})(?!\w)"
    rf"|([0-9]{{1,18}})(?![^\s:,.)\]}}>])){_CLOSES}*[:,.]?\s*",
    re.IGNORECASE,
)
_KINDS = "answer|reply|act|post|message|antwort|beitrag|nachricht|aktion"
_NUMBER_WITHIN = re.compile(rf"(?<![^\W_])(?:[rap]|[rp] |(?:{_KINDS})\W*)\d+(?![^\W_])")
# Brackets behind the first number belong to the reason unless they hold nothing but posts.
_FURTHER = re.compile(
    r"(?:(?:and|und|&|\+)\s*)?"
    rf"(?:{_OPENS}+(?=(?:[#＃]?p ?[0-9]{{1,18}}|and\b|und\b|[\s,&+])+{_CLOSES}))?"
    rf"[#＃]?p ?([0-9]{{1,18}})(?!\w){_CLOSES}*[:,.]?\s*",
    re.IGNORECASE,
)


def take_command(text: str) -> tuple[Command, str]:
    """The command, and the text without that one word. `#dmitry` is a word like any other."""
    match = _COMMAND.match(text)
    if match is None:
        return Command.NONE, text
    return Command(match.group(1).lower()), text[match.end() :]


def take_order(text: str) -> Order | None:
    """What a note asks for, None if it is only a note.

    One that names something further on ("answer r12") means that and not the newest: it is told
    that there is no such thing, rather than done to what somebody did not mean.
    """
    command, rest = take_command(text)
    if command not in IN_NOTES:
        return None
    if command in ABOUT_PEOPLE:
        return Order(command, "", rest.strip())
    number = _NUMBER.match(rest)
    if number is None:
        within = _NUMBER_WITHIN.search(comparable(rest))
        return Order(command, NOTHING if within else "", rest.strip())
    meant = "".join(filter(None, number.groups())).lower()
    return Order(command, meant, rest[number.end() :].strip())


def posts_named(order: Order) -> tuple[str, ...]:
    """What it is about, and the posts that follow it: "p34, p35 and p36". A number within the
    reason is not among them."""
    named, rest = [order.number], order.reason
    while further := _FURTHER.match(rest):
        named.append(f"p{further.group(1)}")
        rest = rest[further.end() :]
    return tuple(dict.fromkeys(named))


def is_number(text: str) -> bool:
    """Whether a text is nothing but the number of an answer, an act or a post."""
    number = _NUMBER.fullmatch(text.strip())
    return number is not None and not number.group(5)
