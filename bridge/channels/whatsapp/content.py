"""What stands under the type of a message: words for the agent, and files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from marshmallow import ValidationError

from bridge.channels.meta.calls import part
from bridge.channels.whatsapp.payload import Attached, FileSchema
from bridge.model import Media
from bridge.text.filename import safe_filename
from bridge.text.html import line, whole

FILES = ("image", "video", "audio", "document", "sticker")
SILENT = {
    "reaction": "a reaction to a message",
    "system": "a note of WhatsApp's own (a changed number, say)",
}
"""Types that say nothing that could be answered, and why."""

_LONGEST = 300
_MOST_LINES = 50


@dataclass(frozen=True, slots=True)
class Told:
    text: str
    media: tuple[Media, ...] = ()


def of(kind: str, data: dict[str, Any], graph: str) -> Told:
    """Raises `ValidationError` where a file cannot be named. A kind that is unknown says nothing,
    and the agent is told to look at it in WhatsApp."""
    inner = data.get(kind)
    if kind in FILES:
        return _file(inner, graph)
    if kind == "contacts":
        cards = inner if isinstance(inner, list) else []
        return Told("\n".join(filter(None, (_card(one) for one in cards[:_MOST_LINES]))))
    read_text = _TEXTS.get(kind)
    if read_text is None or not isinstance(inner, dict):
        return Told("")
    return Told(whole(read_text(inner)).strip())


def _file(inner: Any, graph: str) -> Told:
    try:
        file: Attached = FileSchema().load(inner)
    except ValidationError as wrong:
        raise ValidationError(f"a file without an id: {wrong}") from wrong
    media = Media(
        url=f"{graph}/{part(file.id)}",
        content_type=line(file.mime_type.partition(";")[0], 100),
        filename=safe_filename(file.filename) if file.filename else "",
    )
    return Told(whole(file.caption).strip(), (media,))


def _text(inner: dict[str, Any]) -> str:
    return _words(inner, "body", longest=0)


def _button(inner: dict[str, Any]) -> str:
    return _words(inner, "text")


def _interactive(inner: dict[str, Any]) -> str:
    """What was chosen in a list or pressed; the answer of a form as it came."""
    chosen = inner.get(str(inner.get("type")))
    if not isinstance(chosen, dict):
        return ""
    parts = (_words(chosen, "title"), _words(chosen, "description"))
    return ": ".join(filter(None, parts)) or _words(chosen, "response_json", longest=2_000)


def _location(inner: dict[str, Any]) -> str:
    """A place as `geo:` (RFC 5870), its name and address before it."""
    at = [inner.get(name) for name in ("latitude", "longitude")]
    known = all(isinstance(one, (int, float)) and not isinstance(one, bool) for one in at)
    geo = f"geo:{at[0]},{at[1]}" if known else ""
    named = [_words(inner, name) for name in ("name", "address", "url")]
    return "\n".join(filter(None, (*named, geo)))


def _order(inner: dict[str, Any]) -> str:
    items = inner.get("product_items")
    lines = [_words(inner, "text", longest=0)]
    for one in items[:_MOST_LINES] if isinstance(items, list) else ():
        if isinstance(one, dict):
            price = " ".join(filter(None, (_words(one, "item_price"), _words(one, "currency"))))
            what = f"{_words(one, 'quantity')} × {_words(one, 'product_retailer_id')}"
            lines.append(f"{what}, {price}")
    return "\n".join(filter(None, lines))


def _card(one: Any) -> str:
    if not isinstance(one, dict):
        return ""
    named = one.get("name")
    name = _words(named, "formatted_name") if isinstance(named, dict) else ""
    phones = one.get("phones")
    listed = phones[:10] if isinstance(phones, list) else []
    numbers = [_words(each, "phone") for each in listed if isinstance(each, dict)]
    return ", ".join(filter(None, (name, *numbers)))


def _words(inner: dict[str, Any], name: str, *, longest: int = _LONGEST) -> str:
    """Text or a number; `longest` 0 keeps its lines."""
    value = inner.get(name)
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    text = str(value) if number or isinstance(value, str) else ""
    return line(text, longest) if longest else text


_TEXTS: dict[str, Callable[[dict[str, Any]], str]] = {
    "text": _text,
    "button": _button,
    "interactive": _interactive,
    "location": _location,
    "order": _order,
}
