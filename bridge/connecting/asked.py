"""What is known of an account that is to be connected."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Asked:
    """`answers` are options by name, secrets among them. `named` are secrets that stand in the
    environment: the option, and its variable."""

    account: str
    network: str
    answers: dict[str, str] = field(default_factory=dict, repr=False)
    named: dict[str, str] = field(default_factory=dict)
