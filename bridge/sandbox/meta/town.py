"""Meta as a whole, for tests and stories: Pages, Instagram accounts, WhatsApp numbers, one courier.

town = Town(clock)
page = town.page("Acme")
town.person("jane", "Jane Doe")
with serve(create_app(town)) as running:
    town.url = running.url
    token = town.token_for(page)
    town.connect(page, "http://127.0.0.1:8000/hooks/acme", "verify")
    page.comment("jane", "Where is my order?")
    town.deliver()
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bridge.model import Clock
from bridge.sandbox.meta.faults import GraphFaults
from bridge.sandbox.meta.files import File
from bridge.sandbox.meta.ground import Ground
from bridge.sandbox.meta.hooks import FIELDS, AppHook
from bridge.sandbox.meta.instagram import Instagram
from bridge.sandbox.meta.page_wall import Page
from bridge.sandbox.meta.people import (
    INSTAGRAM_SCOPES,
    LONG_LIVED,
    PAGE_SCOPES,
    WHATSAPP_SCOPES,
    App,
    Holder,
    Person,
)
from bridge.sandbox.meta.posts import Comment, Media, Message, Post
from bridge.sandbox.meta.whatsapp import OBJECT, Number, Waba, WhatsApp

Account = Page | Instagram | Number


@dataclass(frozen=True, slots=True)
class Profile:
    """A person as one account sees them."""

    id: str
    account_id: str
    person: Person


@dataclass(frozen=True, slots=True)
class SystemUser:
    """Who a system user's token stands for."""

    id: str
    name: str


class Town(Ground):
    """`meta` is the app for Facebook, WhatsApp and Instagram with Facebook login;
    `instagram_app` the one for Instagram's own login, which has an id and a secret of its own."""

    def __init__(self, clock: Clock, faults: GraphFaults | None = None) -> None:
        super().__init__(clock, faults)
        self.meta = self.app("Bridge")
        self.instagram_app = self.app("Bridge-IG")
        self.system_user = self.ids.next("user")
        self.put(SystemUser(self.system_user, "Bridge system user"))
        self._belongs: dict[str, set[str]] = {}

    @property
    def url(self) -> str:
        """Where the stand-in answers: links to files begin with it."""
        return self.files.url

    @url.setter
    def url(self, url: str) -> None:
        self.files.url = url

    # ---------------------------------------------------------------- accounts

    def page(self, name: str) -> Page:
        """A new Facebook Page, with Messenger."""
        with self.lock:
            made = Page(self, name)
            self.put(made)
            self._belongs[made.id] = {made.id}
            return made

    def instagram(self, username: str, name: str = "", *, page: Page | None = None) -> Instagram:
        """A new Instagram account: with a Page by the login of Facebook, else by its own."""
        with self.lock:
            made = Instagram(self, username, name or username, page.id if page else "")
            self.put(made)
            self.nodes[made.scoped_id] = made
            self._belongs[made.id] = {made.id, page.id} if page else {made.id}
            return made

    def whatsapp(self, name: str, display: str = "15550783881") -> Number:
        """A new WhatsApp number, in a business account of its own (`number.waba.id`)."""
        with self.lock:
            made = Number(self, name, display)
            self.put(made)
            self.put(made.waba)
            self._belongs[made.id] = self._belongs[made.waba.id] = {made.id, made.waba.id}
            return made

    def accounts(self) -> tuple[Account, ...]:
        """Everything of the brand's, in the order of its making."""
        with self.lock:
            nodes = self.nodes.items()
            return tuple(one for key, one in nodes if isinstance(one, Account) and one.id == key)

    def beside(self, page_id: str) -> Instagram | None:
        """The Instagram account that is linked to a Page."""
        for one in self.accounts():
            if isinstance(one, Instagram) and one.page_id == page_id:
                return one
        return None

    # ---------------------------------------------------------------- signing in

    def token_for(self, account: Account, *scopes: str, expires_in: timedelta | None = None) -> str:
        """A token for one account, for every permission unless some are named. A Page's does not
        run out by itself, that of Instagram's own login after sixty days."""
        app = self.app_of(account)
        if isinstance(account, Instagram) and not account.page_id:
            wanted, lasts = scopes or INSTAGRAM_SCOPES, expires_in or LONG_LIVED
            return self.issue(Holder.INSTAGRAM, account.id, app.id, wanted, lasts).value
        if isinstance(account, Number):
            wanted, holder = scopes or WHATSAPP_SCOPES, Holder.SYSTEM_USER
            return self.issue(holder, account.id, app.id, wanted, expires_in, None).value
        holder_id = account.page_id if isinstance(account, Instagram) else account.id
        wanted = scopes or PAGE_SCOPES
        return self.issue(Holder.PAGE, holder_id, app.id, wanted, expires_in).value

    def system_token(self, *scopes: str, expires_in: timedelta | None = None) -> str:
        """A system user's: for every account of the business."""
        everything = (*PAGE_SCOPES, *WHATSAPP_SCOPES)
        issued = self.issue(
            Holder.SYSTEM_USER, "", self.meta.id, scopes or everything, expires_in, None
        )
        return issued.value

    def app_of(self, account: Account) -> App:
        """Whose secret signs what is told of an account."""
        own_login = isinstance(account, Instagram) and not account.page_id
        return self.instagram_app if own_login else self.meta

    # ---------------------------------------------------------------- being told

    def connect(self, account: Account, callback_url: str, verify_token: str = "") -> None:
        """Every layer of the subscriptions at once, without a handshake."""
        app = self.app_of(account)
        kind = self.object_of(account)
        fields = tuple(sorted(FIELDS[kind]))
        self.hooks.subscribe_app(AppHook(app.id, kind, callback_url, verify_token, fields))
        chosen = () if isinstance(account, Number) else fields
        self.hooks.subscribe(self.hooked_id(account), app.id, chosen)

    def object_of(self, account: Account | Waba) -> str:
        """What webhooks call this kind of account."""
        if isinstance(account, (Number, Waba)):
            return OBJECT
        return "instagram" if isinstance(account, Instagram) else "page"

    def hooked_id(self, account: Account) -> str:
        """The id by which an account is subscribed to, and under which its entries come."""
        return account.waba.id if isinstance(account, Number) else account.id

    def deliver(
        self, *, bundle: bool = False, shuffle: int | None = None, twice: bool = False
    ) -> int:
        """Try every webhook that waits, once; how many calls were taken. See `Courier.deliver`."""
        return self.courier.deliver(bundle=bundle, shuffle=shuffle, twice=twice)

    # ---------------------------------------------------------------- the graph

    def node(self, node_id: str) -> Any:
        """Whatever has this id; None if nothing has."""
        with self.lock:
            found = self.nodes.get(node_id) or self.apps.get(node_id) or self.files.find(node_id)
            person = self.whose(node_id)
            if found is None and person is not None:
                return Profile(node_id, self.towards(node_id), person)
            return found

    def owner(self, node: Any) -> str:
        """The account something belongs to, "" for what is nobody's."""
        if isinstance(node, Post):
            return node.page_id
        if isinstance(node, (Comment, Media, Message, Profile, WhatsApp)):
            return node.account_id
        if isinstance(node, File):
            return node.owner
        return "" if isinstance(node, SystemUser) else str(node.id)

    def belongs(self, account_id: str) -> set[str]:
        """The accounts whose tokens are good for one."""
        return self._belongs.get(account_id, {account_id})
