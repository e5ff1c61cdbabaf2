"""One call holds many items of several accounts: each of ours by itself, once."""

from __future__ import annotations

import json
from typing import Any

import pytest
from contract import SPECS
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from bridge.channels.meta.envelope import Item, Place, apart, unpack
from bridge.model import Event, Ignored, Unreadable

PAGE = "111222333444555"
INSTAGRAM = "17841400000000001"
OURS = frozenset({PAGE, INSTAGRAM})
SAMPLES = sorted((SPECS / "meta" / "doc_samples").glob("[fim]*.json"))


def seen(body: bytes, owners: frozenset[str] = OURS) -> list[Item]:
    found: list[Item] = []

    def read(item: Item) -> tuple[Event, ...]:
        found.append(item)
        return ()

    assert unpack(body, owners, read) == ()
    return found


def entry(**more: Any) -> dict[str, Any]:
    return {"id": PAGE, "time": 1, **more}


def body(*entries: Any) -> bytes:
    return json.dumps({"object": "page", "entry": list(entries)}).encode()


MIXED = body(
    entry(messaging=[{"mid": 1}, {"mid": 2}], standby=[{"mid": 3}]),
    {"id": "999", "time": 1, "changes": [{"field": "feed", "value": {}}]},
    entry(changes=[{"field": "feed", "value": {"a": 1}}]),
    entry(field="comments", value={"b": 1}),
)


@pytest.mark.parametrize(
    "odd", [b"", b"\xff", b"[]", b"7", b'{"entry": 7}', b'{"entry": [7, null]}', b"[" * 200_000]
)
def test_what_nobody_can_read_is_no_item(odd: bytes) -> None:
    assert apart(odd, OURS) == ()
    [event] = unpack(odd, OURS, lambda _: ())
    assert isinstance(event, Unreadable)


def test_each_item_of_ours_stands_alone() -> None:
    raws = apart(MIXED, OURS)
    assert len(raws) == 5
    assert len({raw.key for raw in raws}) == 5
    alone = [item for raw in raws for item in seen(raw.body)]
    assert [(item.place, item.field, item.said) for item in alone] == [
        (Place.MESSAGING, "", {"mid": 1}),
        (Place.MESSAGING, "", {"mid": 2}),
        (Place.STANDBY, "", {"mid": 3}),
        (Place.CHANGES, "feed", {"a": 1}),
        (Place.FLAT, "comments", {"b": 1}),
    ]
    assert {item.owner for item in alone} == {PAGE}


def test_items_come_in_the_order_in_which_they_happened() -> None:
    """Meta does not keep it in one call, nor in one list."""
    told = (SPECS / "meta" / "doc_samples" / "messenger_batch_two_pages.json").read_bytes()
    found = [item.said for raw in apart(told, OURS) for item in seen(raw.body)]
    assert [one["message"]["text"] for one in found] == ["first", "second"]


@pytest.mark.parametrize("later", ["fb_feed_comment_edited", "fb_feed_comment_hide"])
def test_what_is_done_to_a_post_anew_happened_after_it_was_written(later: str) -> None:
    """Its `created_time` is the post's: somebody may have answered before."""
    samples = SPECS / "meta" / "doc_samples"
    [sample] = json.loads((samples / f"{later}.json").read_bytes())["entry"]
    done = sample["changes"][0]
    answered = {"field": "feed", "value": {"verb": "add"}}
    answered["value"]["created_time"] = done["value"]["created_time"] + 30
    sent = {"time": done["value"]["created_time"] + 60}
    both = {**sample, **sent, "changes": [done, answered]}
    alone = apart(body(both), frozenset({sample["id"]}))
    found = [item.said["verb"] for raw in alone for item in seen(raw.body)]
    assert found == ["add", done["value"]["verb"]]


def test_what_has_no_instant_keeps_its_place() -> None:
    """Nor does it keep the others from theirs, in whatever form they are written."""
    at = "2026-06-01T12:00:00+0000", 1780315199, 1780315198000
    mixed = body(
        entry(messaging=[{"n": 1}, {"n": 5, "timestamp": at[0]}], standby=[{"n": 3}]),
        entry(changes=[{"field": "feed", "value": {"n": 4, "created_time": at[1]}}]),
        entry(messaging=[{"n": 2, "timestamp": at[2]}, {"n": 6, "timestamp": "soon"}, 7]),
    )
    found = [item.said for raw in apart(mixed, OURS) for item in seen(raw.body)]
    assert [one["n"] for one in found[:-1]] == [1, 2, 3, 4, 5, 6]
    assert found[-1] == 7


def test_taken_apart_twice_it_is_the_same() -> None:
    """An item is what comes out of an item: under the same key, with the same bytes."""
    for raw in apart(MIXED, OURS):
        assert apart(raw.body, OURS) == (raw,)


def test_the_key_does_not_depend_on_when_it_was_sent_or_with_what() -> None:
    one = apart(body(entry(messaging=[{"mid": 1}])), OURS)
    later = apart(body({"time": 99, "messaging": [{"mid": 7}, {"mid": 1}], "id": PAGE}), OURS)
    assert one[0].key == later[1].key
    other = apart(body(entry(messaging=[{"mid": 2}])), OURS)
    assert one[0].key != other[0].key


@pytest.mark.parametrize("verb", ["hide", "unhide", "edited"])
def test_what_can_happen_again_is_another_item(verb: str) -> None:
    """Hidden, shown and hidden again: the third says what the first said."""
    change = {"field": "feed", "value": {"item": "comment", "verb": verb, "comment_id": "1_2"}}
    [first], [again] = (apart(body(entry(time=at, changes=[change])), OURS) for at in (1, 99))
    assert first.key != again.key
    assert apart(first.body, OURS) == (first,)


def test_what_happened_to_others_is_none_of_ours() -> None:
    """Two Pages share one address and one app."""
    assert len(apart(MIXED, frozenset({"999"}))) == 1
    assert apart(MIXED, frozenset({"998"})) == ()
    events = unpack(MIXED, frozenset({"999"}), lambda _: ())
    assert [type(event) for event in events] == [Ignored] * 5


def test_an_entry_in_which_nothing_is_known_to_happen_is_kept_and_set_aside() -> None:
    odd = body(entry(surprise=[1]))
    [raw] = apart(odd, OURS)
    [event] = unpack(raw.body, OURS, lambda _: ())
    assert isinstance(event, Unreadable)


def test_an_item_that_cannot_be_read_leaves_the_others_alone() -> None:
    def read(item: Item) -> tuple[Event, ...]:
        if item.said == {"mid": 2}:
            raise ValidationError({"mid": ["is no id"]})
        return (Ignored(str(item.said)),)

    events = unpack(MIXED, OURS, read)
    assert [type(event) for event in events].count(Unreadable) == 1
    assert any(isinstance(one, Unreadable) and one.because == "mid: is no id" for one in events)
    assert len(events) == 6


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_every_published_shape_is_taken_apart(sample: Any) -> None:
    raws = apart(sample.read_bytes(), OURS)
    assert raws
    for raw in raws:
        [item] = seen(raw.body)
        assert item.place is not Place.NOWHERE
        assert isinstance(item.said, dict)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["entry", "id", "changes", "messaging", "field", "value", "time"]),
            inner,
        )
    ),
    max_leaves=15,
)


@given(st.binary(max_size=100) | ANYTHING.map(lambda value: json.dumps(value).encode()))
def test_nothing_makes_it_stumble(odd: bytes) -> None:
    for raw in apart(odd, frozenset({PAGE, "", "0", "1"})):
        assert apart(raw.body, frozenset({PAGE, "", "0", "1"})) == (raw,)
    unpack(odd, OURS, lambda _: ())


@pytest.mark.parametrize(
    "sample",
    sorted((SPECS / "meta" / "doc_samples").glob("threads*.json")),
    ids=lambda one: one.stem,
)
def test_what_threads_sends_is_nobody_s_here(sample: Any) -> None:
    """An app may have its address entered for Threads as well: that is said, and set aside by
    nobody."""
    [event] = unpack(sample.read_bytes(), OURS, lambda _: ())
    assert isinstance(event, Ignored)
    assert "Threads" in event.because
