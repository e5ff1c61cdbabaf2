"""What a server says about itself: its name, its version, its limits.

https://docs.joinmastodon.org/entities/Instance/ and, before 4.0,
https://docs.joinmastodon.org/entities/V1_Instance/
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bridge.channels.contract import Length, Limits, Once, Told, Unit
from bridge.channels.mastodon.calls import Answer, Calls
from bridge.errors import Gone, Refused
from bridge.model import HOUR

CHARACTERS = 500
URL_WEIGHT = 23
FILES = 4
FILE_BYTES = 16 * 1024 * 1024
PACE = timedelta(hours=3) / 300
"""An account may post 300 statuses in three hours, replies and direct messages included:
https://github.com/mastodon/mastodon/blob/main/app/lib/rate_limiter.rb"""


@dataclass(frozen=True, slots=True)
class Instance:
    """`domain` is what comes after the @ of those who live there, "" where it does not say."""

    domain: str
    version: str
    limits: Limits


def ask_instance(calls: Calls) -> Instance:
    """Raises what `Calls.get` raises, but for servers that do not say: these get the usual limits.

    `/api/v2/instance` came with Mastodon 4.0; several servers with this API have only v1.
    """
    for path in ("/api/v2/instance", "/api/v1/instance"):
        try:
            return instance_of(calls.get(path))
        except (Gone, Refused):
            continue
    return instance_of(Answer(404, {}))


def instance_of(answer: Answer) -> Instance:
    """Where a value is missing or odd, Mastodon's own default stands."""
    told = answer.data if isinstance(answer.data, dict) else {}
    configuration = _dict(told, "configuration")
    statuses = _dict(configuration, "statuses")
    media = _dict(configuration, "media_attachments")
    # Pleroma and its kin name the length at the top, and have no other limits to tell.
    characters = _count(statuses, "max_characters", _count(told, "max_toot_chars", CHARACTERS))
    # One number for all types: the larger, because the server refuses what is too large for its
    # type and says so, while a file refused here by mistake could not be sent at all.
    largest = max(
        _count(media, "image_size_limit", FILE_BYTES), _count(media, "video_size_limit", 0)
    )
    types = media.get("supported_mime_types")
    return Instance(
        domain=_text(told, "domain") or _host(_text(told, "uri")),
        version=_text(told, "version"),
        limits=Limits(
            length=Length(
                most=characters,
                unit=Unit.GRAPHEMES,
                url_weight=_count(statuses, "characters_reserved_per_url", URL_WEIGHT),
                short_mentions=True,
            ),
            files=_count(statuses, "max_media_attachments", FILES),
            file_bytes=largest,
            file_types=frozenset(kind for kind in types if isinstance(kind, str))
            if isinstance(types, list)
            else frozenset(),
            edits=Told.POLLED,
            deletes=Told.POLLED,
            once=Once.SERVER_KEY,
            once_for=HOUR,
            pace=PACE,
        ),
    )


def _dict(told: dict[str, Any], name: str) -> dict[str, Any]:
    value = told.get(name)
    return value if isinstance(value, dict) else {}


def _text(told: dict[str, Any], name: str) -> str:
    value = told.get(name)
    return value.strip() if isinstance(value, str) else ""


def _count(told: dict[str, Any], name: str, usual: int) -> int:
    value = told.get(name)
    is_count = isinstance(value, int) and not isinstance(value, bool) and value > 0
    return int(value) if is_count and value is not None else usual


def _host(uri: str) -> str:
    """v1's `uri` is the bare domain with Mastodon, and a whole address with some others."""
    return uri.partition("://")[2].partition("/")[0] if "://" in uri else uri
