"""What people do in the flows, and what is different from the usual installation in some."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from cryptography.fernet import Fernet

from bridge.flow.bridge import Bridge
from bridge.model import File
from bridge.sandbox.zendesk import preset
from bridge.settings import Secret, ZendeskSettings

PICTURE = File("p.png", "image/png", b"\x89PNG\r\n\x1a\n" + b"0" * 40, "a parcel")
LONG = " ".join(["word"] * 150)

Act = Callable[[Any], None]
"""Called with the trial: its `world`, its `website`."""


def nothing(_trial: Any) -> None:
    return None


def as_it_is(bridge: Bridge) -> Bridge:
    return bridge


class Blind:
    """The account's channel without its way to find its own messages again."""

    def __init__(self, whole: Any) -> None:
        for name in dir(whole):
            if not name.startswith("_") and name != "find_sent":
                setattr(self, name, getattr(whole, name))


def blind(bridge: Bridge) -> Bridge:
    return replace(bridge, channels={"acme": Blind(bridge.channels["acme"])})


def asks(who: str = "ada", text: str = "@bridge first") -> Act:
    return lambda trial: trial.world.ask(who, text)


def asks_more(trial: Any) -> None:
    trial.world.ask("ada", "@bridge second", in_reply_to=trial.world.town.statuses()[0].id)


def shows(trial: Any) -> None:
    town, picture = trial.world.town, PICTURE
    media = town.upload("ada", picture.content, picture.content_type, picture.filename, "a parcel")
    trial.world.ask("ada", "@bridge first", media=(media.id,))


def edits(trial: Any) -> None:
    trial.world.town.edit(trial.world.town.statuses()[0].id, "@bridge second thoughts")
    trial.world.later(700)


def deletes(trial: Any) -> None:
    trial.world.town.delete(trial.world.town.statuses()[0].id)
    trial.world.later(700)


def answers(text: str, **how: Any) -> Act:
    return lambda trial: trial.world.answer(text, **how)


def only_noted(trial: Any) -> None:
    trial.world.remap("helpdesk:\n", "removed: note\nhelpdesk:\n")


def renewing(trial: Any) -> None:
    """The installation signs in at Zendesk by itself, as a client that renews its token."""
    world = trial.world
    settings = world.bridge.settings
    trial.settle_with(
        replace(
            settings,
            secret_keys=(Secret(Fernet.generate_key().decode()),),
            zendesk=ZendeskSettings(
                url=settings.zendesk.url,
                client_id=preset.CLIENT_ID,
                client_secret=Secret(preset.CLIENT_SECRET),
                webhook_secret=settings.zendesk.webhook_secret,
            ),
        )
    )


def signed_out(trial: Any) -> None:
    trial.world.desk.tokens.revoke_all()
    asks_more(trial)


def answers_unheard(trial: Any) -> None:
    """No webhook tells of the answer; the helpdesk's export does."""
    world = trial.world
    world.clock.move(5)
    world.desk.answer(world.ticket().id, "Hello")
    for _ in range(3):
        world.later(61)


def unanswered(side: str, call: str, then: Act) -> Act:
    """The answer to a write is lost, so that the far side is asked what became of it."""

    def act(trial: Any) -> None:
        method, _, path = call.partition(" ")
        faults = trial.world.desk.faults if side == "desk" else trial.world.town_faults
        faults.add("drop_after_write", method=method, path=path)
        then(trial)
        trial.world.clock.move(5)
        trial.calls.arrive()  # what is late is five seconds late, whatever a flow itself waits for
        for _ in range(2):
            trial.world.later(31)

    return act


def closed(trial: Any) -> None:
    asks()(trial)
    trial.world.desk.close(trial.world.ticket().id)


def merged(trial: Any) -> None:
    asks()(trial)
    asks("chloe", "@bridge other")(trial)
    first, second = trial.world.tickets()
    trial.world.desk.merge(first.id, second.id)


SHOP = """  shop:
    network: site
    options:
      secret: env:SITE_SECRET
      reply_url: {url}/replies
      reply_secret: env:SITE_SECRET
helpdesk:
"""
SITE_SECRET = Secret("whsec_" + base64.b64encode(b"a secret of this test.....").decode())


def with_a_website(trial: Any) -> None:
    url = trial.open_website(SITE_SECRET)
    trial.world.environ["SITE_SECRET"] = SITE_SECRET.reveal()
    trial.world.remap("helpdesk:\n", SHOP.format(url=url))
    trial.settle_with(trial.world.bridge.settings)


def writes(trial: Any) -> None:
    trial.world.clock.move(20)
    trial.website.write("1001", "first")
    trial.told_by_website()
