"""`bridge export`: everything of one customer, and nobody else, for its owner alone."""

from __future__ import annotations

import errno
import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from bridge.ledger import Ledger, conversations, customers, people, posts
from bridge.ledger.customers import Proof
from bridge.ledger.posts import Because
from bridge.model import Kind, Person, Post, Visibility

ADA = Person("site", "shop/7001", "ada@shop.example", "Ada Byron")
ADA_TOO = Person("mastodon", "99001", "ada@social.example", "Countess")
BOB = Person("site", "shop/7002", "bob@shop.example", "Bob Jones")


@pytest.fixture
def known(store: Ledger) -> Ledger:
    """Ada asked in a thread in which Bob joined in, and wrote privately under another name."""
    with store.writing() as tx:

        def said(who: Person, number: str, text: str, place: int, **how: Any) -> int:
            plain = {"kind": Kind.POST, "visibility": Visibility.PUBLIC, "thread_id": "m1", **how}
            post = Post(
                "shop", who.network, number, author=who, text=text, created_at=tx.now, **plain
            )
            kept = posts.store(
                tx,
                post,
                person_id=people.remember(tx, who),
                conversation_id=place,
                because=Because("rule", "the rule takes every post", 1),
            )
            posts.add_revision(tx, kept, post, None)
            return kept

        ada, too = people.remember(tx, ADA), people.remember(tx, ADA_TOO)
        thread = conversations.begin(tx, "shop", ada, "thread:m1", tx.now)
        private = conversations.begin(tx, "shop", too, "person:private:99001", tx.now)
        first = said(
            ADA, "m1", "<b>Zimtstern</b> is late, like Bob Jones's, @bob@shop.example!", thread
        )
        changed = Post(
            "shop", "site", "m1", Kind.POST, Visibility.PUBLIC, ADA, "# Quittengelee is late",
            tx.now, thread_id="m1", revision="2026-01-02",
        )  # fmt: skip
        posts.add_revision(tx, first, changed, None)
        said(BOB, "m2", "my Holunder is late as well", thread)
        dm = {"kind": Kind.DM, "visibility": Visibility.PRIVATE}
        said(ADA_TOO, "m3", "my Wacholder is private", private, **dm)
        customers.merge(tx, ada, too, proof=Proof.AGENT, evidence="note 5 on ticket 9", by="Ines")
    return store


def test_nobody_and_several(bridge: Any, known: Ledger) -> None:
    """Wrong use, and nothing is written."""
    assert bridge("export", "@nobody@shop.example", "-").exit_code == 2
    with known.writing() as tx:
        people.remember(tx, Person("mastodon", "1", "bob@shop.example", "Another Bob"))
    done = bridge("export", "@bob@shop.example", "-")
    assert done.exit_code == 2
    assert "mastodon:1" in done.stderr


def test_a_file_that_people_read(bridge: Any, known: Ledger, tmp_path: Path) -> None:
    """All identities and words in every version, no markup of theirs, nobody else's name; for its
    owner alone, and not written over by mistake."""
    file = tmp_path / "ada.md"
    done = bridge("export", "@ada@shop.example", str(file))
    assert (done.exit_code, done.stdout) == (0, "")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    text = file.read_text("utf-8")
    for told in (
        "Ada Byron", "Countess", "note 5 on ticket 9", "&lt;b&gt;Zimtstern&lt;/b&gt;",
        "> \\# Quittengelee", "Wacholder", "private", "somebody else", "the rule takes every post",
        "like \\[somebody else\\]'s, \\[somebody else\\]!",
    ):  # fmt: skip
        assert told in text, told
    for hidden in ("Bob", "Holunder", "Ines", "shop/7002"):
        assert hidden not in text, hidden
    file.write_text("mine")
    again = bridge("export", "@ada@shop.example", str(file))
    assert (again.exit_code, file.read_text()) == (1, "mine")
    assert "--force" in again.stderr
    file.chmod(0o644)
    assert bridge("export", "identity_1", str(file), "--force").exit_code == 0
    assert "Wacholder" in file.read_text("utf-8")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [file] == list(tmp_path.glob("*ada.md*"))


@pytest.mark.parametrize("more", [(), ("--force",)])
def test_half_a_file_is_left_nowhere(
    bridge: Any,
    known: Ledger,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    more: tuple[str, ...],
) -> None:
    """The disk is full: what was written is gone, and the next try is not refused for it."""

    def full(handle: int, mode: str) -> Any:
        os.close(handle)
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("bridge.cli.exporting.os.fdopen", full)
        done = bridge("export", "identity_1", str(tmp_path / "ada.md"), *more)
    assert done.exit_code == 1
    assert "No space left" in done.stderr
    assert [] == list(tmp_path.glob("*ada.md*"))


def test_the_same_for_programs(bridge: Any, known: Ledger) -> None:
    """In the shapes of the API, whichever of the identities is named."""
    found = [
        json.loads(bridge("export", name, "-", "--json").stdout)
        for name in ("site:shop/7001", "mastodon:99001", "customer_1")
    ]
    for each in found:
        del each["exported_at"]
    assert found[0] == found[1] == found[2]
    told = found[0]
    assert "customer_1" == told["customer"]
    assert ["identity_1", "identity_2"] == [each["id"] for each in told["identities"]]
    assert ["an agent"] == [each["by"] for each in told["merges"]]
    assert ["post_1", "post_3"] == sorted(each["id"] for each in told["interactions"])
    first = next(each for each in told["interactions"] if each["id"] == "post_1")
    assert 2 == len(first["versions"])
    assert told["not_included"]
