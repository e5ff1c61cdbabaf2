"""A small channel of our own, and mappings written to files."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from marshmallow import Schema, fields, validate

from bridge.mapping import Mapping, MappingError, Problem, load
from bridge.model import Kind, Media, Person, Post, Visibility

ENVIRON = {"PIGEON_TOKEN": "coo-coo-7731", "PIGEON_URL": "https://loft.example"}

HEAD = """\
accounts:
  acme: {network: pigeon, options: {url: https://loft.example, token: env:PIGEON_TOKEN}}
"""
TAIL = """\
rules:
  - {name: All, route: {group: Support}}
"""


class PigeonOptions(Schema):
    url = fields.Url(required=True)
    token = fields.Raw(required=True)
    poll_seconds = fields.Integer(validate=validate.Range(min=1))


class Pigeon:
    """As much of a channel as a mapping looks at."""

    network = "pigeon"
    Options = PigeonOptions


class Raven(Pigeon):
    network = "raven"


class Owl(Pigeon):
    """One that looks for what is new by itself."""

    network = "owl"

    def read(self, cursor: str) -> None: ...


CHANNELS: dict[str, Any] = {"pigeon": Pigeon, "raven": Raven, "instagram": Pigeon, "owl": Owl}


@pytest.fixture
def load_text(tmp_path: Path) -> Callable[[str], Mapping]:
    def loaded(text: str) -> Mapping:
        file = tmp_path / "map.yaml"
        file.write_text(text, encoding="utf-8")
        return load(file, CHANNELS, ENVIRON)

    return loaded


@pytest.fixture
def problems_of(load_text: Callable[[str], Mapping]) -> Callable[[str], tuple[Problem, ...]]:
    def problems(text: str) -> tuple[Problem, ...]:
        with pytest.raises(MappingError) as raised:
            load_text(text)
        return raised.value.problems

    return problems


@pytest.fixture
def a_post() -> Callable[..., Post]:
    def made(
        *,
        kind: str = "mention",
        visibility: str = "public",
        text: str = "hello",
        handle: str = "ada",
        followers: int | None = None,
        media: bool = False,
        **more: Any,
    ) -> Post:
        values: dict[str, Any] = {"account": "acme", "network": "pigeon", "id": "1"} | more
        return Post(
            kind=Kind(kind),
            visibility=Visibility(visibility),
            author=Person("pigeon", "p1", handle, "Ada", followers=followers),
            text=text,
            created_at=datetime(2026, 3, 2, tzinfo=UTC),
            thread_id="1",
            media=(Media("https://loft.example/a.png"),) if media else (),
            **values,
        )

    return made


@pytest.fixture
def head() -> str:
    return HEAD


@pytest.fixture
def tail() -> str:
    return TAIL


@pytest.fixture
def environ() -> dict[str, str]:
    return dict(ENVIRON)


@pytest.fixture
def channels() -> dict[str, Any]:
    return dict(CHANNELS)
