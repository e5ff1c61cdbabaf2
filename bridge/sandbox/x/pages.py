"""Pages of a list, newest first: https://docs.x.com/x-api/fundamentals/pagination

`since_id`: only what is newer; `until_id`: only what is older; a page's token leads to the next.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from bridge.sandbox.x.fields import identifier
from bridge.sandbox.x.people import invalid


class Numbered(Protocol):
    @property
    def id(self) -> str: ...


T = TypeVar("T", bound=Numbered)


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """`meta` goes into the answer."""

    items: tuple[T, ...]
    meta: dict[str, Any]


def cut(items: Iterable[T], args: Mapping[str, str], most: int, *, ends: bool = True) -> Page[T]:
    """One page. `ends`: its newest and oldest id are named as well. Raises `Refusal`."""
    found = sorted(items, key=lambda one: int(one.id), reverse=True)
    if "since_id" in args:
        since = int(identifier("since_id", args["since_id"]))
        found = [one for one in found if int(one.id) > since]
    below = args.get("until_id", "")
    token = args.get("pagination_token") or args.get("next_token") or ""
    if token:
        below = _opened(token)
    if below:
        until = int(identifier("until_id", below))
        found = [one for one in found if int(one.id) < until]
    page = found[:most]
    meta: dict[str, Any] = {"result_count": len(page)}
    if page and ends:
        meta |= {"newest_id": page[0].id, "oldest_id": page[-1].id}
    if len(found) > most:
        meta["next_token"] = _sealed(page[-1].id)
    return Page(tuple(page), meta)


def _sealed(last: str) -> str:
    return base64.b32encode(last.encode()).decode().lower().rstrip("=")


def _opened(token: str) -> str:
    padded = token.upper() + "=" * (-len(token) % 8)
    try:
        return base64.b32decode(padded).decode()
    except (binascii.Error, ValueError) as error:
        raise invalid("The pagination token is not valid", {"pagination_token": [token]}) from error
