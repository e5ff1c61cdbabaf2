"""What agents read of a reply that was held back: what was found, and what they can do."""

from __future__ import annotations

from bridge.text import words
from bridge.text.guard import Found


def found_says(found: tuple[Found, ...], *, network: str, language: str) -> tuple[str, ...]:
    """One sentence for each thing, with its mask."""
    return tuple(
        words.note(each.code, network=network, detail=each.excerpt, language=language)
        for each in found
    )


def what_to_do(number: str, *, needs_second: bool, network: str, language: str) -> str:
    code = "held_do_second" if needs_second else "held_do"
    return words.note(code, network=network, language=language, number=number)


def note(
    found: tuple[Found, ...], number: str, *, needs_second: bool, network: str, language: str
) -> str:
    """The whole note."""
    lines = [
        words.note("held", network=network, detail=number, language=language),
        *(f"- {says}" for says in found_says(found, network=network, language=language)),
        what_to_do(number, needs_second=needs_second, network=network, language=language),
    ]
    return "\n".join(lines)
