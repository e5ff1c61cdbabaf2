"""The far sides of a soak: a helpdesk, a network that is polled, a website that pushes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from bridge.model import utcnow
from bridge.sandbox import mastodon, site
from bridge.sandbox.faults import Faults
from bridge.sandbox.household import Household, free_port
from bridge.sandbox.server import serve
from bridge.sandbox.zendesk import Desk, Limits, open_zendesk
from bridge.settings import Secret
from soak import furnishing
from soak.furnishing import new_secret
from soak.plan import DESK, SHOP, TOWN, Post, Trouble

BRAND = "bridge"
PING = "zen:event-type:ticket.comment_added"
HIDDEN = timedelta(seconds=1)
"""How much of the newest past the helpdesk's export leaves out."""


@dataclass(frozen=True, slots=True)
class Uttered:
    """A post that was said: its id on the network, the website's webhook, and when."""

    id: str
    at: datetime
    webhook_id: str = ""


@dataclass
class World:
    """Safe to be asked while the bridge is at work. `uttered` is by the posts' words."""

    town: mastodon.Town
    town_faults: Faults
    website: site.Website
    desk: Desk
    uttered: dict[str, Uttered] = field(default_factory=dict)

    def faults(self, side: str) -> Faults:
        return {TOWN: self.town_faults, SHOP: self.website.faults, DESK: self.desk.faults}[side]

    def say(self, post: Post) -> None:
        text = f"My parcel is late again, {post.word} is what I call it."
        above = self.uttered[post.above].id if post.above else ""
        self._say(post, text, above)

    def thank(self, post: Post, above: str) -> None:
        """A private answer to the brand's private message `above`."""
        self._say(post, f"Thank you, {post.word} is all I have to say.", above)

    def _say(self, post: Post, text: str, above: str) -> None:
        if post.account == TOWN:
            reach = "direct" if post.private else "public"
            status = self.town.post(_handle(post.person), f"@{BRAND} {text}", reach, above)
            self.uttered[post.word] = Uttered(status.id, status.created_at)
            return
        if post.twice:
            self.website.faults.add("webhook_twice")
        who = str(post.person)
        message = self.website.write(who, text, private=post.private, parent=above)
        webhook_id = self.website.courier.posted()[-1].webhook_id
        self.uttered[post.word] = Uttered(message.id, message.at, webhook_id)

    def deliver_again(self, word: str) -> None:
        self.website.courier.again(self.uttered[word].webhook_id)

    def answer(self, ticket_id: int, text: str, *, unheard: bool) -> None:
        with self.desk.lock:  # so that the lost ping is this one's and no other's
            if unheard:
                self.desk.faults.add("webhook_never", path=PING)
            self.desk.answer(ticket_id, text)

    def answer_of(self, account: str, word: str) -> str:
        """The id of the brand's message that says so, "" while there is none."""
        if account == SHOP:
            messages = ((one.id, one.text) for one in self.website.replies())
        else:
            messages = ((one.id, one.text) for one in self.town.statuses())
        return next((one for one, text in messages if f"{word} " in text), "")

    def misbehave(self, trouble: Trouble) -> None:
        self.faults(trouble.side).add(
            trouble.fault,
            method=trouble.method,
            path=trouble.path,
            times=trouble.times,
            retry_after=trouble.retry_after,
        )

    def behave(self) -> dict[str, int]:
        """An end to all faults. Side → how many requests were still to be hit."""
        left = {}
        for side in (TOWN, SHOP, DESK):
            faults = self.faults(side)
            left[side] = sum(fault.times or 0 for fault in faults.waiting())
            faults.clear()
        self.forget_keys()
        return left

    def forget_keys(self) -> None:
        """Several servers that speak Mastodon's API ignore the key of a repeated post. On one that
        honours it, a bridge that sends blindly twice would not be noticed."""
        self.town_faults.add("ignores_idempotency_key", times=None)


def name_of(account: str, person: int) -> str:
    return f"{account.capitalize()} Customer {person}"


def _handle(person: int) -> str:
    return f"customer{person}"


@contextmanager
def opened(people: int) -> Iterator[tuple[World, str, str, str]]:
    """The far sides, answering, each with so many customers; the addresses of network, website
    and helpdesk."""
    with ExitStack() as stack:
        # What the networks and the helpdesk would allow in a minute is not what is measured.
        town = mastodon.Town(utcnow, brand=BRAND, limits=mastodon.Limits(requests=10**9))
        town.person(BRAND, "Acme Support", language="en")
        for number in range(people):
            town.person(_handle(number), name_of(TOWN, number), language="en")
        accept = mastodon.Policy(for_private_mentions=mastodon.Verdict.ACCEPT)
        town.set_policy(BRAND, accept)
        town_faults = mastodon.new_faults()
        website = site.new_website(utcnow, Secret(new_secret()), Secret(new_secret()))
        website.customers = tuple(
            site.Customer(str(number), name_of(SHOP, number), _handle(number))
            for number in range(people)
        )
        stack.callback(website.courier.stop)
        limits = Limits(account=None, updates=None, exports=None, webhooks=None)
        desk = Desk(utcnow, limits=limits, hide=HIDDEN, hold_late=False)
        helpdesk = stack.enter_context(open_zendesk(desk))
        stack.callback(desk.stop)
        town_url = stack.enter_context(serve(mastodon.create_app(town, town_faults))).url
        shop_url = stack.enter_context(serve(site.create_app(website))).url
        world = World(town, town_faults, website, desk)
        world.forget_keys()
        yield world, town_url, shop_url, helpdesk.url


@dataclass(frozen=True, slots=True)
class Addresses:
    town: str
    shop: str
    helpdesk: str
    database: str


def furnish(world: World, folder: Path, at: Addresses, workers: int) -> Household:
    """A bridge between them, with its webhooks set up; ready to be migrated and started."""
    port = free_port()
    public_url = f"http://127.0.0.1:{port}"
    webhook = world.desk.add_webhook(f"{public_url}/helpdesk/zendesk/events", subscriptions=(PING,))
    rules = folder / "mapping.yaml"
    rules.write_text(furnishing.mapping(furnishing.site(SHOP, at.shop), _polled(TOWN, at.town)))
    (secret,), (reply_secret,) = world.website.courier.secrets, world.website.reply_secrets
    environ = {
        **furnishing.environment(
            rules,
            database=at.database,
            public_url=public_url,
            helpdesk=at.helpdesk,
            webhook_secret=webhook.secret,
        ),
        "BRIDGE_RECONCILE_SECONDS": "5",
        # A worker that was killed holds its lanes until the lease ends; nobody here waits long.
        "BRIDGE_LEASE_SECONDS": "3",
        "BRIDGE_LOG_FORMAT": "json",
        "MASTODON_TOKEN": world.town.token_for(BRAND),
        "SITE_SECRET": secret.reveal(),
        "SITE_REPLY_SECRET": reply_secret.reveal(),
    }
    world.website.opens(at.shop, f"{public_url}/hooks/site/{SHOP}")
    return Household(folder, environ, port, workers=workers, pushed=(SHOP,))


def _polled(name: str, url: str) -> str:
    """An account that is asked every second."""
    return f"""\
  {name}:
    network: mastodon
    language: en
    options:
      url: {url}
      token: env:MASTODON_TOKEN
      poll_seconds: 1
"""
