"""`bridge erase`: whom it means, what it shows, and that it can be run again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bridge.ledger import Ledger, conversations, people, posts
from bridge.ledger import tables as t
from bridge.ledger.posts import Because
from bridge.model import Kind, Person, Post, Visibility

ADA = Person("site", "shop/7001", "ada@shop.example", "Ada Byron")
OTHER = Person("mastodon", "99001", "ada@shop.example", "Ada Other")


@pytest.fixture
def known(store: Ledger) -> Ledger:
    """Ada said one thing, and it has no ticket yet."""
    with store.writing() as tx:
        person = people.remember(tx, ADA)
        conversation = conversations.begin(tx, "shop", person, "thread:m1:by:shop/7001", tx.now)
        post = Post(
            account="shop",
            network="site",
            id="m1",
            kind=Kind.POST,
            visibility=Visibility.PUBLIC,
            author=ADA,
            text="Zimtstern is late",
            created_at=tx.now,
            thread_id="m1",
        )
        because = Because("rule", "because", 1)
        post_id = posts.store(
            tx, post, person_id=person, conversation_id=conversation, because=because
        )
        posts.add_revision(tx, post_id, post, None)
    return store


@pytest.fixture
def keeping(home: Path) -> None:
    """The helpdesk is left as it is: there is none behind this installation."""
    file = home / "mapping.yaml"
    file.write_text(f"{file.read_text('utf-8')}erasure: {{helpdesk: keep}}\n", "utf-8")


def _people(store: Ledger) -> int:
    with store.reading() as tx:
        return len(tx.conn.execute(select(t.people)).all())


def test_nobody_is_called_that(bridge: Any, known: Ledger) -> None:
    """Wrong use, and nothing happens."""
    assert bridge("erase", "@nobody@shop.example", "--yes").exit_code == 2
    assert _people(known) == 1


def test_several_are_called_that(bridge: Any, known: Ledger) -> None:
    """They are listed, each by a name that means nobody else."""
    with known.writing() as tx:
        people.remember(tx, OTHER)
    done = bridge("erase", "@ada@shop.example", "--yes")
    assert done.exit_code == 2
    assert "site:shop/7001" in done.stderr
    assert "mastodon:99001" in done.stderr
    assert _people(known) == 2


@pytest.mark.usefixtures("keeping")
def test_a_dry_run_only_counts(bridge: Any, known: Ledger) -> None:
    """What would go, by table; all of it is still there."""
    done = bridge("erase", "site:shop/7001", "--dry-run", "--json")
    assert done.exit_code == 0
    told = json.loads(done.stdout)
    assert (told["ledger"]["people"], told["ledger"]["posts"], told["policy"]) == (1, 1, "keep")
    assert "posts" in bridge("erase", "site:shop/7001", "--dry-run").stdout
    assert _people(known) == 1


@pytest.mark.usefixtures("keeping")
def test_it_asks_first(bridge: Any, known: Ledger) -> None:
    """Without a yes nothing is removed."""
    assert bridge("erase", "site:shop/7001").exit_code == 1
    assert _people(known) == 1


@pytest.mark.usefixtures("keeping")
def test_it_erases_and_certifies(bridge: Any, known: Ledger, tmp_path: Path) -> None:
    """The certificate is printed and written and names nobody; a second run shows it again."""
    file = tmp_path / "certificate.json"
    done = bridge("erase", "@Ada@shop.example", "--yes", "--certificate", str(file))
    assert done.exit_code == 0
    assert _people(known) == 0
    told = json.loads(file.read_text("utf-8"))
    assert told["ledger"]["people"] == 1
    assert told["sha256"] in done.stdout
    for private in ("Byron", "ada@", "7001", "Zimtstern"):
        assert private not in file.read_text("utf-8") + done.stdout
    again = bridge("erase", "@ada@shop.example", "--json")
    assert (again.exit_code, json.loads(again.stdout)) == (0, told)
    by_id = bridge("erase", "site:shop/7001", "--json")
    assert (by_id.exit_code, json.loads(by_id.stdout)) == (0, told)


@pytest.mark.usefixtures("keeping")
@pytest.mark.parametrize("place", ["no/such/folder/x.json", "mapping.yaml/x.json", "x" * 300])
def test_nobody_is_erased_for_a_certificate_without_a_place(
    bridge: Any, known: Ledger, home: Path, place: str
) -> None:
    done = bridge("erase", "site:shop/7001", "--yes", "--certificate", str(home / place))
    assert done.exit_code == 2
    assert "cannot be written" in done.stderr
    assert _people(known) == 1


@pytest.mark.usefixtures("keeping")
def test_to_ask_for_a_certificate_leaves_no_file(bridge: Any, known: Ledger, home: Path) -> None:
    file = home / "x.json"
    assert bridge("erase", "site:shop/7001", "--certificate", str(file)).exit_code == 1
    assert not file.exists()
    assert _people(known) == 1


@pytest.mark.usefixtures("keeping")
def test_a_certificate_that_cannot_be_written_any_more_is_shown(
    bridge: Any, known: Ledger, home: Path
) -> None:
    """The disk filled up meanwhile: who was erased is erased, and the certificate is not lost."""
    full = Path("/dev/full")
    done = bridge("erase", "site:shop/7001", "--yes", "--certificate", str(full), "--json")
    assert (done.exit_code, _people(known)) == (1, 0)
    assert "run this again with another --certificate" in done.stderr
    file = home / "x.json"
    again = bridge("erase", "site:shop/7001", "--certificate", str(file), "--json")
    assert again.exit_code == 0
    assert json.loads(done.stdout) == json.loads(again.stdout) == json.loads(file.read_text())


def test_a_helpdesk_that_is_away_is_tried_again(bridge: Any, known: Ledger) -> None:
    """Nothing of the ledger goes before the helpdesk has let go of it."""
    done = bridge("erase", "site:shop/7001", "--yes")
    assert done.exit_code == 1
    assert "could not be reached" in done.stderr
    assert _people(known) == 1
