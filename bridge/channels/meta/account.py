"""What every account on one of Meta's products does the same way."""

from __future__ import annotations

from collections.abc import Mapping as Headers
from datetime import datetime, timedelta
from typing import Any, ClassVar

from bridge.channels.contract import Raw, Shaken, Surroundings
from bridge.channels.meta import envelope, examine, media, signing, subscriptions, tokens
from bridge.channels.meta.calls import Answer, Calls, part
from bridge.channels.meta.envelope import Item
from bridge.channels.meta.subscriptions import Subscription
from bridge.channels.meta.tokens import SignIn, TokenFacts
from bridge.errors import NeedsSignIn
from bridge.model import MINUTE, File, Finding, Media
from bridge.settings import Secret


class MetaAccount:
    """One account. `owners` are the ids under which Meta tells what happens to it, `node` the one
    it is asked about by."""

    network: ClassVar[str]
    scopes: ClassVar[tuple[str, ...]] = ()
    """The permissions that its token needs."""

    hook_every: timedelta = 30 * MINUTE

    def __init__(
        self,
        account: str,
        options: dict[str, Any],
        surroundings: Surroundings,
        *,
        node: str,
        owners: frozenset[str],
        wanted: Subscription,
    ) -> None:
        self.account = account
        self.hook = f"meta:{options['app_id']}"
        self._node = node
        self._owners = owners
        self._wanted = wanted
        self._surroundings = surroundings
        self._app_id: str = options["app_id"]
        self._app_secret: Secret = options["app_secret"]
        self._verify_token: Secret = options["verify_token"]
        self._human_agent: bool = options["human_agent"]
        self._url: str = options["url"]
        self._sign_in = SignIn(account, options["access_token"], surroundings)
        self._calls = Calls(
            f"{options['url']}/{options['version']}",
            self._sign_in.token,
            surroundings,
            app_secret=self._app_secret,
        )
        self._app_calls = tokens.app_calls(self._calls, self._app_id, self._app_secret)

    # -------------------------------------------------------------- being called

    def genuine(self, headers: Headers[str, str], body: bytes) -> str:
        return signing.genuine(headers, body, self._app_secret)

    def complaint(self, body: bytes) -> str:
        """Meta mends nothing that it sent."""
        return ""

    def shake(self, query: Headers[str, str]) -> Shaken:
        return signing.shake(query, self._verify_token)

    def asks(self) -> Headers[str, str]:
        return signing.asks(self._verify_token)

    def signed(self, body: bytes) -> Headers[str, str]:
        return signing.signed(body, self._app_secret)

    def apart(self, body: bytes) -> tuple[Raw, ...]:
        return envelope.apart(body, self._owners, self._takes)

    def _takes(self, item: Item) -> bool:
        """Another account of the same Page may be there for the rest."""
        return True

    def keep_hook(self) -> str:
        """Raises `NeedsSignIn` for a token that has died meanwhile, else as a read does."""
        self._ask_token()
        return subscriptions.keep(self._calls, self._app_calls, self._wanted)

    def mend(self) -> str:
        """Subscribe the account to the app, and the app to what the account needs."""
        changed = []
        if subscriptions.missing_in_account(self._calls, self._wanted):
            subscriptions.subscribe(self._calls, self._wanted)
            changed.append("the account is now subscribed to the app")
        changed.append(self._mend_app())
        return "; ".join(filter(None, changed))

    def _mend_app(self) -> str:
        """Where our address is not known, nothing can be entered."""
        public = self._wanted.public_url.rstrip("/")
        if not public:
            return ""
        address = f"{public}/hooks/{self.network}/{self.account}"
        return subscriptions.enter(self._app_calls, self._wanted, address, self._verify_token)

    # -------------------------------------------------------------- how it stands

    def expires_at(self) -> datetime | None:
        return self._sign_in.expires_at()

    def examine(self) -> tuple[Finding, ...]:
        """Never raises what Meta did: it becomes a finding."""
        return tuple(
            examine.findings(
                self._calls,
                self._app_calls,
                wanted=self._wanted,
                token=self._token_facts,
                scopes=self.scopes,
                account=self._about_itself,
            )
        )

    def fetch(self, media_: Media, most: int) -> File:
        return media.fetch(media_, most, self._surroundings, self._url)

    def _about_itself(self) -> Answer:
        return self._calls.read(f"/{part(self._node)}", "id,name", "id")

    def _token_facts(self) -> TokenFacts:
        told = tokens.facts(self._app_calls, self._sign_in.token())
        self._sign_in.learn(told.expires_at)
        return told

    def _ask_token(self) -> None:
        told = self._token_facts()
        if not told.valid:
            raise NeedsSignIn(told.words or "Meta says that the access token is not valid")
