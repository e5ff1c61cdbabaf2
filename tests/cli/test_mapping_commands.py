"""`bridge mapping`: files and console never fight over what is live."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bridge.channels import registry
from bridge.ledger import Ledger, mappings
from bridge.ledger.mappings import Origin
from bridge.mapping import load, load_files


@pytest.fixture
def file(home: Path) -> Path:
    return home / "mapping.yaml"


@pytest.fixture
def live(store: Ledger, file: Path, environ: dict[str, str]) -> Any:
    """What is live. A worker has started: the files are revision 1."""

    class Live:
        def of_files(self) -> int:
            found = load(file, registry.installed(), environ)
            with store.writing() as tx:
                return mappings.publish(tx, found.digest, found.text, files=found.files)

        def of_the_console(self, old: str, new: str, *, author: str = "bob") -> int:
            with store.reading() as tx:
                latest = mappings.latest(tx)
            assert latest is not None
            ((name, text),) = latest.files
            files = ((name, text.replace(old, new)),)
            found = load_files(files, registry.installed(), environ)
            with store.writing() as tx:
                return mappings.publish(
                    tx,
                    found.digest,
                    found.text,
                    files=files,
                    origin=Origin.CONSOLE,
                    author=author,
                    comment="the shop moved",
                )

        def text(self) -> str:
            with store.reading() as tx:
                latest = mappings.latest(tx)
            assert latest is not None
            return latest.text

        def number(self) -> int:
            with store.reading() as tx:
                return mappings.latest_number(tx)

    made = Live()
    assert 1 == made.of_files()
    return made


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_files_are_published_with_a_reason(bridge: Any, live: Any, file: Path) -> None:
    """And applied again they are what is live already."""
    edit(file, "group: Billing", "group: Money")
    done = bridge("mapping", "apply", "-m", "they are called so now", "--author", "ada")
    assert (0, "revision 2 is live\n") == (done.exit_code, done.output)
    again = bridge("mapping", "apply", "-m", "once more")
    assert "says the same already" in again.output
    listed = json.loads(bridge("mapping", "log", "--json").output)
    assert [(2, "ada", "they are called so now", "applied"), (1, "", "", "files")] == [
        (each["number"], each["author"], each["comment"], each["origin"]) for each in listed
    ]


def test_what_the_console_published_is_not_overwritten(bridge: Any, live: Any, file: Path) -> None:
    """Refused, with who published what and what to do; then both ways out."""
    live.of_the_console("group: Support", "group: Sales")
    edit(file, "group: Billing", "group: Money")
    refused = bridge("mapping", "apply", "-m", "mine")
    assert 1 == refused.exit_code
    for part in ("bob: the shop moved", "bridge mapping pull", "--over 2", "nothing was published"):
        assert part in refused.output
    assert "group: Sales" in live.text()
    assert 0 == bridge("mapping", "apply", "-m", "mine", "--over", "2").exit_code
    assert "group: Money" in live.text()
    assert 3 == live.number()


def test_pull_edit_apply(bridge: Any, live: Any, file: Path) -> None:
    """The way that keeps both changes."""
    live.of_the_console("group: Support", "group: Sales")
    pulled = bridge("mapping", "pull")
    assert (0, f"{file} is revision 2\n") == (pulled.exit_code, pulled.output)
    edit(file, "group: Billing", "group: Money")
    assert 0 == bridge("mapping", "apply", "-m", "mine").exit_code
    assert "group: Sales" in live.text()
    assert "group: Money" in live.text()
    live.of_the_console("group: Sales", "group: Shop")
    edit(file, "group: Money", "group: Cash")
    assert "the shop moved" in bridge("mapping", "apply", "-m", "mine").output


def test_pull_does_not_take_what_nobody_has(bridge: Any, live: Any, file: Path) -> None:
    """Changes on this disk that were never published stay, unless they may go."""
    live.of_the_console("group: Support", "group: Sales")
    edit(file, "group: Billing", "group: Money")
    refused = bridge("mapping", "pull")
    assert 1 == refused.exit_code
    assert "group: Money" in refused.output
    assert "group: Money" in file.read_text()
    assert 0 == bridge("mapping", "pull", "--force").exit_code
    assert file.read_text() == live.text()


def test_revisions_are_compared(bridge: Any, live: Any, file: Path) -> None:
    """With the files, with what is live, with one another."""
    same = bridge("mapping", "diff")
    assert (0, True) == (same.exit_code, "the same" in same.output)
    live.of_the_console("group: Support", "group: Sales")
    differs = bridge("mapping", "diff")
    assert 1 == differs.exit_code
    assert "-     route: {group: Sales}\n+     route: {group: Support}" in differs.output
    one = bridge("mapping", "diff", "1")
    assert "from revision 1 to revision 2" in one.output
    assert one.output == bridge("mapping", "diff", "1", "2").output
    as_json = json.loads(bridge("mapping", "diff", "2", "1", "--json").output)
    signs = [(line["sort"], line["text"].strip()) for line in as_json["files"][0]["lines"]]
    assert ("removed", "route: {group: Sales}") in signs
    assert ("added", "route: {group: Support}") in signs
    assert "there is no revision 9" in bridge("mapping", "diff", "9").output


def test_rolling_back_publishes_what_was(bridge: Any, live: Any) -> None:
    """A new revision; and by --over only if nobody came in between."""
    live.of_the_console("group: Support", "group: Sales")
    refused = bridge("mapping", "rollback", "1", "-m", "no", "--over", "1")
    assert 1 == refused.exit_code
    done = bridge("mapping", "rollback", "1", "-m", "it did not move")
    assert (0, "revision 3 is live, and says what 1 said\n") == (done.exit_code, done.output)
    assert "group: Support" in live.text()
    assert "back to revision 1: it did not move" in bridge("mapping", "log").output


def test_a_mapping_with_mistakes_is_not_published(bridge: Any, live: Any, file: Path) -> None:
    """Each is told, as `bridge check` does."""
    edit(file, "group: Billing", "grup: Billing")
    refused = bridge("mapping", "apply", "-m", "oops")
    assert 2 == refused.exit_code
    assert f'{file}:17:13: unknown key "grup": did you mean "group"?' in refused.output
    assert 1 == live.number()


def test_a_live_mapping_that_does_not_hold_can_be_left(
    bridge: Any, live: Any, environ: dict[str, str]
) -> None:
    """The start says how, and the way works: what is live need not open for it."""
    environ["OTHER_SECRET"] = environ["SITE_SECRET"]
    live.of_the_console("      secret: env:SITE_SECRET", "      secret: env:OTHER_SECRET")
    del environ["OTHER_SECRET"]
    stopped = bridge("worker")
    assert 2 == stopped.exit_code
    assert "OTHER_SECRET is not set" in stopped.output
    assert "bridge mapping rollback 1" in stopped.output
    assert 0 == bridge("mapping", "rollback", "1", "-m", "as it was").exit_code


def test_a_look_ahead_says_what_it_tried(bridge: Any, live: Any, file: Path) -> None:
    """There is no post yet, and it says so."""
    edit(file, "group: Billing", "group: Money")
    told = bridge("mapping", "preview")
    assert 0 == told.exit_code
    assert told.output.startswith("0 posts since ")
    assert 0 == json.loads(bridge("mapping", "preview", "--json").output)["posts"]


def test_before_the_first_start_there_is_nothing_to_pull(bridge: Any, store: Ledger) -> None:
    """It says what to do; `apply` publishes the first one."""
    assert "nothing is published yet" in bridge("mapping", "pull").output
    assert "revision 1 is live" in bridge("mapping", "apply", "-m", "the first").output


@pytest.mark.parametrize(
    "line",
    [
        ("diff", "2147483648"),
        ("diff", "1", "2147483648"),
        ("rollback", "2147483648", "-m", "back"),
        ("rollback", "1", "-m", "back", "--over", "2147483648"),
        ("apply", "-m", "forth", "--over", "2147483648"),
    ],
    ids=" ".join,
)
def test_a_number_that_no_revision_can_have_is_wrong_use(live, bridge, line) -> None:
    """PostgreSQL cannot even look for it."""
    done = bridge("mapping", *line)
    assert done.exit_code == 2
    assert "2147483648 is not in the range" in done.stderr


def test_the_greatest_number_is_only_not_there(live, bridge) -> None:
    done = bridge("mapping", "diff", "2147483647")
    assert done.exit_code == 1
    assert "2147483647" in done.stderr
