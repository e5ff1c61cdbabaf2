"""Rows as clients read them, back into records: also of what is gone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from marshmallow import ValidationError

from bridge.crm.schemas import change_of, row
from bridge.records import RECORDS, Change, Resource, Why

AT = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def test_another_reason_is_refused() -> None:
    """The schemas check: a reason that nobody knows is none."""
    body = row(_gone(Resource.INTERACTION))

    with pytest.raises(ValidationError):
        change_of({**body, "deleted_reason": "somebody felt like it"})


@pytest.mark.parametrize("resource", list(Resource))
def test_a_tombstone_can_be_read_back(resource: Resource) -> None:
    """It holds nothing but that something is gone, and every client of ours can read it."""
    change = _gone(resource)

    assert change == change_of(row(change))


@pytest.mark.parametrize("resource", list(Resource))
def test_a_field_of_tomorrow_is_let_pass(resource: Resource) -> None:
    """Clients do not break on the day a field is added."""
    change = _gone(resource)

    assert change == change_of({**row(change), "mood": "sunny"})


def _gone(resource: Resource) -> Change:
    record = RECORDS[resource](
        id=f"{resource}_7", deleted=True, deleted_at=AT, deleted_reason=Why.ERASED
    )
    return Change(3, AT, resource, record)
