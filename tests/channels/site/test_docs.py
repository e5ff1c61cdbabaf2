"""docs/networks/site.md does what it says: its examples are run."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from werkzeug.wrappers import Request, Response

from bridge.channels.site.sending import _data
from bridge.errors import NeedsSignIn
from bridge.model import File, Post, Receipt, Visibility
from bridge.sandbox.server import serve

PAGE = Path(__file__).resolve().parents[3] / "docs" / "networks" / "site.md"


def examples(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE.read_text(), re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("language", ["python", "sh"])
def test_the_signing_examples_are_genuine(site: Any, language: str) -> None:
    """Run as they stand, their webhook is taken and holds a message without a mistake."""
    for needed in ("curl", "openssl") if language == "sh" else ():
        if shutil.which(needed) is None and not os.environ.get("CI"):
            pytest.skip(f"{needed} is not installed")
    took: list[tuple[str, bytes]] = []

    def hook(environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        body = request.get_data()
        took.append((site.channel.genuine(dict(request.headers), body), body))
        return Response("", 200)(environ, start_response)

    site.time = datetime.now(UTC)
    code = examples(language)[0]
    start = [sys.executable, "-c"] if language == "python" else ["sh", "-ec"]
    with serve(hook) as running:
        given = {
            "PATH": os.environ["PATH"],
            "HOOK": running.url + "/hooks/site/shop",
            "SITE_SECRET": site.channel._secrets[0].reveal(),
        }
        done = subprocess.run(
            [*start, code], env=given, timeout=120, capture_output=True, check=False
        )
    assert (done.returncode, done.stderr) == (0, b"")
    [(webhook_id, body)] = took
    assert webhook_id.startswith("msg_")
    assert site.channel.complaint(body) == ""


def test_the_receiving_example_shows_a_reply_once(
    site: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes a signed reply, repeats its answer for the same id, refuses another secret."""
    monkeypatch.setenv("SITE_REPLY_SECRET", site.website.reply_secrets[0].reveal())
    monkeypatch.setenv("SHOWN", str(tmp_path / "shown.sqlite3"))
    names: dict[str, Any] = {"__name__": "example"}
    exec(compile(examples("python")[1], "example", "exec"), names)  # the page's own words
    site.time = datetime.now(UTC)
    with serve(names["app"]) as running:
        url = running.url + "/support/replies"
        channel = site.open("", reply_url=url)
        receipts = {channel.send(site.reply("Hi", to="m1")) for _ in range(3)}
        with pytest.raises(NeedsSignIn):
            site.open("", reply_url=url, reply_secret=site.channel._secrets[0]).send(
                site.reply("Hi", to="m1", key="other")
            )
    assert receipts == {Receipt("intent-1", "https://shop.example/messages/intent-1")}
    rows = names["shown"].execute("SELECT person, private, text FROM replies").fetchall()
    names["shown"].close()
    assert rows == [("1001", 0, "Hi")]


def test_the_payloads_are_as_they_are_shown(site: Any) -> None:
    """The incoming example is read without a mistake, the outgoing one has the fields we send."""
    incoming, outgoing = (json.loads(text) for text in examples("json"))
    [post] = site.channel.unpack(json.dumps(incoming).encode())
    assert isinstance(post, Post)
    assert (post.author.followers, post.media[0].filename) == (3, "parcel.png")
    reply = replace(
        site.reply("x", to="m1", visibility=Visibility.PRIVATE),
        files=(File("a", "b/c", b""),),
    )
    ours = _data(reply, "1001")
    assert list(outgoing["data"]) == list(ours)
    assert list(outgoing["data"]["to"]) == list(ours["to"])
    assert list(outgoing["data"]["files"][0]) == list(ours["files"][0])
