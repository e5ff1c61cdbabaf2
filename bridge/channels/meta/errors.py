"""What the Graph API's refusals mean, as a table, and how an answer is sorted by it.

- Codes: https://developers.facebook.com/docs/graph-api/guides/error-handling/
- Messenger's: https://developers.facebook.com/docs/messenger-platform/error-codes
- Of sending as a Page: https://developers.facebook.com/docs/graph-api/reference/page/messages
- Throttling and its headers: https://developers.facebook.com/docs/graph-api/overview/rate-limiting/

A write has been seen to be carried out and answered 400 all the same (20/1772107), so that after a
write only what stands in the table as a refusal is one. Everything else is `NobodyKnows`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping as Table
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import requests

from bridge.errors import (
    BridgeError,
    Expired,
    Gone,
    Misconfigured,
    NeedsSignIn,
    NobodyKnows,
    PersonMustAct,
    RateLimited,
    Refused,
    Unreachable,
)
from bridge.outside import LONGEST_WAIT, wait_named
from bridge.text.html import line

PRIVATE_ANSWER_USED = "private_once"
"""The code of a refusal because a post has been answered privately before."""

_LONGEST_WORDS = 300
_USAGE = ("X-Business-Use-Case-Usage", "X-App-Usage", "X-Page-Usage")
_OTHER, _NONE = -1, 0


@dataclass(frozen=True, slots=True)
class Meaning:
    """The kind of failure, and the code of the sentence that agents read ("": the kind's own).

    `NeedsSignIn` is what pauses an account until a person has seen to it.
    """

    kind: type[BridgeError]
    tells: str = ""


Meanings = Table[tuple[int, int], Meaning]
"""(code, subcode) → meaning. Subcode 0: without one; -1: with any that is not listed, or none."""

_SIGN_IN = Meaning(NeedsSignIn)
_PERMISSION = Meaning(NeedsSignIn, "needs_permission")
_THROTTLED = Meaning(RateLimited)
_WINDOW = Meaning(Expired)
_NOBODY_THERE = Meaning(Refused, "no_private_way")
_NO = Meaning(Refused)

MEANINGS: Meanings = {
    (190, _OTHER): _SIGN_IN,
    (102, _OTHER): _SIGN_IN,
    (104, _OTHER): _SIGN_IN,
    (2500, _OTHER): _NO,
    (3, _OTHER): _PERMISSION,
    (10, _NONE): _PERMISSION,
    (10, _OTHER): _NO,
    **{(code, _OTHER): _PERMISSION for code in range(200, 300)},
    (200, 1545041): _NOBODY_THERE,
    (230, _OTHER): _NOBODY_THERE,
    (4, _OTHER): _THROTTLED,
    (17, _OTHER): _THROTTLED,
    (32, _OTHER): _THROTTLED,
    (341, _OTHER): _THROTTLED,
    (613, _OTHER): _THROTTLED,
    **{(code, _OTHER): _THROTTLED for code in range(80000, 80015)},
    (10, 2018065): _WINDOW,
    (10, 2018278): _WINDOW,
    (10, 2534022): _WINDOW,
    (10, 2018108): _NOBODY_THERE,
    (551, _OTHER): _NOBODY_THERE,
    (100, 2018001): _NOBODY_THERE,
    (10, 2018300): Meaning(Refused, "other_tool_answers"),
    (10900, _OTHER): Meaning(Refused, PRIVATE_ANSWER_USED),
    (10903, _OTHER): _NOBODY_THERE,
    (100, 2534025): _NOBODY_THERE,
    (10904, _OTHER): Meaning(Misconfigured),
    (2022, _OTHER): _NO,
    (368, _OTHER): Meaning(Refused, "blocked_by_policy"),
    (506, _OTHER): _NO,
    (1609005, _OTHER): _NO,
    (100, 33): Meaning(Gone),
    (803, _OTHER): Meaning(Gone),
    (100, _OTHER): _NO,
    (12, _OTHER): _NO,
}


@dataclass(frozen=True, slots=True)
class Said:
    """The `error` of an answer; `code` 0 where there was none that can be read."""

    code: int = 0
    subcode: int = _NONE
    words: str = ""
    transient: bool = False


def said_in(data: Any) -> Said:
    """What the Graph API says is wrong, in one line."""
    error = data.get("error") if isinstance(data, dict) else None
    if not isinstance(error, dict):
        return Said()
    told = error.get("error_data")
    parts = (error.get("message"), told.get("details") if isinstance(told, dict) else None)
    words = ": ".join(part for part in parts if isinstance(part, str) and part)
    return Said(
        code=_number(error.get("code")),
        subcode=_number(error.get("error_subcode")),
        words=line(re.sub(r"^\(#\d+\) *", "", words), _LONGEST_WORDS),
        transient=error.get("is_transient") is True,
    )


def meaning_of(said: Said, meanings: Meanings = MEANINGS) -> Meaning | None:
    """What the table says about it, None if nothing."""
    return meanings.get((said.code, said.subcode)) or meanings.get((said.code, _OTHER))


def refusal(
    response: requests.Response,
    data: Any,
    *,
    writes: bool,
    host: str,
    now: datetime,
    meanings: Meanings = MEANINGS,
) -> BridgeError:
    """The failure that an answer other than 2xx stands for. `data` is its JSON, if it is any."""
    said, status = said_in(data), response.status_code
    because = f"{host} says: {said.words}" if said.words else f"{host} answered {status}"
    meaning = meaning_of(said, meanings)
    if meaning is None:
        meaning = _by_status(status, said, writes)
    if meaning.kind is NobodyKnows:
        return NobodyKnows(f"{because} ({status}) after the request had been sent")
    return _made(meaning, because, wait_of(response, now))


def _by_status(status: int, said: Said, writes: bool) -> Meaning:
    """What is not in the table. Only a few statuses prove that a write was not carried out."""
    if 300 <= status < 400:
        return Meaning(Misconfigured)
    if not said.code and status in (401, 429):
        return _SIGN_IN if status == 401 else _THROTTLED
    if writes:
        return Meaning(NobodyKnows)
    if said.code in (1, 2) or said.transient or status in (408, 425) or status >= 500:
        return Meaning(Unreachable)
    if status in (404, 410):
        return Meaning(Gone)
    return _NO


def _made(meaning: Meaning, because: str, wait: float | None) -> BridgeError:
    if issubclass(meaning.kind, (RateLimited, Unreachable)):
        return meaning.kind(because, wait)
    made = meaning.kind(because)
    if isinstance(made, PersonMustAct) and meaning.tells:
        made.code = meaning.tells
    return made


def wait_of(response: requests.Response, now: datetime) -> float | None:
    """Seconds to wait: as `Retry-After` says, else the longest `estimated_time_to_regain_access`
    (minutes) of the usage headers, at most an hour. None where nothing is named."""
    named = wait_named(response, now)
    if named is not None:
        return named
    minutes = [
        one for name in _USAGE for one in _minutes(response.headers.get(name, "")) if one > 0
    ]
    return min(max(minutes) * 60.0, LONGEST_WAIT) if minutes else None


def _minutes(header: str) -> list[float]:
    """`{"<business id>": [{"estimated_time_to_regain_access": 5, …}, …]}`, or the inner object
    alone."""
    try:
        told = json.loads(header) if header else None
    except (ValueError, RecursionError):
        return []
    listed = [told, *told.values()] if isinstance(told, dict) else []
    flat = [inner for one in listed for inner in (one if isinstance(one, list) else [one])]
    found = (one.get("estimated_time_to_regain_access") for one in flat if isinstance(one, dict))
    return [
        float(one) for one in found if isinstance(one, (int, float)) and not isinstance(one, bool)
    ]


def _number(value: Any) -> int:
    whole = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return value if whole else _NONE
