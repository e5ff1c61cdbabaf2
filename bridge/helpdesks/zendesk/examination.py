"""What `bridge doctor` looks at: sign-in, rights, clock, fields, groups, webhook."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from bridge.errors import BridgeError
from bridge.helpdesks.zendesk import answers
from bridge.helpdesks.zendesk.answers import FoundField, FoundUser
from bridge.helpdesks.zendesk.client import Lines, exhaust
from bridge.helpdesks.zendesk.compose import REPLY_AS
from bridge.helpdesks.zendesk.events import EVENT_PREFIX, PUBLISHED_TEST_KEY
from bridge.helpdesks.zendesk.names import Directory
from bridge.helpdesks.zendesk.reading import STAFF, START_BEFORE
from bridge.model import Clock, Finding, Urgency
from bridge.settings import Secret

EVENTS_PATH = "/helpdesk/zendesk/events"
EVENT = f"{EVENT_PREFIX}ticket.comment_added"
CLOCK_OFF = timedelta(seconds=60)
WORDY = ("text", "textarea", "regexp", "tagger")
TYPES = {"reply_as": ("tagger",)}
"""Which types of ticket field can hold a word of ours; `WORDY` for every other word."""


def examine(
    lines: Lines,
    directory: Directory,
    clock: Clock,
    fields: dict[str, int],
    webhook_secret: Secret,
    public_url: str,
) -> tuple[Finding, ...]:
    """Every finding; one that fails does not hide the others, but without sign-in none is made."""
    signed_in = tuple(_checked("sign-in", lambda: _sign_in(lines)))
    if any(finding.urgency is Urgency.PROBLEM for finding in signed_in):
        return signed_in
    return (
        *signed_in,
        *_checked("clock", lambda: _clock(lines)),
        *_checked("export", lambda: _export(lines, clock())),
        *_checked("groups", lambda: _groups(directory)),
        *_checked("fields", lambda: _fields(lines, fields)),
        *_checked("webhook secret", lambda: _secret(webhook_secret, public_url)),
        *_checked("webhook", lambda: _webhook(lines, public_url)),
    )


def _checked(about: str, look: Callable[[], Iterable[Finding]]) -> tuple[Finding, ...]:
    try:
        return tuple(look())
    except BridgeError as error:
        return (_problem(about, error.because, "see docs/zendesk.md"),)


def _sign_in(lines: Lines) -> Iterable[Finding]:
    (me,) = lines.ask(lambda zenpy: zenpy.users.me(), answers.user)
    if not me.id:
        # Zendesk answers an unknown caller with an anonymous user and 200.
        yield _problem("sign-in", "Zendesk does not know who we are", "check the credentials")
    elif me.role not in STAFF:
        yield _problem("sign-in", f"{_who(me)} is no agent", "use an admin's OAuth client")
    elif me.role != "admin":
        yield _problem(
            "sign-in",
            f"{_who(me)}; only an admin may read the export that finds lost events",
            "make the bridge's user an admin",
        )
    else:
        yield _fine("sign-in", f"signed in as {_who(me)}")


def _clock(lines: Lines) -> Iterable[Finding]:
    ours, header = lines.clocks(lambda zenpy: zenpy.users.me())
    try:
        off = abs(ours - parsedate_to_datetime(header))
    except (TypeError, ValueError):
        yield Finding("clock", Urgency.ADVICE, "Zendesk did not tell its time")
        return
    if off > CLOCK_OFF:
        says = f"our clock and Zendesk's are {int(off.total_seconds())} seconds apart"
        yield _problem("clock", says, "keep this machine's time by NTP")
    else:
        yield _fine("clock", "our clock and Zendesk's agree")


def _export(lines: Lines, now: datetime) -> Iterable[Finding]:
    start = int((now - START_BEFORE).timestamp())
    lines.ask(lambda zenpy: zenpy.tickets.incremental(start_time=start), answers.export)
    yield _fine("export", "the incremental export can be read")


def _groups(directory: Directory) -> Iterable[Finding]:
    yield _fine("groups", f"{len(directory.groups())} groups can be read")


def _fields(lines: Lines, fields: dict[str, int]) -> Iterable[Finding]:
    pages = lines.ask(lambda zenpy: exhaust(zenpy.ticket_fields()), answers.ticket_fields)
    there = {field.id: field for page in pages for field in page}
    for word, number in fields.items():
        wrong = _wrong_with(word, there.get(str(number)))
        if wrong:
            yield _problem(f"field {word}", wrong, "make it as docs/zendesk.md says")
        else:
            yield _fine(f"field {word}", f"field {number} is there")
    if "reply_as" not in fields:
        yield Finding(
            "field reply_as",
            Urgency.ADVICE,
            "no field lets agents choose between a private and a public answer",
            "make it as docs/zendesk.md says; until then agents write #dm or #public",
        )


def _wrong_with(word: str, field: FoundField | None) -> str:
    if field is None:
        return "the field does not exist"
    if not field.active:
        return "the field is switched off"
    fitting = TYPES.get(word, WORDY)
    if field.type not in fitting:
        return f"the field is of type {field.type}, not {' or '.join(fitting)}"
    missing = set(REPLY_AS.values()) - set(field.options) if word == "reply_as" else set()
    return f"the field lacks the options {', '.join(sorted(missing))}" if missing else ""


def _secret(secret: Secret, public_url: str) -> Iterable[Finding]:
    if not secret and not public_url:
        yield Finding(
            "webhook secret",
            Urgency.ADVICE,
            "ZENDESK_WEBHOOK_SECRET is not set, and not needed while there is no webhook",
        )
    elif not secret:
        yield _problem(
            "webhook secret",
            "ZENDESK_WEBHOOK_SECRET is not set: no event is believed, replies wait for the export",
            "copy the webhook's signing secret from Zendesk",
        )
    elif secret.reveal() == PUBLISHED_TEST_KEY:
        yield _problem(
            "webhook secret",
            "ZENDESK_WEBHOOK_SECRET is Zendesk's public test secret, known to all",
            "save the webhook in Zendesk and copy its own signing secret",
        )
    else:
        yield _fine("webhook secret", "a signing secret is set")


def _webhook(lines: Lines, public_url: str) -> Iterable[Finding]:
    if not public_url:
        says = (
            "not looked for: BRIDGE_PUBLIC_URL is not set; answers are found through the export, "
            "asked every BRIDGE_RECONCILE_SECONDS"
        )
        do = "to have them at once, set it and run `bridge setup zendesk`"
        yield Finding("webhook", Urgency.ADVICE, says, do)
        return
    pages = lines.ask(lambda zenpy: exhaust(zenpy.webhooks.list()), answers.webhooks)
    endpoint = public_url.rstrip("/") + EVENTS_PATH
    ours = [hook for page in pages for hook in page if hook.endpoint.rstrip("/") == endpoint]
    telling = [hook for hook in ours if EVENT in hook.subscriptions]
    if not ours:
        yield _problem("webhook", f"none leads to {endpoint}", "make it as docs/zendesk.md says")
    elif not telling:
        yield _problem(
            "webhook",
            f"the webhook to {endpoint} is not subscribed to {EVENT}",
            "make a new one: a webhook's kind cannot be changed",
        )
    elif not any(hook.status == "active" for hook in telling):
        yield _problem("webhook", f"the webhook to {endpoint} is switched off", "activate it")
    else:
        yield _fine("webhook", f"an active webhook leads to {endpoint}")


def _who(user: FoundUser) -> str:
    return f"{user.name} (role {user.role})"


def _fine(about: str, says: str) -> Finding:
    return Finding(about, Urgency.OK, says)


def _problem(about: str, says: str, do: str) -> Finding:
    return Finding(about, Urgency.PROBLEM, says, do)
