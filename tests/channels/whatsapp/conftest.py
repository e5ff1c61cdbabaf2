"""The published payloads and the stand, for the tests of this channel."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import meta_samples
import pytest
from contract import SPECS, spec_file

from bridge.channels.whatsapp import WhatsApp


class Samples:
    """Each published payload by its name, as a single envelope, and a channel it is meant for."""

    def names(self) -> list[str]:
        return sorted(self._all())

    def body(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self._all()[name]
        return found

    def channel(self, body: dict[str, Any], **options: Any) -> WhatsApp:
        """For the number that a payload speaks of."""
        entry = body["entry"][0]
        value = entry["changes"][0]["value"]
        number = value.get("metadata", {}).get("phone_number_id") or "106540352242922"
        whose = {"page_id": None, "waba_id": str(entry["id"]), "phone_number_id": number}
        opened: WhatsApp = meta_samples.channel(WhatsApp, **{**whose, **options})
        return opened

    def events(self, name: str) -> Any:
        body = self.body(name)
        return self.channel(body).unpack(json.dumps(body).encode())

    def _all(self) -> dict[str, dict[str, Any]]:
        """Official examples by file; the others by file and the name inside it."""
        found: dict[str, dict[str, Any]] = {}
        for path in spec_file(SPECS / "meta" / "whatsapp_webhooks").glob("*.json"):
            found[path.stem] = json.loads(path.read_bytes())
        for path in spec_file(SPECS / "meta" / "pywa_updates").glob("*.json"):
            told = json.loads(path.read_bytes())
            for name, one in told.items():
                if isinstance(one, dict) and "entry" in one:
                    found[f"{path.stem}:{name}"] = one
        return found


@pytest.fixture
def samples() -> Samples:
    return Samples()


@pytest.fixture
def number(open_stand: Callable[[str], AbstractContextManager[Any]]) -> Iterator[Any]:
    """A channel against the sandbox's town, which any test may twist."""
    with open_stand("whatsapp") as opened:
        yield opened
