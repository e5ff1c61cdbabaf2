"""`bridge demo`: everything on this machine, a story to watch, then pages to play on."""

from __future__ import annotations

import json
import secrets
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import yaml
from cryptography.fernet import Fernet

from bridge.model import utcnow
from bridge.sandbox import scenery as scenes
from bridge.sandbox import welcome
from bridge.sandbox.household import DidNotStart, Household, free_port
from bridge.sandbox.scenery import mastodon
from bridge.sandbox.scenery.scene import ACCOUNT, Scenery
from bridge.sandbox.server import serve
from bridge.sandbox.stage import NotSeen, Stage, Told
from bridge.sandbox.story import play
from bridge.sandbox.welcome import Places
from bridge.sandbox.zendesk import Desk, open_zendesk, preset
from bridge.signals import Inbox, hearing
from bridge.text.words import network_name

Say = Callable[[str], Any]

RULES = """\
# The demonstration's rules: what is private goes to one group, all else to another.
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


def furnish(folder: Path, scenery: Scenery, desk: Desk, helpdesk_url: str) -> Household:
    """A bridge between the scenery's account and a helpdesk stand-in, with its webhook set up;
    ready to be migrated and started."""
    port = free_port()
    public_url = f"http://127.0.0.1:{port}"
    webhook = desk.add_webhook(f"{public_url}/helpdesk/zendesk/events")
    app_secret = secrets.token_urlsafe(32)
    desk.install_app(public_url, app_secret)
    (folder / "mapping.yaml").write_text(_account(scenery) + RULES.format(p=preset))
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
        "ZENDESK_APP_SECRET": app_secret,
        **scenery.environ,
    }
    return Household(
        folder,
        environ,
        port,
        pushed=(ACCOUNT,) if scenery.pushed else (),
        connect=scenery.connect,
        is_connected=scenery.is_connected,
    )


def _account(scenery: Scenery) -> str:
    """The account as it stands in a mapping."""
    about = {
        "network": scenery.expected.network,
        "language": "en",
        "options": dict(scenery.options),
    }
    return yaml.safe_dump({"accounts": {ACCOUNT: about}}, sort_keys=False)


def main(
    network: str = scenes.DEFAULT, *, once: bool = False, as_json: bool = False, kill: bool = False
) -> int:
    """Play the story on one of `scenes.NETWORKS`; 0 if every check held. `kill` ends web and worker
    with SIGKILL between any two steps. Unless `once`, everything stays up afterwards until Ctrl-C.
    """
    say = _silent if as_json else click.echo
    with ExitStack() as stack:
        stack.enter_context(hearing(_interrupt))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bridge-demo-")))
        scenery = stack.enter_context(scenes.opened(network))
        desk = Desk(utcnow, hide=timedelta(seconds=0), hold_late=False)
        helpdesk = stack.enter_context(open_zendesk(desk))
        stack.callback(desk.stop)
        household = furnish(folder, scenery, desk, helpdesk.url)
        stack.callback(household.stop)
        called = network_name(network)
        places = None if once else stack.enter_context(_welcome(scenery, household, helpdesk.url))
        say(f"Starting the service (web and worker), a sandbox helpdesk and a sandbox {called} ...")
        household.migrate()
        household.start()
        say(f"\n  the customer's page   {scenery.page}   (a stand-in, not the real {called})")
        say(f"  the agent's page      {helpdesk.url}/   (a stand-in, not Zendesk)")
        say(f"  the bridge            {household.url}/health")
        if places:
            say(f"  the admin's console   {household.url}/console/")
            say(f"\n  BEGIN HERE            {places}   (where everything is, and what to try)")
        say("")
        stage = Stage(scenery.customers, desk, scenery.expected)
        lines: list[str] = []
        held, told = perform(stage, household, lines.append if as_json else say, kill=kill)
        if as_json:
            steps = [asdict(step) for step in told]
            outcome = {"network": network, "holds": held, "steps": steps, "shown": lines}
            click.echo(json.dumps(outcome))
        if once:
            return 0 if held else 1
        say(f"\nEverything stays up. Begin at {places} and be the customer, agent and admin.")
        say("Ctrl-C ends it all.")
        try:
            Inbox[None]().get()
        except KeyboardInterrupt:
            say("\nEnding ...")
    return 0 if held else 1


@contextmanager
def _welcome(scenery: Scenery, household: Household, helpdesk_url: str) -> Iterator[str]:
    """The address of the page where a newcomer begins, and a second network to be connected."""
    with mastodon.opened("village.example") as second:
        known = {f"env:{name}": value for name, value in second.environ.items()}
        answers = {
            option: known.get(str(value), str(value)) for option, value in second.options.items()
        }
        places = Places(
            network=network_name(scenery.expected.network),
            customers=scenery.page,
            desk=f"{helpdesk_url}/",
            console=f"{household.url}/console/",
            second=network_name(second.expected.network),
            second_page=second.page,
            answers=answers,
            invite=lambda: household.ask("console", "link"),
        )
        with serve(welcome.create_app(places)) as running:
            yield f"{running.url}/"


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


def _interrupt(_number: int) -> None:
    """SIGTERM ends the demonstration as Ctrl-C does: in order, with nothing left running.

    Ctrl-C is asked for by name, because a shell that starts something in the background has it
    ignore Ctrl-C.
    """
    raise KeyboardInterrupt
