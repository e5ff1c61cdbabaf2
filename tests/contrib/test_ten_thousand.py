"""dlt and Airbyte's runner mirror ten thousand interactions while others keep writing."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from contrib_stage import ROOT, Airbyte, Client, Dlt, Rows, Weather, kept
from crm_village import ADA, everything, said

from bridge.ledger import Ledger, Tx, people
from bridge.ledger import tables as t
from bridge.ledger.shapes import post_to_json
from bridge.model import Person

INTERACTIONS, IN_EACH = 10_000, 5


def filled(tx: Tx) -> None:
    """As many posts, a few to a conversation, in statements of many rows."""
    now = tx.now
    tx.conn.execute(
        t.people.insert(),
        [
            {
                "network": "mastodon",
                "network_id": f"f{n}",
                "handle": f"h{n}",
                "name": "",
                "seen_at": now,
            }
            for n in range(INTERACTIONS // IN_EACH)
        ],
    )
    ids = {row.network_id: row.id for row in tx.conn.execute(t.people.select())}
    times = {"opened_at": now, "last_word_at": now}
    tx.conn.execute(
        t.conversations.insert(),
        [
            {"account": "acme", "external_id": name, "person_id": number, **times}
            for name, number in ids.items()
        ],
    )
    homes = {row.external_id: row.id for row in tx.conn.execute(t.conversations.select())}
    spoken = {
        f"f{n}": said(f"f{n}", f"word {n}", now, Person("mastodon", f"f{n // IN_EACH}", "h", ""))
        for n in range(INTERACTIONS)
    }
    tx.conn.execute(
        t.posts.insert(),
        [
            {
                "account": "acme",
                "network_id": name,
                "conversation_id": homes[post.author.id],
                "person_id": ids[post.author.id],
                "kind": post.kind,
                "visibility": post.visibility,
                "thread_id": post.author.id,
                "created_at": now,
            }
            for name, post in spoken.items()
        ],
    )
    bodies = {name: post_to_json(post) for name, post in spoken.items()}
    rows = [
        {
            "post_id": row.id,
            "revision": "",
            "body": bodies[row.network_id],
            "received_at": now,
        }
        for row in tx.conn.execute(t.posts.select())
    ]
    tx.conn.execute(t.revisions.insert(), rows)


@contextmanager
def writers(url: str, home: Path) -> Iterator[None]:
    """Two processes, until the block ends."""
    until = home / "enough"
    env = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}
    script = str(Path(__file__).with_name("writing.py"))
    running = [
        subprocess.Popen([sys.executable, script, url, name, str(until)], env=env)
        for name in ("a", "b")
    ]
    try:
        yield
    finally:
        until.touch()
        ended = [each.wait(240) for each in running]
    assert [0, 0] == ended


def pulled(clients: list[Client]) -> list[Rows]:
    """Both at once."""
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda client: client.pull(), clients))
    return [client.rows() for client in clients]


@pytest.mark.timeout(1800)
def test_both_mirror_ten_thousand_while_others_write(
    bins: dict[str, Path],
    ledger: Ledger,
    weather: Weather,
    service: tuple[str, str],
    tmp_path: Path,
) -> None:
    """Every transaction ends when it likes, one of them after the first pull; then they pull once
    more, and have row for row what we have."""
    with ledger.writing() as tx:
        filled(tx)
    clients: list[Client] = []
    for kind in (Dlt, Airbyte):
        home = tmp_path / kind.__name__
        home.mkdir()
        clients.append(kind(*service, home, bins))
    with writers(ledger.url, tmp_path), ledger.writing() as slow:
        late = f"identity_{people.remember(slow, ADA)}"
        first = pulled(clients)
    assert [False, False] == [late in rows for rows in first]
    assert INTERACTIONS < min(map(len, first))
    ours = kept(everything(ledger).values())
    assert len(ours) > max(map(len, first)), "nobody wrote meanwhile"
    second = pulled(clients)
    for rows in second:
        assert late in rows
        assert ours.keys() == rows.keys()
        assert [] == [(ours[name], rows[name]) for name in ours if ours[name] != rows[name]]
    assert weather.sent_both(), "a client's later pages carry the instant beside the cursor"
