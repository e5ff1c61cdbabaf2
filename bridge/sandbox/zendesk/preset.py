"""The account that the stand-in begins with: groups, people, ticket fields, all with fixed ids."""

from __future__ import annotations

from bridge.sandbox.zendesk.records import Choice, Field, Group, User

ACCOUNT_ID = 22129848
BRAND_ID = 360002190012
FORM_ID = 360000417391

STATIC_TOKEN = "sandbox-token"  # noqa: S105 - opens a pretend helpdesk on loopback
CLIENT_ID = "helpdesk-bridge"
CLIENT_SECRET = "sandbox-client-secret"  # noqa: S105 - the same

GROUP_SUPPORT = 360014500001
GROUP_SOCIAL = 360014500002
GROUP_PRIVATE = 360014500003
GROUP_PRESS = 360014500004

BRIDGE_USER = 378520001001
INES = 378520001002
TOM = 378520001003

FIELD_NETWORK = 360041200001
FIELD_ACCOUNT = 360041200002
FIELD_AUTHOR = 360041200003
FIELD_PERMALINK = 360041200004
FIELD_LANGUAGE = 360041200005
FIELD_REPLY_AS = 360041200006
FIELD_DELIVERY = 360041200007

REPLY_PRIVATE = "bridge_reply_private"
REPLY_PUBLIC = "bridge_reply_public"
REPLY_AUTO = "bridge_reply_auto"

GROUPS = (
    Group(GROUP_SUPPORT, "Support", default=True),
    Group(GROUP_SOCIAL, "Social"),
    Group(GROUP_PRIVATE, "Private messages"),
    Group(GROUP_PRESS, "Press"),
)

FIELDS = (
    Field(FIELD_NETWORK, "text", "Network"),
    Field(FIELD_ACCOUNT, "text", "Account"),
    Field(FIELD_AUTHOR, "text", "Author"),
    Field(FIELD_PERMALINK, "text", "Permalink"),
    Field(FIELD_LANGUAGE, "text", "Language"),
    Field(
        FIELD_REPLY_AS,
        "tagger",
        "Reply as",
        choices=(
            Choice("As the customer wrote", REPLY_AUTO),
            Choice("Private message", REPLY_PRIVATE),
            Choice("Public reply", REPLY_PUBLIC),
        ),
    ),
    Field(FIELD_DELIVERY, "text", "Delivery"),
)

USERS = (
    User(BRIDGE_USER, "Helpdesk bridge", role="admin", email="bridge@acme.example"),
    User(INES, "Ines", role="agent", email="ines@acme.example"),
    User(TOM, "Tom", role="agent", email="tom@acme.example"),
)
