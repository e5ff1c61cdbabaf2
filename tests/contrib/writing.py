"""A process that keeps writing, in transactions of every length, until a file is there."""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path

from crm_village import Village, said

from bridge.ledger import Ledger, posts
from bridge.model import Person


def main(url: str, name: str, until: str) -> None:
    """`name` begins all its ids. Every third transaction stays open for long, while others begin
    and end."""
    ledger, dice, turn = Ledger(url), random.Random(name), 0
    while not Path(until).exists():
        turn += 1
        with ledger.writing() as tx:
            village = Village(tx, f"{name}{turn}:")
            number = dice.randint(0, 99)
            who = Person("mastodon", f"{name}.{number}", f"h{number}", f"Somebody {turn}")
            home = village.begun(who, "s1")
            for each in range(3):
                village.heard(said(f"s{each}", f"word {each}", tx.now, who), home)
            older = posts.find(tx, "acme", f"{name}{dice.randint(1, turn)}:s0")
            assert older is not None
            if dice.random() < 0.5:
                edited = said(older.network_id, f"edited {turn}", tx.now, who, revision=str(turn))
                posts.add_revision(tx, older.id, edited, None)
            elif dice.random() < 0.3:
                posts.gone(tx, older.id)
            time.sleep(dice.random() / (2 if turn % 3 == 0 else 20))
    ledger.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
