"""The payloads as Meta publishes them, or as they were seen, and channels to read them with."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime
from typing import Any

from contract import SPECS, spec_file

from bridge.channels.contract import Surroundings
from bridge.model import Event
from bridge.settings import Secret

PAGE = "111222333444555"
APP = "1517776481860111"
NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
FOLDER = SPECS / "meta" / "doc_samples"


def named(*beginnings: str) -> list[str]:
    """The names of the samples that begin so."""
    found = spec_file(FOLDER).glob("*.json")
    return sorted(one.stem for one in found if one.stem.startswith(beginnings))


def sample(name: str) -> bytes:
    return spec_file(FOLDER / f"{name}.json").read_bytes()


def channel(kind: type[Any], **options: Any) -> Any:
    given = {
        "app_id": APP,
        "app_secret": Secret("app-secret"),
        "verify_token": Secret("verify-me"),
        "access_token": Secret("EAAGtoken"),
        "page_id": PAGE,
        **options,
    }
    wanted = {name: value for name, value in given.items() if value is not None}
    return kind("acme", kind.Options().load(wanted), Surroundings(clock=lambda: NOW))


def event(kind: type[Any], name: str, **options: Any) -> Any:
    """The one event of a sample."""
    [found] = channel(kind, **options).unpack(sample(name))
    return found


def bundled(names: list[str], seed: int | None = None) -> bytes:
    """All in one delivery, each twice; mixed, if there is a seed."""
    told = [json.loads(sample(name)) for name in names]
    entries = [entry for one in told for entry in one["entry"]] * 2
    if seed is not None:
        random.Random(seed).shuffle(entries)
    return json.dumps({"object": told[0]["object"], "entry": entries}).encode()


def by_key(reader: Any, body: bytes) -> dict[str, tuple[Event, ...]]:
    """What is taken out of a delivery, by its key."""
    return {raw.key: reader.unpack(raw.body) for raw in reader.apart(body)}
