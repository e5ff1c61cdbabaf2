"""Failures are three kinds; which one it is decides what happens next.

BridgeError
├── Again              by itself, later: nothing was changed on the far side
│   ├── RateLimited    the far side named (or implied) a wait
│   └── Unreachable    it could not be asked at all
├── PersonMustAct      trying again changes nothing until somebody does something
│   ├── Refused        the far side said no, finally
│   ├── NeedsSignIn    the credentials are dead
│   ├── TooLong        over the network's limit
│   ├── Expired        the window for this answer has closed
│   ├── Gone           what was to be answered, or written to, is no longer there
│   └── Misconfigured  a setting or a mapping is wrong
├── NobodyKnows        a write was sent and no answer came: it may or may not have happened
├── NotGenuine         an incoming request is not from whom it says; answered 401
└── LeaseLost          another worker has this lane now: stop, write nothing
"""

from __future__ import annotations

from bridge.model import Outcome


class BridgeError(Exception):
    """Root of every failure this project names. `because` is one plain sentence, no secrets."""

    def __init__(self, because: str) -> None:
        super().__init__(because)
        self.because = because


class Again(BridgeError):
    """Nothing was changed; the same step may simply be repeated after `wait` seconds.

    `wait` is None where the far side named no time: the engine's own back-off decides.
    """

    def __init__(self, because: str, wait: float | None = None) -> None:
        super().__init__(because)
        self.wait = wait


class RateLimited(Again):
    """429 and its kin."""


class Unreachable(Again):
    """No connection, or an answer that proves the request was not carried out (503, 409)."""


class PersonMustAct(BridgeError):
    """Final until a person changes something. `code` names the sentence for the agent."""

    outcome = Outcome.REFUSED
    code = "refused"


class Refused(PersonMustAct):
    """The far side said no; `because` carries its own words where it gave any."""


class NeedsSignIn(PersonMustAct):
    """401 or 403 for the credentials themselves."""

    outcome = Outcome.NEEDS_SIGN_IN
    code = "needs_sign_in"


class TooLong(PersonMustAct):
    """Over the network's length limit, before or after asking."""

    code = "too_long"


class Expired(PersonMustAct):
    """The network's reply window has closed."""

    outcome = Outcome.EXPIRED
    code = "expired"


class Gone(PersonMustAct):
    """The post, the person or the ticket is no longer there."""

    code = "gone"


class Closed(PersonMustAct):
    """The ticket is closed for good; the conversation continues in a follow-up."""

    code = "closed"


class Misconfigured(PersonMustAct):
    """Settings or mapping are wrong in a way only an admin can mend."""

    code = "misconfigured"


class NobodyKnows(BridgeError):
    """Sent, unanswered: look it up before anything is sent again."""


class NotGenuine(BridgeError):
    """Unsigned, badly signed, too old or too new; `because` names which, never the secret."""


class LeaseLost(BridgeError):
    """The lane's epoch moved on while this worker was away."""
