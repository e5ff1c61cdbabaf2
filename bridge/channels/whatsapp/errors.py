"""What WhatsApp's own refusals mean, besides those of the whole Graph API.

https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes
"""

from __future__ import annotations

from bridge.channels.meta.errors import MEANINGS, Meaning, Meanings
from bridge.errors import Expired, Misconfigured, NeedsSignIn, RateLimited, Refused

ANY = -1
"""With any subcode, or none."""

_THROTTLED = Meaning(RateLimited)
_UNREACHABLE = Meaning(Refused, "no_private_way")
_NO = Meaning(Refused)
_FILE = Meaning(Refused, "attachment_refused")
_SETTINGS = Meaning(Misconfigured)
_TEMPLATE = Meaning(Refused, "template_refused")

WHATSAPP: Meanings = {
    **MEANINGS,
    (131047, ANY): Meaning(Expired, "expired"),
    (131026, ANY): _UNREACHABLE,
    (131030, ANY): _UNREACHABLE,
    (131050, ANY): _UNREACHABLE,
    (131062, ANY): _UNREACHABLE,
    (130472, ANY): _UNREACHABLE,
    (131049, ANY): _UNREACHABLE,
    (80007, ANY): _THROTTLED,
    (130429, ANY): _THROTTLED,
    (131048, ANY): _THROTTLED,
    (131056, ANY): _THROTTLED,
    (131005, ANY): Meaning(NeedsSignIn, "needs_permission"),
    (131031, ANY): Meaning(NeedsSignIn),
    (131008, ANY): _NO,
    (131009, ANY): _NO,
    (131021, ANY): _NO,
    (131051, ANY): _NO,
    (131052, ANY): _FILE,
    (131053, ANY): _FILE,
    (131037, ANY): _SETTINGS,
    (131042, ANY): _SETTINGS,
    (131045, ANY): _SETTINGS,
    (133010, ANY): _SETTINGS,
    **{(code, ANY): _TEMPLATE for code in (132000, 132001, 132005, 132007, 132012, 132015, 132016)},
    (368, ANY): Meaning(Refused, "blocked_by_policy"),
    (139100, ANY): _NO,
    (139101, ANY): _NO,
    (139102, ANY): _THROTTLED,
}


def tells(code: int) -> str:
    """The sentence for a message that failed later, "" for the common one."""
    meaning = WHATSAPP.get((code, ANY))
    return meaning.tells if meaning and meaning.tells != "needs_permission" else ""
