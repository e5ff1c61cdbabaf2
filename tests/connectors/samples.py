"""Records that tests of connectors write, and a look-up over them: Ada, and what she said."""

from __future__ import annotations

from datetime import UTC, datetime

from bridge.records import (
    ConversationRecord,
    CustomerRecord,
    IdentityRecord,
    InteractionRecord,
    Record,
)

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
LINK = "https://bridge.example/api/v1/records/{id}"

ADA = CustomerRecord("customer_1", name="Ada", identity_ids=("identity_1",))
ADA_THERE = IdentityRecord(
    "identity_1",
    customer_id="customer_1",
    platform="mastodon",
    platform_user_id="109",
    handle="ada@example.social",
    name="Ada",
    external_url="https://example.social/@ada",
)
TALK = ConversationRecord(
    "conversation_1",
    account="acme",
    platform="mastodon",
    identity_id="identity_1",
    ticket_system="zendesk",
    ticket_id="35",
    opened_at=NOON,
    last_word_at=NOON,
)
HELLO = InteractionRecord(
    "post_1",
    type="post",
    kind="mention",
    account="acme",
    platform="mastodon",
    platform_message_id="p1",
    platform_user_id="109",
    thread_id="p1",
    external_url="https://example.social/@ada/1",
    direction="in",
    visibility="public",
    text="It rattles.",
    language="en",
    identity_id="identity_1",
    conversation_id="conversation_1",
    ticket_system="zendesk",
    ticket_id="35",
    author="Ada",
    created_at=NOON,
)


class Known:
    """A `Lookup` over records in memory."""

    def __init__(self, *records: Record, remote: dict[str, str] | None = None) -> None:
        self.records = {each.id: each for each in records}
        self.remote = remote or {}

    def record(self, record_id: str) -> Record | None:
        return self.records.get(record_id)

    def remote_id(self, record_id: str) -> str:
        return self.remote.get(record_id, "")
