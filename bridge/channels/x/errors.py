"""What X says when it says no, as a table: its words, and which of our kinds they are.

X's documentation names types and statuses
(https://docs.x.com/x-api/fundamentals/response-codes-and-errors); the sentences it does not, they
are those that others were given and published, each with where.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bridge.errors import BridgeError, Gone, NeedsSignIn, Refused, TooLong
from bridge.text.html import line

_LONGEST_WORDS = 300


class No(Refused):
    """A refusal with a sentence of its own; `code` names it."""

    def __init__(self, because: str, code: str) -> None:
        super().__init__(because)
        self.code = code


class Duplicate(No):
    """X holds the same words already: perhaps because an earlier try of them arrived."""


class WrongQuestion(Refused):
    """A parameter or a field that X does not know by this name."""


class Stopped(NeedsSignIn):
    """The account or the app may do nothing at all until somebody has seen to it."""

    def __init__(self, because: str, code: str) -> None:
        super().__init__(because)
        self.code = code


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: an answer with one of these statuses whose type, title, detail or
    messages hold the pattern is this kind."""

    statuses: tuple[int, ...]
    pattern: re.Pattern[str]
    kind: Callable[[str], BridgeError]


def _row(statuses: tuple[int, ...], pattern: str, kind: Callable[[str], BridgeError]) -> Row:
    return Row(statuses, re.compile(pattern, re.IGNORECASE), kind)


def _no(code: str) -> Callable[[str], BridgeError]:
    return lambda says: No(says, code)


def _stopped(code: str) -> Callable[[str], BridgeError]:
    return lambda says: Stopped(says, code)


TABLE = (
    # https://github.com/tryethernal/ethernal/issues/1324 (402), documented as "blocked until you
    # add credits": https://docs.x.com/x-api/getting-started/pricing#credit-balance
    _row((402,), r"", _stopped("out_of_credit")),
    _row(
        (403,),
        r"CreditsDepleted|any credits|problems/credits|spending (limit|cap)",
        _stopped("out_of_credit"),
    ),
    _row((403, 429), r"usage-capped|UsageCapExceeded|cap exceeded", _stopped("out_of_credit")),
    # https://docs.x.com/x-api/fundamentals/response-codes-and-errors#error-types
    _row(
        (403,),
        r"client-forbidden|not[- ]enrolled|unsupported-authentication|oauth1[- ]permissions"
        r"|appropriate oauth1 app permissions|must use keys and tokens",
        _stopped("needs_permission"),
    ),
    _row(
        (403,),
        r"your account is (suspended|temporarily (locked|restricted|limited))|to protect our users",
        _stopped("blocked_by_policy"),
    ),
    # https://github.com/akrherz/iembot/issues/163
    _row((403,), r"duplicate content", lambda says: Duplicate(says, "said_before")),
    # https://github.com/gptme/gptme-contrib/pull/811, since the change of 23 February 2026:
    # https://docs.x.com/changelog
    _row(
        (403,),
        r"not been mentioned or otherwise engaged|where you are mentioned or are the author",
        _no("not_summoned"),
    ),
    # https://github.com/plhery/node-twitter-api-v2/issues/366
    _row((400, 403, 404), r"reply to a (tweet|post) that is deleted or not visible", Gone),
    # https://github.com/nminaya/grammar-nazi-bot/issues/221
    _row(
        (403,),
        r"restricted who can reply|reply to this conversation is not allowed",
        _no("no_public_way"),
    ),
    # https://github.com/d60/twikit/issues/231, https://github.com/tweepy/tweepy/issues/1081,
    # https://docs.x.com/x-api/direct-messages/manage/integrate#common-issues
    _row(
        (400, 403),
        r"cannot send (direct )?messages? to|not following you|permission to DM"
        r"|privacy settings|cannot be (sent )?direct",
        _no("no_private_way"),
    ),
    _row((400, 403), r"text is too long|over the (max )?character limit|exceeds .*length", TooLong),
    # https://docs.x.com/x-api/fundamentals/fields
    _row(
        (400,),
        r"query parameter (value )?\[[^\]]*\] is not (one of|valid)|unknown (field|parameter)",
        WrongQuestion,
    ),
)


def refusal(status: int, said: Any) -> BridgeError | None:
    """Which kind of failure X's words name, None if they name none. `said` is the answer's JSON."""
    words = _words(said)
    everything = " ".join((*words, _type(said)))
    for row in TABLE:
        if status in row.statuses and row.pattern.search(everything):
            return row.kind(told(said))
    return None


def told(said: Any) -> str:
    """X's own words in one line, "" for none."""
    words = _words(said)
    return line(": ".join(dict.fromkeys(words)), _LONGEST_WORDS)


def _type(said: Any) -> str:
    value = said.get("type") if isinstance(said, dict) else ""
    reason = said.get("reason") if isinstance(said, dict) else ""
    return f"{value} {reason}"


def _words(said: Any) -> tuple[str, ...]:
    """`title` and `detail` of a problem, and the messages of the errors in it: the two forms that
    X's documentation shows."""
    if not isinstance(said, dict):
        return ()
    found = [said.get("title"), said.get("detail")]
    errors = said.get("errors")
    for one in errors[:5] if isinstance(errors, list) else ():
        if isinstance(one, dict):
            found += [one.get("message"), one.get("detail")]
    found.append(said.get("error_description") or said.get("error"))
    return tuple(" ".join(each.split()) for each in found if isinstance(each, str) and each)
