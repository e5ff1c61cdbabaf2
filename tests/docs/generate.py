"""The tables in the docs that are made from the code: `python tests/docs/generate.py` writes them.

A table stands between two comments, `<!-- generated: <name> -->` and `<!-- end -->`; what is
between them is replaced. A test fails while a page says something else than the code.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from sqlalchemy import Table, UniqueConstraint

from bridge.channels import registry
from bridge.channels.contract import (
    Bundles,
    CanDM,
    Channel,
    Examined,
    Expires,
    FetchesMedia,
    FindsOwn,
    Handshakes,
    KeepsHook,
    Limits,
    Mends,
    Moderates,
    Names,
    Once,
    Pushes,
    Reads,
    ReadsBack,
    Reopens,
    Rereads,
    ShowsPosts,
    Told,
    Unit,
)
from bridge.ledger.tables import metadata
from bridge.model import Act, Kind, Person, Post, Visibility
from bridge.text.words import CODES, network_name, note

TESTS = Path(__file__).resolve().parents[1]
ROOT = TESTS.parent
DOCS = ROOT / "docs"

# ------------------------------------------------------------------ what agents read

NOTES: dict[str, tuple[str, ...]] = {
    "notes-failed": (
        "refused",
        "too_long",
        "expired",
        "expired_template",
        "no_template",
        "template_refused",
        "gone",
        "empty",
        "only_in_notes",
        "answers_erased",
        "answers_merged",
        "placeholder_unknown",
        "placeholder_empty",
        "nothing_to_answer",
        "no_private_way",
        "no_way",
        "no_public_way",
        "not_summoned",
        "live_video",
        "said_before",
        "private_once",
        "private_one_message",
        "attachment_refused",
        "dm_failed_no_notice",
        "needs_sign_in",
        "needs_permission",
        "blocked_by_policy",
        "out_of_credit",
        "other_tool_answers",
        "misconfigured",
        "unknown",
        "failed_later",
        "will_retry",
        "paused",
        "gave_up",
        "retry_waits",
        "retry_needs_sign_in",
        "retry_paused",
    ),
    "notes-sent": (
        "delivered_after_retry",
        "went_privately",
        "notice_refused",
        "notice_unknown",
        "nothing_to_retry",
        "retry_overtaken",
        "many_went_out",
        "many_may_be_out",
    ),
    "notes-held": (
        "held",
        "withdrawn",
        "dropped",
        "dropped_unknown",
        "taken_back",
        "taken_back_unknown",
        "hold_needs_second",
        "hold_same_person",
        "many_none",
        "many_count",
        "many_same_person",
        "many_not_private",
        "many_no_files",
        "many_taken_back",
        "many_taken_back_late",
        "take_out_none",
        "take_out_gone",
        "take_out_not_now",
        "hold_decided",
        "hold_none",
        "retry_held",
    ),
    "notes-by-itself": (
        "said_away",
        "said_acknowledge",
        "nudge_target",
        "nudge_window",
        "rated",
    ),
    "notes-acts": (
        "act_done_like",
        "act_done_unlike",
        "act_done_hide",
        "act_done_unhide",
        "act_done_delete",
        "act_done_block",
        "act_done_unblock",
        "act_needs_reason",
        "act_needs_second",
        "act_same_person",
        "act_nothing_to_approve",
        "act_not_possible",
        "act_none_possible",
        "act_not_here",
        "act_gone",
        "act_refused",
        "act_needs_permission",
        "act_waits",
        "act_paused",
        "act_gave_up",
        "act_unknown",
    ),
    "notes-same": (
        "same_joined",
        "same_parted",
        "same_already",
        "same_through",
        "same_none",
        "same_nobody",
        "same_several",
        "same_self",
    ),
    "notes-ready": (
        "rejected",
        "pending_moderation",
        "closed",
        "other",
    ),
}
"""`notes-ready` are sentences that nothing writes on a ticket yet."""

PARTS = frozenset(
    {
        "subject",
        "edited",
        "edited_before",
        "removed",
        "redacted",
        "no_text",
        "seen_public",
        "seen_private",
        "earlier",
        "answered_elsewhere",
        "help",
        "encrypted",
        "encrypted_sent",
        *(
            code
            for code in CODES
            if code.startswith(
                ("beside_", "held_", "kind_", "label_", "named_", "remark_", "unanswerable_")
            )
        ),
    }
)
"""Not notes about a reply: what comments and subjects are put together from, and the help."""


def notes(codes: Iterable[str], head: str = "tag", prefix: str = "bridge_") -> str:
    """Code → what the ticket says → what to do: the sentence's own last part."""
    rows = [(head, "what the ticket says", "what to do")]
    for code in codes:
        *says, do = re.split(r"(?<=[.:]) (?=[A-Z])", note(code, network="mastodon"))
        rows.append((f"`{prefix}{code}`", " ".join(says), do))
    return table(rows)


# ------------------------------------------------------------------ the ledger

TABLES = {
    "accounts": "how each account and the helpdesk stand, and how far they have been read",
    "troubles": "what is wrong with an account, by subject; its state is that of the worst",
    "account_changes": "every change of an account's state, with its reason",
    "refusals": "how many deliveries in a row were refused as not genuine",
    "ops_tickets": "the ticket that tells an ops group of an account's trouble",
    "deliveries": "what arrived, byte for byte, and what became of it",
    "people": "who writes on the networks, and who they are at the helpdesk",
    "conversations": "the posts and replies that share one ticket",
    "conversation_keys": "which thread, author or person leads to which conversation",
    "tickets": "every ticket a conversation has had: follow-ups and merges lead back to it",
    "posts": "what was said, the rule that took it, and the comment that tells it",
    "revisions": "each version of a post, and the delivery that brought it",
    "lanes": "what is due when, who works on it, and in which epoch",
    "steps": "what must still happen in a lane, in order",
    "replies": "each comment of an agent that was taken up, who may read it and why",
    "broadcasts": "answers of agents to many at once: how many they are, and who confirmed it",
    "broadcast_posts": "whom such an answer goes to, and what became of each",
    "acts": "what agents asked to be done to posts: why, who agreed, and what came of it",
    "intents": "each change about to be made outside, with its frozen body",
    "receipts": "the far side's proof that it was made",
    "reports": "what networks told later of messages of ours",
    "deadlines": "by when somebody who waits is to be answered, and what the ticket shows of it",
    "ratings": "which solved tickets were asked about, and the number that was answered",
    "costs": "what accounts cost, by day and by what for",
    "outcomes": "everything that was learnt about an intent or a reply, in order",
    "storms": "what many said at once: since when, and the incident that it stands on",
    "storm_keys": "by what posts find the open storm that they are alike to",
    "storm_posts": "who was folded into which storm, how alike, and who had a ticket before",
    "lately_said": "what was said within the span of a storm, as numbers, not as words",
    "lately_keys": "by what it is found by what is alike",
    "holds": "which public replies were held back, what was found (masked), and who decided",
    "automatics": "what the bridge said by itself, so that it says it once",
    "customer_links": "which customer somebody is, where it is not themselves alone",
    "merges": "by what proof two identities are one customer's, and who undid it and why",
    "profile_facts": "what is known of somebody, where that was learnt, and when",
    "touched": "which records were just changed: put down by triggers, not numbered yet",
    "changes": "each record's latest change, in the order in which it could be seen",
    "feed": "how far the changes are numbered, and from where on deletions are still told",
    "api_tokens": "who may read the customer history, and what of it, by a hash",
    "endpoints": "who is told of changes by webhook, of which, and whether they still answer",
    "sendings": "each webhook that was sent or waits, and what became of it; no contents",
    "targets": "which CRMs are written to, and how far each has been",
    "target_rows": "what became of each record in each CRM",
    "mapping_revisions": "each published mapping, whole and numbered, with its author and why",
    "mapping_drafts": "what an admin is writing in the console, and upon which revision",
    "audit": "what was done to what, and because of what",
    "admins": "who may sign in to the console, and how",
    "admin_sessions": "who is signed in there, by the hash of a token",
    "invitations": "links that make an admin or a new password, by their hash, and who made them",
    "attempts": "how often somebody tried to get in, by the hash of a name or an address",
    "admin_deeds": "what admins did and tried in the console",
    "erasures": "who was erased and when, as hashes, and the certificate",
    "tombstones": "what an erasure removed, by number and hash, so that it stays away",
    "secrets": "tokens, sealed with `BRIDGE_SECRET_KEY`",
    "fixtures": "what `bridge setup` made at the helpdesk or found there, as it was then",
}


def ledger() -> str:
    known = {each.name: each for each in metadata.sorted_tables}
    rows = [(f"`{name}`", says, _keys(known[name])) for name, says in TABLES.items()]
    return table([("table", "what it remembers", "unique by"), *rows])


def _keys(each: Table) -> str:
    unique = [
        [column.name for column in constraint.columns]
        for constraint in each.constraints
        if isinstance(constraint, UniqueConstraint)
    ]
    primary = [column.name for column in each.primary_key.columns]
    named = sorted(unique) or ([] if primary == ["id"] else [primary])
    return "; ".join(" + ".join(f"`{name}`" for name in key) for key in named) or "–"


# ------------------------------------------------------------------ the channels

ABILITIES: dict[type, str] = {
    Reads: "is polled",
    ReadsBack: "can be read back from before it was connected",
    Pushes: "is called by the network",
    Handshakes: "answers when the network asks whether the address is ours",
    Bundles: "takes one delivery for several accounts",
    KeepsHook: "sees whether the network still calls us, and revives that",
    Rereads: "looks again for edits and deletions",
    FindsOwn: "finds a lost message again",
    ShowsPosts: "sees whether a post is still there",
    CanDM: "knows beforehand who takes private messages",
    Reopens: "has a way to write once the reply window has closed",
    Moderates: "can do something about a post besides answering it",
    Names: "asks for the names of those who write",
    FetchesMedia: "copies pictures and files",
    Examined: "is examined by `bridge doctor`",
    Mends: "can be put right by `bridge doctor --fix`",
    Expires: "knows when its sign-in ends",
}
UNITS = {
    Unit.CHARACTERS: "characters",
    Unit.GRAPHEMES: "graphemes",
    Unit.UTF8_BYTES: "bytes",
    Unit.WEIGHTED: "weighted characters",
}
ONCE = {
    Once.DETERMINISTIC_ID: "an id that we choose",
    Once.SERVER_KEY: "a key that the server knows again",
    Once.UPSERT: "writing again replaces",
    Once.MARK_IN_ECHO: "our mark comes back",
    Once.SECOND_REFUSED: "a second one is refused",
    Once.RECEIVER_DEDUPES: "the receiver remembers our id",
    Once.NOTHING: "nothing",
}
TOLD = {Told.PUSHED: "told at once", Told.POLLED: "found by looking again", Told.NEVER: "not seen"}


def with_channels(show: Callable[[dict[str, Channel]], str]) -> Callable[[], str]:
    """`show` with each installed channel, built on its stand-in: limits are the server's own."""

    def shown() -> str:
        sys.path[:0] = [str(TESTS / "channels")]
        try:
            return _within({}, sorted(registry.installed()), show)
        finally:
            sys.path.remove(str(TESTS / "channels"))

    return shown


def _within(
    opened: dict[str, Channel], names: list[str], show: Callable[[dict[str, Channel]], str]
) -> str:
    if not names:
        return show(opened)
    with _stand(names[0]).open_stand() as stand:
        return _within({**opened, names[0]: stand.channel}, names[1:], show)


def _stand(network: str) -> Any:
    name = f"docs_stand_of_{network}"
    if name not in sys.modules:
        spec = spec_from_file_location(name, TESTS / "channels" / network / "stand.py")
        assert spec
        assert spec.loader
        module = module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


def channels_ways(channels: dict[str, Channel]) -> str:
    rows = [("network", "arrives", "answers", "edits", "deletions", "notice after a handover")]
    for name, channel in channels.items():
        limits = channel.limits()
        answers = ["public"] * limits.replies_publicly + ["private"] * limits.replies_privately
        notice = "the network's own" if limits.shows_own_notice else "ours"
        notice = notice if limits.replies_publicly else "nothing is public"
        rows.append(
            (
                f"[{network_name(name)}](networks/{name}.md)",
                _arrives(channel),
                " and ".join(answers) or "none",
                TOLD[limits.edits],
                TOLD[limits.deletes],
                notice,
            )
        )
    return table(rows)


def _arrives(channel: Channel) -> str:
    ways = []
    if isinstance(channel, Pushes):
        ways.append(f"pushed to `/hooks/{channel.network}/<account>`")
    if isinstance(channel, Reads):
        ways.append(f"asked for every {_span(channel.every)}")
    return ", ".join(ways)


def channels_limits(channels: dict[str, Channel]) -> str:
    rows = [("network", "length", "files", "reply window", "safe to repeat by")]
    for name, channel in channels.items():
        limits = channel.limits()
        private = limits.of(Visibility.PRIVATE)
        window = _span(private.reply_window) if private.reply_window else "none"
        once = ONCE[limits.once] + (f", for {_span(limits.once_for)}" if limits.once_for else "")
        length, files = _both(limits, _length), _both(limits, _files)
        rows.append((network_name(name), length, files, window, once))
    return table(rows)


def _both(limits: Limits, said: Callable[[Limits], str]) -> str:
    """What holds in public, and what in private where that differs."""
    public, private = said(limits), said(limits.of(Visibility.PRIVATE))
    if public == private or not limits.replies_publicly:
        return private
    return f"{public}; in private {private}"


def _length(limits: Limits) -> str:
    length = limits.length
    said = [f"{length.most:,} {UNITS[length.unit]}"]
    if length.url_weight is not None:
        said.append(f"a link counts {length.url_weight}")
    if length.short_mentions:
        said.append("the server part of a mention is free")
    return "; ".join(said)


def _files(limits: Limits) -> str:
    if not limits.files:
        return "none"
    return f"{limits.files}, {limits.file_bytes / 2**20:.0f} MB each"


def channels_abilities(channels: dict[str, Channel]) -> str:
    rows = [("", *(network_name(name) for name in channels))]
    for ability, says in ABILITIES.items():
        has = ("yes" if isinstance(channel, ability) else "–" for channel in channels.values())
        rows.append((says, *has))
    return table(rows)


def channels_acts(channels: dict[str, Channel]) -> str:
    rows = [("network", "what is public", "private messages")]
    for name, channel in channels.items():
        ways = [_acts_on(channel, visibility) for visibility in Visibility]
        rows.append((network_name(name), *ways))
    return table(rows)


def _acts_on(channel: Channel, visibility: Visibility) -> str:
    """What can be done to any kind of post, by somebody whose id is a number."""
    if not isinstance(channel, Moderates):
        return "–"
    private = visibility is Visibility.PRIVATE
    kinds = [kind for kind in Kind if (kind is Kind.DM) == private]
    author = Person(channel.network, "16505551234", "ada", "Ada")
    found = {
        act
        for kind in kinds
        for act in channel.acts(
            Post(
                account=channel.account,
                network=channel.network,
                id="17",
                kind=kind,
                visibility=visibility,
                author=author,
                text="",
                created_at=datetime(2026, 6, 1, tzinfo=UTC),
                thread_id="17",
            )
        )
    }
    if not channel.limits().replies_publicly and not private:
        return "nothing is public"
    return ", ".join(f"`#{act}`" for act in Act if act in found) or "–"


def _span(span: timedelta) -> str:
    seconds = int(span.total_seconds())
    for size, word in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size and seconds % size == 0:
            count = seconds // size
            return f"{count} {word}{'s' if count > 1 else ''}"
    return f"{seconds} seconds"


# ------------------------------------------------------------------ pages

TABLE_OF: dict[str, Callable[[], str]] = {
    "notes-failed": lambda: notes(NOTES["notes-failed"]),
    "notes-sent": lambda: notes(NOTES["notes-sent"]),
    "notes-by-itself": lambda: notes(NOTES["notes-by-itself"]),
    "notes-same": lambda: notes(NOTES["notes-same"]),
    "notes-held": lambda: notes(NOTES["notes-held"]),
    "notes-acts": lambda: notes(NOTES["notes-acts"]),
    "notes-ready": lambda: notes(NOTES["notes-ready"], head="code", prefix=""),
    "ledger": ledger,
    "channels-ways": with_channels(channels_ways),
    "channels-limits": with_channels(channels_limits),
    "channels-abilities": with_channels(channels_abilities),
    "channels-acts": with_channels(channels_acts),
}
_PLACE = re.compile(r"(<!-- generated: ([\w-]+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)


def table(rows: Iterable[tuple[str, ...]]) -> str:
    """Markdown; the first row is the head."""
    first, *rest = rows
    lines = [first, ("---",) * len(first), *rest]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def pages() -> dict[Path, str]:
    """Every page that holds a generated table → its text as it must be."""
    found = {}
    for page in sorted(DOCS.rglob("*.md")):
        text = page.read_text("utf-8")
        if _PLACE.search(text):
            found[page] = _PLACE.sub(lambda m: m[1] + TABLE_OF[m[2]]() + m[4], text)
    return found


def main() -> None:
    for page, text in pages().items():
        if page.read_text("utf-8") != text:
            page.write_text(text, "utf-8")
            sys.stdout.write(f"written: {page.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
