"""What is said once at the top of the next page, carried over a redirect in a cookie.

The cookie is read as plain text and escaped like everything else; it can say nothing that does
anything.
"""

from __future__ import annotations

import base64
import binascii

from flask import Response, g, request

from bridge.settings import Settings
from bridge.web.console import cookies

TONES = ("good", "bad", "note")
MOST = 600


def say(text: str, tone: str) -> None:
    assert tone in TONES
    g.setdefault("said", []).append((tone, text[:MOST]))


def said(settings: Settings) -> list[tuple[str, str]]:
    """(tone, text) of everything that has to be said; with that it is said."""
    told: list[tuple[str, str]] = [*_brought(settings), *g.pop("said", [])]
    g.said_all = True
    return told


def carry(settings: Settings, answer: Response) -> None:
    """What no page has shown goes along to the next one."""
    left = g.get("said", [])
    if left:
        plain = "\n".join(f"{tone} {' '.join(text.split())}" for tone, text in left)
        value = base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")
        cookies.give(settings, answer, cookies.SAID, value)
    elif g.get("said_all") and cookies.name_of(settings, cookies.SAID) in request.cookies:
        cookies.take(settings, answer, cookies.SAID)


def _brought(settings: Settings) -> list[tuple[str, str]]:
    value = request.cookies.get(cookies.name_of(settings, cookies.SAID), "")[: 4 * MOST]
    try:
        plain = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)).decode()
    except (binascii.Error, ValueError):
        return []
    lines = (line.partition(" ") for line in plain.splitlines())
    return [(tone, text) for tone, _, text in lines if tone in TONES and text]
