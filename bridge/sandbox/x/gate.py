"""What stands before every call: who asks, whether they may, how often they did, and the bill.

- Signing in: https://docs.x.com/fundamentals/authentication/overview
- Out of credit: https://docs.x.com/x-api/getting-started/pricing#credit-balance; the status and the
  title are those that others met (https://github.com/tryethernal/ethernal/issues/1324)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask import g, request

from bridge.sandbox.faults import Faults
from bridge.sandbox.x.limits import Standing, Turnstile
from bridge.sandbox.x.oauth1 import Signatures
from bridge.sandbox.x.people import PROBLEMS, Grant, Person, Refusal, Scheme
from bridge.sandbox.x.town import Town

APP = (Scheme.APP,)
PERSON = (Scheme.OAUTH1, Scheme.OAUTH2)
ANY = (Scheme.APP, *PERSON)
ODDITIES = ("missing_is_404", "no_oauth_revoke", "echo_before_answer")
MORE = (*ODDITIES, "rate_limited", "client_forbidden", "usage_capped")


def new_faults() -> Faults:
    """Everything that can go wrong here; an oddity stays with `add(name, times=None)`."""
    return Faults(more=MORE)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the app by itself (`person` None), or for a person."""

    scheme: Scheme
    person: Person | None = None

    @property
    def id(self) -> str:
        return self.person.id if self.person else ""


class Gate:
    """Asked at the start of each call; every "no" is a `Refusal`."""

    def __init__(self, town: Town, faults: Faults) -> None:
        self.town = town
        self.faults = faults
        self._signatures = Signatures(town)
        self._turnstile = Turnstile(town.clock)

    def odd(self, name: str) -> bool:
        """Whether a fault or oddity of this name holds for the present request."""
        return self.faults.take(name, method=request.method, path=request.path) is not None

    def caller(self, schemes: tuple[Scheme, ...] = ANY, *scopes: str) -> Caller:
        """Who asks. `scopes` are needed of OAuth 2.0 only; an OAuth 1.0a token may do all that
        the app may."""
        caller, grant = self._identify()
        if caller.scheme not in schemes:
            names = ", ".join(schemes)
            raise Refusal(
                403,
                f"Authenticating with {caller.scheme} is forbidden for this endpoint.  "
                f"Supported authentication types are [{names}].",
                title="Unsupported Authentication",
                kind=PROBLEMS + "unsupported-authentication",
            )
        if grant and grant.scheme is Scheme.OAUTH2 and not set(scopes) <= set(grant.scopes):
            raise Refusal(403, "Forbidden")
        if caller.person is not None and caller.person.suspended:
            raise Refusal(403, "Your account is suspended and is not permitted to access this.")
        self._check_account()
        g.standing = self._standing(caller)
        if g.standing.over:
            raise Refusal(429, "Too Many Requests")
        return caller

    def member(self, *scopes: str) -> Person:
        """The person somebody acts for."""
        person = self.caller(PERSON, *scopes).person
        assert person is not None  # both schemes name one
        return person

    def _identify(self) -> tuple[Caller, Grant | None]:
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() == "bearer" and token.strip() == self.town.app.bearer:
            return Caller(Scheme.APP), None
        grant: Grant | None = None
        if kind.lower() == "bearer":
            grant = self.town.grant(token.strip())
            grant = grant if grant and grant.scheme is Scheme.OAUTH2 else None
        elif kind.lower() == "oauth":
            grant = self._signatures.signer(request)
        person = self.town.by_id(grant.person_id) if grant else None
        if grant is None or person is None:
            raise Refusal(401, "Unauthorized")
        return Caller(grant.scheme, person), grant

    def _check_account(self) -> None:
        if self.odd("client_forbidden"):
            raise Refusal(
                403,
                "When authenticating requests to the Twitter API v2 endpoints, you must use keys "
                "and tokens from a Twitter developer App that is attached to a Project.",
                title="Client Forbidden",
                kind=PROBLEMS + "client-forbidden",
                more={"reason": "client-not-enrolled", "client_id": self.town.app.id},
            )
        if self.odd("usage_capped"):
            raise Refusal(
                429,
                "Usage cap exceeded: Monthly product cap",
                title="UsageCapExceeded",
                kind=PROBLEMS + "usage-capped",
                more={"period": "Monthly", "scope": "Product"},
            )
        if self.town.costs.used_up():
            raise Refusal(
                402,
                "Your enrolled account does not have any credits to fulfill this request.",
                title="CreditsDepleted",
                kind=PROBLEMS + "credits",
            )

    def _standing(self, caller: Caller) -> Standing:
        forced = self.faults.take("rate_limited", method=request.method, path=request.path)
        if forced:
            reset = self.town.clock() + timedelta(seconds=forced.seconds)
            return Standing(15, 0, reset, over=True)
        return self._turnstile.count(request.method, request.path, caller.id)
