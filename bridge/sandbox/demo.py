"""`bridge demo`: everything on this machine, a story to watch, then two pages to play on."""

from __future__ import annotations

import json
import signal
import tempfile
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import Any

import click
from cryptography.fernet import Fernet

from bridge.model import utcnow
from bridge.sandbox import mastodon
from bridge.sandbox.household import DidNotStart, Household, free_port
from bridge.sandbox.mastodon.shapes import permalink
from bridge.sandbox.server import serve
from bridge.sandbox.story import NotSeen, Seen, Stage, Told, play
from bridge.sandbox.zendesk import Desk, open_zendesk, preset

Say = Callable[[str], Any]

MAPPING = """\
# The demonstration's rules: what is private goes to one group, all else to another.
accounts:
  acme:
    network: mastodon
    language: en
    options:
      url: {network}
      token: env:MASTODON_TOKEN
      poll_seconds: 1
helpdesk:
  fields:
    network: {p.FIELD_NETWORK}
    account: {p.FIELD_ACCOUNT}
    author: {p.FIELD_AUTHOR}
    permalink: {p.FIELD_PERMALINK}
    language: {p.FIELD_LANGUAGE}
    reply_as: {p.FIELD_REPLY_AS}
    delivery: {p.FIELD_DELIVERY}
rules:
  - name: private messages
    when:
      visibility: private
    route:
      group: Private messages
  - name: everything else
    route:
      group: Social
"""


class TownCustomers:
    """The sandbox network, from its customers' side."""

    brand = "bridge"

    def __init__(self, town: mastodon.Town, url: str) -> None:
        self._town = town
        self._url = url
        self._names = {person.id: person.username for person in town.people()}

    def says(self, who: str, text: str, *, private: bool = False) -> Seen:
        return self._seen(self._town.post(who, text, "direct" if private else "public"))

    def thread(self, post: Seen) -> tuple[Seen, ...]:
        return tuple(self._seen(one) for one in self._town.thread(post.id))

    def public(self) -> tuple[Seen, ...]:
        everything = (self._seen(one) for one in self._town.statuses())
        return tuple(one for one in everything if one.author == "brand" and not one.private)

    def unanswerable(self, text: str) -> Seen:
        return self.says("dora", text)

    def refuse(self, post: Seen) -> None:
        """Dora's posts take no replies to begin with."""

    def _seen(self, status: mastodon.Status) -> Seen:
        author = self._names[status.author]
        return Seen(
            status.id,
            "brand" if author == self.brand else author,
            status.visibility not in ("public", "unlisted"),
            status.text,
            permalink(self._town, status, self._url),
        )


def furnish(folder: Path, network_url: str, token: str, desk: Desk, helpdesk_url: str) -> Household:
    """A bridge between one account on a Mastodon-compatible server and a helpdesk stand-in, with
    its webhook set up; ready to be migrated and started."""
    port = free_port()
    public_url = f"http://127.0.0.1:{port}"
    webhook = desk.add_webhook(f"{public_url}/helpdesk/zendesk/events")
    (folder / "mapping.yaml").write_text(MAPPING.format(network=network_url, p=preset))
    environ = {
        "BRIDGE_DATABASE_URL": f"sqlite:///{folder / 'bridge.sqlite3'}",
        "BRIDGE_MAPPINGS": str(folder / "mapping.yaml"),
        "BRIDGE_PUBLIC_URL": public_url,
        "BRIDGE_SECRET_KEY": Fernet.generate_key().decode(),
        "BRIDGE_RECONCILE_SECONDS": "5",
        # A worker that was killed holds its lanes until the lease ends; nobody here waits long.
        "BRIDGE_LEASE_SECONDS": "3",
        "ZENDESK_URL": helpdesk_url,
        "ZENDESK_CLIENT_ID": preset.CLIENT_ID,
        "ZENDESK_CLIENT_SECRET": preset.CLIENT_SECRET,
        "ZENDESK_WEBHOOK_SECRET": webhook.secret,
        "MASTODON_TOKEN": token,
    }
    return Household(folder, environ, port)


def main(*, once: bool = False, as_json: bool = False, kill: bool = False) -> int:
    """Play the story; 0 if every check held. `kill` ends web and worker with SIGKILL between any
    two steps. Unless `once`, everything stays up afterwards until Ctrl-C."""
    say = _silent if as_json else click.echo
    _end_on_term()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bridge-demo-")))
        town = mastodon.village(utcnow)
        town.set_policy("bridge", mastodon.Policy(for_private_mentions=mastodon.Verdict.ACCEPT))
        network = stack.enter_context(serve(mastodon.create_app(town, mastodon.new_faults())))
        desk = Desk(utcnow, hide=timedelta(seconds=0), hold_late=False)
        helpdesk = stack.enter_context(open_zendesk(desk))
        stack.callback(desk.stop)
        token = town.token_for("bridge")
        household = furnish(folder, network.url, token, desk, helpdesk.url)
        stack.callback(household.stop)
        say("Starting the service (web and worker), a sandbox helpdesk and a sandbox network ...")
        household.migrate()
        household.start()
        say(f"\n  the customer's page   {network.url}/   (a stand-in, not a real network)")
        say(f"  the agent's page      {helpdesk.url}/   (a stand-in, not Zendesk)")
        say(f"  the bridge            {household.url}/health\n")
        stage = Stage(TownCustomers(town, network.url), desk)
        lines: list[str] = []
        held, told = perform(stage, household, lines.append if as_json else say, kill=kill)
        if as_json:
            steps = [asdict(step) for step in told]
            click.echo(json.dumps({"holds": held, "steps": steps, "shown": lines}))
        if once:
            return 0 if held else 1
        say("\nEverything stays up: open the two pages and be the customer and the agent.")
        say("Ctrl-C ends it all.")
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            say("\nEnding ...")
    return 0 if held else 1


def perform(stage: Stage, household: Household, say: Say, *, kill: bool) -> tuple[bool, list[Told]]:
    """Play the story and show each step. What goes wrong is shown with the end of the logs."""
    told: list[Told] = []
    try:
        for number, step in enumerate(play(stage), 1):
            told.append(step)
            _show(number, step, say)
            if kill:
                household.kill()
                household.start()
                say("   (web and worker were killed with SIGKILL and started again)\n")
    except (NotSeen, DidNotStart) as failure:
        say(f"\nThe story stops here: {failure}\n{household.log_tail()}")
        return False, told
    held = all(step.holds for step in told)
    if not held:
        say(f"\nNot everything held.\n{household.log_tail()}")
    return held, told


def _show(number: int, step: Told, say: Say) -> None:
    say(f"{number}. {step.title}   ({step.seconds:.1f} s)")
    for line in step.network:
        say(f"   network    {line}")
    for line in step.helpdesk:
        say(f"   helpdesk   {line}")
    for check in step.checks:
        say(f"   {'ok  ' if check.holds else 'NOT '}       {check.says}")
    say("")


def _silent(_line: str = "") -> None:
    return None


def _end_on_term() -> None:
    """SIGTERM ends the demonstration as Ctrl-C does: in order, with nothing left running.

    Ctrl-C is asked for by name, because a shell that starts something in the background has it
    ignore Ctrl-C.
    """

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
