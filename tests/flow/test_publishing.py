"""Publishing: what is checked, who may, and what a start takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from bridge.errors import Misconfigured
from bridge.flow import publishing
from bridge.flow.bridge import Bridge
from bridge.ledger import Ledger, mappings
from bridge.ledger.mappings import Origin, Overtaken
from bridge.living import Unusable
from bridge.mapping import Files, MappingError
from bridge.mapping.folder import Seen, note
from bridge.opening import open_bridge, publish
from bridge.settings import Secret, Settings, ZendeskSettings

MAPPING = """\
accounts:
  acme:
    network: mastodon
    options: {{url: https://mastodon.example, token: env:{token}}}
rules:
  - name: Everything
    route: {{group: {group}}}
"""
ENVIRON = {"MASTODON_TOKEN": "toot-toot-4711"}


def mapping(group: str, token: str = "MASTODON_TOKEN") -> str:
    return MAPPING.format(group=group, token=token)


def files(group: str, token: str = "MASTODON_TOKEN") -> Files:
    return (("mapping.yaml", mapping(group, token)),)


class House:
    """An installation that can be started again and again."""

    def __init__(self, ledger: Ledger, home: Path, clock: Any) -> None:
        self.file = home / "mapping.yaml"
        self.ledger, self.clock = ledger, clock
        self.environ = dict(ENVIRON)
        self.write("Support")

    def write(self, group: str) -> None:
        self.file.write_text(mapping(group), encoding="utf-8")

    def open(self, *, live: bool = False) -> Bridge:
        settings = Settings(
            database_url=self.ledger.url,
            mappings=str(self.file),
            zendesk=ZendeskSettings("https://acme.zendesk.com", oauth_token=Secret("desk-0815")),
        )
        return open_bridge(settings, self.environ, clock=self.clock, ledger=self.ledger, live=live)

    def start(self) -> tuple[int, str]:
        """A worker's start: the revision's number, and where it sends everything."""
        return said(publish(self.open()))


def said(bridge: Bridge) -> tuple[int, str]:
    (rule,) = bridge.mapping.rules
    return bridge.mapping.number, rule.then.group  # type: ignore[union-attr]


@pytest.fixture
def house(ledger: Ledger, tmp_path: Path, clock: Any) -> House:
    return House(ledger, tmp_path, clock)


def by_ada(house: House, group: str, base: int, **how: Any) -> int:
    published = publishing.publish(house.open(), files(group), author="Ada", base=base, **how)
    return published.number


def test_without_a_console_files_decide_at_every_start(house: House) -> None:
    """Edit the file, restart: as ever, also back again."""
    assert (1, "Support") == house.start() == house.start()
    house.write("Sales")
    assert (2, "Sales") == house.start()
    house.write("Support")
    assert (3, "Support") == house.start()


def test_what_the_console_published_is_not_undone_by_a_start(house: House) -> None:
    """The files are those that were live before: there is nothing in them to be missed."""
    house.start()
    assert 2 == by_ada(house, "Sales", 1)
    assert (2, "Sales") == house.start() == said(house.open(live=True))


def test_files_that_have_not_seen_the_console_do_not_overwrite_it(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    """They stay unused, and that is said with what to do."""
    house.start()
    by_ada(house, "Sales", 1)
    house.write("Press")
    assert (2, "Sales") == house.start()
    told = capsys.readouterr().out
    assert "bridge mapping pull --force" in told
    assert "bridge mapping apply --over 2" in told


def test_files_changed_after_the_console_was_seen_are_taken(house: House) -> None:
    """Pull, edit, restart: who has seen revision 2 may go on from it, time after time."""
    house.start()
    by_ada(house, "Sales", 1)
    house.write("Sales")
    note(house.file, Seen(2, house.open().mapping.digest))
    assert (2, "Sales") == house.start()
    house.write("Press")
    assert (3, "Press") == house.start()
    house.write("Support")
    assert (4, "Support") == house.start()
    by_ada(house, "Sales", 4)
    house.write("Press")
    assert (5, "Sales") == house.start()


def test_another_machine_with_old_files_changes_nothing(house: House) -> None:
    """Its files are a revision's that somebody has published over."""
    house.start()
    by_ada(house, "Sales", 1, origin=Origin.APPLIED)
    note(house.file, Seen(1, house.open().mapping.digest))
    assert (2, "Sales") == house.start()


def test_a_database_that_was_away_at_the_start_is_asked_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until then the files count; they do not overwrite what they have not seen."""
    house.start()
    by_ada(house, "Sales", 1)
    house.write("Press")

    def away(_tx: Any) -> None:
        raise OperationalError("SELECT", {}, Exception("connection refused"))

    with monkeypatch.context() as patch:
        patch.setattr(mappings, "latest", away)
        started = house.open()
    assert (0, "Press") == said(started)
    assert (2, "Sales") == said(publish(started))


def test_who_publishes_while_a_process_starts_is_not_overwritten(house: House) -> None:
    house.start()
    house.write("Press")
    started = house.open()
    by_ada(house, "Sales", 1)
    assert (2, "Sales") == said(publish(started))


def test_the_web_service_runs_on_what_is_published(house: House) -> None:
    """A changed file is published by the worker's start, never before by the web service's."""
    assert (0, "Support") == said(house.open(live=True))
    house.start()
    house.write("Sales")
    assert (1, "Support") == said(house.open(live=True))
    house.start()
    assert (2, "Sales") == said(house.open(live=True))


def test_a_live_mapping_that_does_not_hold_here_stops_the_start(house: House) -> None:
    """The variable is set where it was published, and not here: nothing else is run instead."""
    house.start()
    house.environ["OTHER_TOKEN"] = "toot-toot-4712"
    publishing.publish(
        house.open(), files("Sales", "OTHER_TOKEN"), author="Ada", comment="new app", base=1
    )
    del house.environ["OTHER_TOKEN"]
    with pytest.raises(Unusable) as raised:
        house.start()
    for part in ("revision 2", "by Ada", "new app", "OTHER_TOKEN", "bridge mapping rollback 1"):
        assert part in raised.value.because


def test_a_mapping_with_mistakes_is_not_published(house: House) -> None:
    """Every one is told, and the live one stays."""
    house.start()
    wrong = (("mapping.yaml", mapping("Sales").replace("group", "grup")),)
    with pytest.raises(MappingError, match='did you mean "group"'):
        publishing.publish(house.open(), wrong, author="Ada", base=1)
    assert (1, "Support") == house.start()


def test_who_was_overtaken_is_told(house: House) -> None:
    """And may publish once the other's change was seen."""
    house.start()
    by_ada(house, "Sales", 1)
    with pytest.raises(Overtaken, match="2 by Ada"):
        publishing.publish(house.open(), files("Press"), author="Bob", base=1)
    assert 3 == publishing.publish(house.open(), files("Press"), author="Bob", base=2).number


def test_rolling_back_is_a_new_revision(house: House) -> None:
    """The history keeps everything; what is live already is not published again."""
    house.start()
    by_ada(house, "Sales", 1)
    back = publishing.roll_back(house.open(), 1, author="Bob", base=2)
    assert (3, True) == (back.number, back.is_new)
    assert (3, "Support") == said(house.open(live=True))
    assert not publishing.roll_back(house.open(), 1, author="Bob", base=3).is_new
    with house.ledger.reading() as tx:
        live = mappings.latest(tx)
    assert live is not None
    assert ("Bob", "back to revision 1") == (live.author, live.comment)
    with pytest.raises(Misconfigured, match="no revision 9"):
        publishing.roll_back(house.open(), 9, author="Bob", base=3)
