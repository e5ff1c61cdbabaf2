"""The reference and the example say what is so."""

from __future__ import annotations

import os
import re
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
from marshmallow import Schema, fields

from bridge.channels import registry
from bridge.mapping import Mapping, load
from bridge.mapping.check import OURS
from bridge.mapping.schema import Priority, keys
from bridge.mapping.wording import built_in
from bridge.model import Kind, Visibility

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = (ROOT / "docs" / "mapping.md").read_text(encoding="utf-8")
EXAMPLE = ROOT / "mappings" / "example.yaml"
EXAMPLE_ENVIRON = {
    "MASTODON_TOKEN": "a-token-of-an-example",
    # A signing key as Standard Webhooks wants it: whsec_ and base64 of at least 24 bytes.
    "SITE_SECRET": "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
    "SITE_REPLY_SECRET": "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
}


@pytest.mark.parametrize(
    "word", sorted({*map(str, keys()), *Kind, *Visibility, *Priority, *OURS, *dict(built_in(""))})
)
def test_every_word_is_explained(word: str) -> None:
    """Every key, and every word of a closed list, stands in the reference as code."""
    assert re.search(rf"`[^`\n]*\b{re.escape(word)}\b[^`\n]*`", REFERENCE), word


def blocks() -> list[str]:
    return re.findall(r"```yaml\n(.*?)```", REFERENCE, re.DOTALL)


def whole(block: str) -> str:
    """A block of the reference, put where it belongs in a mapping."""
    accounts = (
        "accounts:\n  base: {network: pigeon, options: {token: env:T, url: https://a.example}}\n"
    )
    ids = "helpdesk: {fields: {topic: 1}}\n"
    last = "rules:\n  - {name: All, route: {group: S, fields: {topic: x}}}\n"
    block = block.replace("network: mastodon", "network: pigeon")
    if block.startswith("hours:"):
        indented = block.replace("\n", "\n      ")
        return f"{accounts}rules:\n  - name: x\n    skip: y\n    when:\n      {indented}\n"
    if block.startswith("- name"):
        return f"{accounts}{ids}rules:\n{block}"
    text = block if block.startswith("accounts:") else accounts + block
    text = text if "rules:" in text else text + last
    has_ids = re.search("^helpdesk:", text, re.MULTILINE) or "topic" not in text
    return text if has_ids else text + ids


@pytest.mark.parametrize("block", blocks())
def test_every_example_of_the_reference_is_valid(block: str, tmp_path: Path, channels: Any) -> None:
    """What the reference shows can be written like that."""
    file = tmp_path / "block.yaml"
    file.write_text(whole(block), encoding="utf-8")
    names = {"T": "x", "MASTODON_TOKEN": "x"}
    assert isinstance(load(file, channels, names), Mapping)


def is_there(module: str) -> bool:
    place = ROOT / module.replace(".", "/")
    return place.with_suffix(".py").exists() or (place / "__init__.py").exists()


def test_the_example_with_small_channels(channels: Any) -> None:
    """The example is a mapping without a mistake or advice."""
    options = {name: fields.Raw() for name in ("secret", "reply_url", "reply_secret")}

    class Site:
        Options = Schema.from_dict(options)

    small: dict[str, Any] = {"mastodon": channels["pigeon"], "site": Site}
    mapping = load(EXAMPLE, small, EXAMPLE_ENVIRON)
    assert mapping.advice == ()
    assert mapping.threads("shop", Kind.DM).reopen_within is None


def test_the_example_with_the_installed_channels() -> None:
    """The example's options are those that the real channels take."""
    points = entry_points(group="bridge.channels")
    missing = [point.name for point in points if not is_there(point.module)]
    if missing and not os.environ.get("CI"):
        pytest.skip(f"not there yet: {', '.join(missing)}")
    mapping = load(EXAMPLE, registry.installed(), EXAMPLE_ENVIRON)
    assert set(mapping.accounts) == {"acme", "shop"}
    assert mapping.advice == ()
