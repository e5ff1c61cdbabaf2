"""The ready configurations, run for real: each ends with exactly our state."""

from __future__ import annotations

from pathlib import Path

import pytest
from contrib_stage import STREAMS, Airbyte, Client, Dlt, Singer, Weather, kept
from crm_village import BEN, Village, everything, one_of_everything, said

from bridge.ledger import Ledger, erasures, forgetting, people, posts, traces

CLIENTS = {"dlt": Dlt, "airbyte": Airbyte, "singer": Singer}


def day_one(ledger: Ledger) -> None:
    """Hundreds of rows in a few instants; somebody wrote nothing but an instant."""
    with ledger.writing() as tx:
        Village(tx).heard(said("when", "2026-11-21T12:00:00Z", tx.now))
    for turn in range(6):
        with ledger.writing() as tx:
            one_of_everything(tx, f"{turn}:")
        if turn % 2:
            everything(ledger)


def day_two(ledger: Ledger) -> None:
    """An edit, a removal, an erasure, a handle that changed, and a new thread."""
    with ledger.writing() as tx:
        first, second = (posts.find(tx, "acme", name) for name in ("0:s1", "1:s1"))
        assert first is not None
        assert second is not None
        edited = said("0:s1", "my parcel has come", tx.now, revision="3")
        posts.add_revision(tx, first.id, edited, None)
        posts.gone(tx, second.id)
        ben = people.remember(tx, BEN)
        erasure = erasures.begin(tx, "", "")
        forgetting.forget(tx, erasure.id, traces.gather(tx, ben), (), ())
        one_of_everything(tx, "new:")


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", list(CLIENTS))
def test_it_ends_with_exactly_our_state(
    name: str,
    bins: dict[str, Path],
    ledger: Ledger,
    weather: Weather,
    service: tuple[str, str],
    home: Path,
) -> None:
    """Through a 429 that it waits for, a 500, equal instants on pages' edges, edits and erasures
    between the first pull and the second."""
    client: Client = CLIENTS[name](*service, home, bins)
    weather.page = 7
    weather.refuse = {3: 429, 9: 500}
    day_one(ledger)
    client.pull()
    ours = kept(everything(ledger).values())
    assert len(ours) > 70
    assert "2026-11-21T12:00:00Z" in {row.get("text") for row in ours.values()}
    assert ours == client.rows()
    assert weather.waited(429) >= 2
    assert weather.waited(500) > 0
    gone = sum(1 for row in everything(ledger).values() if row["deleted"])
    day_two(ledger)
    first = len(weather.asked)
    client.pull()
    now = everything(ledger).values()
    assert gone < sum(1 for row in now if row["deleted"])
    assert kept(now) == client.rows()
    since = [what for _, what, _ in weather.asked[first:] if "updated_since=2" in what]
    assert {what.partition("?")[0].rpartition("/")[2] for what in since} == set(STREAMS)
    assert not [what for what in since if "since=2000" in what], "it began from the beginning"
