"""What a bridge on trial is told: its mapping and its environment. From one trial to the next they
differ in little."""

from __future__ import annotations

import base64
import secrets
from pathlib import Path

from cryptography.fernet import Fernet

from bridge.sandbox.zendesk import preset

NOWHERE = "http://127.0.0.1:9"
"""A website to which nobody answers."""
HELPDESK = f"""\
helpdesk:
  fields:
    network: {preset.FIELD_NETWORK}
    account: {preset.FIELD_ACCOUNT}
    author: {preset.FIELD_AUTHOR}
    permalink: {preset.FIELD_PERMALINK}
    reply_as: {preset.FIELD_REPLY_AS}
    delivery: {preset.FIELD_DELIVERY}
"""
PRIVATE_APART = """\
rules:
  - name: private messages
    when: {visibility: private}
    route: {group: Private messages}
  - name: everything else
    route: {group: Social}
"""


def site(name: str, website: str = NOWHERE) -> str:
    """An account that pushes; answers go to `website`."""
    return f"""\
  {name}:
    network: site
    options:
      secret: env:SITE_SECRET
      reply_url: {website}/replies
      reply_secret: env:SITE_REPLY_SECRET
"""


def mapping(*accounts: str, rules: str = PRIVATE_APART) -> str:
    """The whole of it, as YAML."""
    return f"accounts:\n{''.join(accounts)}{HELPDESK}{rules}"


def environment(
    rules: Path, *, database: str, public_url: str, helpdesk: str, webhook_secret: str
) -> dict[str, str]:
    """Of every process. `rules` is the mapping's file; secrets are new each time."""
    return {
        "BRIDGE_DATABASE_URL": database,
        "BRIDGE_MAPPINGS": str(rules),
        "BRIDGE_PUBLIC_URL": public_url,
        "BRIDGE_SECRET_KEY": Fernet.generate_key().decode(),
        "ZENDESK_URL": helpdesk,
        "ZENDESK_CLIENT_ID": preset.CLIENT_ID,
        "ZENDESK_CLIENT_SECRET": preset.CLIENT_SECRET,
        "ZENDESK_WEBHOOK_SECRET": webhook_secret,
        "SITE_SECRET": new_secret(),
        "SITE_REPLY_SECRET": new_secret(),
    }


def new_secret() -> str:
    """One that signs webhooks."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()
