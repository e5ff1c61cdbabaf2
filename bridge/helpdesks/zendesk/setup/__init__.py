"""Making a Zendesk ready: fields, views, macros, the webhook, as data; a plan before any change.

`Setup.plan` reads what is there and says what would be done; `Setup.apply` does it, one thing at a
time, remembering each; `Setup.undo` takes away what was made here and nothing else.
"""

from bridge.helpdesks.zendesk.setup.model import (
    Did,
    Kind,
    Memory,
    Plan,
    Remembered,
    Step,
    Verdict,
    Wishes,
)
from bridge.helpdesks.zendesk.setup.setup import Setup

__all__ = ["Did", "Kind", "Memory", "Plan", "Remembered", "Setup", "Step", "Verdict", "Wishes"]
