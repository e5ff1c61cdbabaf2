"""A set-up of the stand-in Zendesk, and ways to look at what it came to."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from cryptography.fernet import Fernet
from plugins_zendesk import ZendeskSandbox

from bridge.helpdesks.zendesk import Zendesk
from bridge.helpdesks.zendesk.setup import Did, Plan, Setup, Verdict, Wishes
from bridge.ledger import Ledger
from bridge.ledger.secrets import Safe
from bridge.setting_up import LedgerMemory
from bridge.settings import Secret

KEY = Secret(Fernet.generate_key().decode())
WISHES = Wishes(
    language="en",
    fields=(),
    networks=("mastodon", "x"),
    groups=(("Everything", "Social"),),
    public_url="https://bridge.example",
    webhook_secret=Secret(""),
    app_secret=Secret(""),
    can_seal=True,
)


@dataclass
class Stage:
    """One Zendesk, one ledger, and the set-up of the one remembered in the other."""

    sandbox: ZendeskSandbox
    ledger: Ledger
    desk: Zendesk
    wishes: Wishes = WISHES
    memory: LedgerMemory = field(init=False)

    def __post_init__(self) -> None:
        self.memory = LedgerMemory(self.ledger, self.desk.address, Safe((KEY,)))

    @property
    def setup(self) -> Setup:
        return self.desk.setup(self.wishes, self.memory)

    def wish(self, **other: Any) -> None:
        self.wishes = replace(self.wishes, **other)

    def apply(self) -> tuple[Did, ...]:
        return tuple(self.setup.apply(self.setup.plan()))

    def undo(self) -> tuple[Did, ...]:
        return tuple(self.setup.undo(self.setup.undoing()))

    def there(self) -> dict[str, list[str]]:
        """Everything in the helpdesk that a set-up may touch, by title."""
        desk = self.sandbox.desk
        rules = desk.rules
        return {
            "ticket_fields": sorted(one.title for one in desk.fields.values()),
            "user_fields": sorted(one.key for one in rules.user_fields.values()),
            "webhooks": sorted(one.name for one in desk.courier.all()),
            "views": sorted(one.title for one in rules.views.values()),
            "macros": sorted(one.title for one in rules.macros.values()),
        }

    def verdicts(self, plan: Plan | None = None) -> dict[str, Verdict]:
        return {
            f"{step.kind}:{step.name}": step.verdict for step in (plan or self.setup.plan()).steps
        }
