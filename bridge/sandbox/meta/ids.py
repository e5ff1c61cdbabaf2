"""Ids as Meta hands them out: strings, without a meaning, of a different look for each product."""

from __future__ import annotations

import base64
import threading
from collections import Counter

TRACE = "AxIIVeNpuf3y2jeXdufRcEX"

_FIRST = {
    "app": 1517776481860111,
    "business": 302200010001000,
    "page": 111222333444555,
    "facebook": 555000111,
    "psid": 7766554433221100,
    "igsid": 998877665544332,
    "instagram": 17841400000000001,
    "instagram_scoped": 26123400000000001,
    "media": 17918195224117851,
    "ig_comment": 17870913679156914,
    "story": 17900000000000001,
    "template": 564750795574598,
    "waba": 102290129340398,
    "number": 106540352242922,
    "file": 1003383421387256,
    "post": 9001,
    "comment": 7001,
    "photo": 3001,
    "user": 122100000000001,
}


class Ids:
    """Growing, per kind; two towns hand out the same, so that a test can be read."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._count: Counter[str] = Counter()

    def next(self, kind: str) -> str:
        """A number as digits. Raises `KeyError` for a kind that is not among the known ones."""
        return str(_FIRST[kind] + self._made(kind) - 1)

    def mid(self) -> str:
        """A message of Messenger."""
        return f"m_{_letters('mid', self._made('mid'))}"

    def ig_mid(self) -> str:
        """A message of Instagram: long, and no prefix to know it by."""
        return f"aWdfZAG1fd{_letters('ig', self._made('ig_mid'))}ZDZD"

    def wamid(self, number: str) -> str:
        """A message of WhatsApp."""
        inside = f"{number}\x15\x02\x00\x12\x18\x14{self._made('wamid'):018X}"
        return "wamid." + base64.b64encode(inside.encode()).decode()

    def conversation(self) -> str:
        return f"t_{10218900000000000 + self._made('conversation')}"

    def _made(self, kind: str) -> int:
        """How many there are of a kind, with the one being made."""
        with self._guard:
            self._count[kind] += 1
            return self._count[kind]


def _letters(kind: str, number: int) -> str:
    return base64.urlsafe_b64encode(f"{kind}{number:09d}".encode()).decode().rstrip("=")
