"""What must hold for any text and any rules."""

from __future__ import annotations

import string
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bridge.mapping import Mapping, MappingError, Route, Skip, load
from bridge.mapping.schema import keys
from bridge.model import Kind, Media, Person, Post, Visibility

WORDS = sorted({str(key) for key in keys()} | {"<<", "pigeon", "acme", "env:PIGEON_TOKEN", "14d"})

scraps = st.sampled_from(
    [*WORDS, ": ", ":\n", "\n", "\n  ", "\n    - ", "- ", "[", "]", "{", "}", ", ", "&a ", "*a",
     "!x ", "!!int ", "|\n", ">-\n", "'", '"', "\\", "\t", "#", "---\n", "...\n", "%YAML 1.1\n",
     "? ", "\ufeff", "\x00", "\u2028", "\x85", "1e999", "0x1f", "2026-01-01", "~", "null", "true"]
)  # fmt: skip
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.dates()
    | st.binary(max_size=4)
    | st.sampled_from(WORDS),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(WORDS) | st.text(max_size=4), inner, max_size=5)
    ),
    max_leaves=20,
)
texts = (
    st.lists(scraps, max_size=30).map("".join)
    | st.text(max_size=60)
    | st.dictionaries(st.sampled_from(WORDS), values, max_size=6).map(
        lambda value: str(yaml.safe_dump(value, allow_unicode=True))
    )
    | st.fixed_dictionaries(
        {
            "accounts": st.dictionaries(st.sampled_from(["acme", "B"]), values, max_size=2),
            "rules": st.lists(
                st.dictionaries(st.sampled_from(["name", "when", "route", "skip"]), values),
                max_size=4,
            ),
        },
        optional=dict.fromkeys(("threads", "handover", "replies", "media", "helpdesk"), values),
    ).map(lambda value: str(yaml.safe_dump(value)))
)


def outcome(path: Path, channels: Any, environ: Any) -> Mapping | MappingError:
    try:
        return load(path, channels, environ)
    except MappingError as error:
        return error


@given(text=texts)
@example(text='a: "\\UFFFFFFFF"')
@example(text="helpdesk: {language: []}")
@example(text="%YAML " + "9" * 5000 + ".1\n---\na: 1")
@example(text="a: " + "9" * 5000)
@example(text="a: &a\n  <<: *a\n")
@example(text="[" * 5000)
@example(text="- " * 5000)
@example(text="? " * 5000)
@example(text="a: !!map 5")
@example(text="a: !!float x")
@example(text="rules: !!set {a, b}")
@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_text_is_a_mapping_or_has_mistakes(
    text: str, tmp_path: Path, channels: Any, environ: Any
) -> None:
    """Whatever a file holds, reading gives a mapping or a `MappingError`, never another error."""
    file = tmp_path / "any.yaml"
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    found = outcome(file, channels, environ)
    if isinstance(found, MappingError):
        assert found.problems
        assert all(problem.message for problem in found.problems)
        assert "coo-coo" not in str(found)


@given(content=st.binary(max_size=80))
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_bytes(content: bytes, tmp_path: Path, channels: Any, environ: Any) -> None:
    """Bytes that are no text at all are a mistake like any other."""
    (tmp_path / "any.yaml").write_bytes(content)
    with pytest.raises(MappingError):
        load(tmp_path, channels, environ)


def some(of: Any) -> Any:
    return st.lists(st.sampled_from(of), min_size=1, max_size=2, unique=True)


# Hypothesis takes bounds without a zone and adds the zone itself.
TWENTY_26 = datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)
TWENTY_27 = datetime(2027, 1, 1, tzinfo=UTC).replace(tzinfo=None)

LETTERS = ["a", "b", "c"]
whens = st.fixed_dictionaries(
    {},
    optional={
        "kind": some([str(kind) for kind in Kind]),
        "visibility": some(["public", "private"]),
        "language": some(["de", "en-GB", "und"]),
        "words": some(LETTERS),
        "author": some(["ada", "bob"]),
        "followers": st.integers(0, 20).map(lambda least: {"at_least": least}),
        "has_media": st.booleans(),
        "hours": st.sampled_from(["within", "outside"]).map(
            lambda side: {"zone": "Asia/Tokyo", side: {"mon-fri": "09:00-17:00"}}
        ),
    },
)
rule_lists = st.lists(st.tuples(whens, st.booleans()), min_size=1, max_size=5)
posts = st.builds(
    Post,
    account=st.just("acme"),
    network=st.just("pigeon"),
    id=st.just("1"),
    kind=st.sampled_from(Kind),
    visibility=st.sampled_from(Visibility),
    author=st.builds(
        Person,
        network=st.just("pigeon"),
        id=st.just("p"),
        handle=st.sampled_from(["ada", "Bob", "cy"]),
        name=st.just(""),
        followers=st.none() | st.integers(0, 30),
    ),
    text=st.lists(st.sampled_from([*LETTERS, "ab", "B"]), max_size=3).map(" ".join),
    created_at=st.just(datetime(2026, 1, 1, tzinfo=UTC)),
    thread_id=st.just("1"),
    language=st.sampled_from(["", "de-AT", "en", "en-GB"]),
    media=st.sampled_from([(), (Media("https://loft.example/a.png"),)]),
)


def fits(when: dict[str, Any], post: Post, now: datetime) -> bool:
    """The same questions once more, asked in the plainest way."""
    local = now + timedelta(hours=9)
    office = local.weekday() < 5 and 9 <= local.hour < 17
    language = post.language or "und"
    answers = {
        "kind": lambda wanted: post.kind in wanted,
        "visibility": lambda wanted: post.visibility in wanted,
        "language": lambda wanted: any(f"{language}-".startswith(f"{tag}-") for tag in wanted),
        "words": lambda wanted: bool(set(wanted) & set(post.text.lower().split())),
        "author": lambda wanted: post.author.handle.lower() in wanted,
        "followers": lambda wanted: (
            post.author.followers is not None and post.author.followers >= wanted["at_least"]
        ),
        "has_media": lambda wanted: bool(post.media) == wanted,
        "hours": lambda wanted: office == ("within" in wanted),
    }
    return all(answers[key](wanted) for key, wanted in when.items())


@given(
    rules=rule_lists,
    post=posts,
    now=st.datetimes(TWENTY_26, TWENTY_27, timezones=st.just(UTC)),
)
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_first_match_wins_and_can_be_explained(
    rules: list[tuple[dict[str, Any], bool]],
    post: Post,
    now: datetime,
    tmp_path: Path,
    channels: Any,
    environ: Any,
) -> None:
    """The first rule that fits decides; explaining names the same rule; and a rule that is told to
    be out of reach really never decides."""
    written = [
        {"name": name, **({"when": when} if when else {})}
        | ({"skip": "because"} if skips else {"route": {"group": name}})
        for name, (when, skips) in zip(string.ascii_uppercase, rules, strict=False)
    ]
    account = {
        "network": "pigeon",
        "options": {"url": "https://loft.example", "token": "env:PIGEON_TOKEN"},
    }
    file = tmp_path / "rules.yaml"
    file.write_text(yaml.safe_dump({"accounts": {"acme": account}, "rules": written}))
    first = next((one["name"] for one in written if fits(one.get("when", {}), post, now)), "")
    mapping = outcome(file, channels, environ)
    if isinstance(mapping, MappingError):
        for problem in mapping.problems:
            assert "is never reached" in problem.message
            assert f'the rule "{first}" is never reached' not in problem.message
        return
    routed = mapping.route(post, now)
    considered = mapping.explain(post, now)
    assert routed.rule == first
    assert [one.rule for one in considered if one.took] == ([first] if first else [])
    assert all(one.because for one in considered)
    if first:
        assert considered[-1].rule == first
        assert isinstance(routed, Skip if "skip" in written[len(considered) - 1] else Route)
    else:
        assert routed == Skip("", "no rule takes it")
        assert mapping.advice, "a post that nothing takes must have been warned of"
    assert string.ascii_uppercase.startswith("".join(one.rule for one in considered))
