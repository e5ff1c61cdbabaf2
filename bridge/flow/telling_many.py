"""What an incident's ticket is told of an answer to many: whom it would reach, what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from bridge.channels.contract import Channel, Limits
from bridge.errors import PersonMustAct
from bridge.flow import outcomes
from bridge.flow.allowed import check_unasked, way_of
from bridge.flow.bridge import Bridge
from bridge.flow.each_of_many import as_on, draft_to, policy, takes
from bridge.flow.filling import filled
from bridge.flow.guarding import Author, why_held
from bridge.flow.messages import parts, shape_of, weight_of
from bridge.flow.priorities import priority_of
from bridge.ledger import Tx, broadcast_browsing, broadcasts, conversations, lanes, steps
from bridge.ledger import replies as taken
from bridge.ledger.broadcasts import Broadcast, Share
from bridge.ledger.conversations import lane_of
from bridge.ledger.lanes import Lease
from bridge.ledger.replies import Taken
from bridge.ledger.shapes import Draft
from bridge.ledger.steps import Step
from bridge.model import Visibility
from bridge.text import held, many, words

STEP = "many"
HELD, STARTED, WAITS, ENDED = "held", "started", "waits", "ended"
TAKEN_BACK, TAKEN_BACK_LATE = "taken_back", "taken_back_late"

SAYS = {TAKEN_BACK: "many_taken_back", TAKEN_BACK_LATE: "many_taken_back_late"}
"""The sentences of those two."""


def queue(bridge: Bridge, tx: Tx, conversation_id: int, number: int, what: str) -> None:
    about = f"{number}:{what}"
    steps.add(tx, lane_of(conversation_id), STEP, about, account=bridge.desk)


def tell_end(bridge: Bridge, tx: Tx, broadcast: Broadcast) -> None:
    """The last one has come to something."""
    queue(bridge, tx, broadcast.conversation_id, broadcast.id, ENDED)


def tell_wait(bridge: Bridge, tx: Tx, broadcast: Broadcast, account: str, code: str) -> None:
    """Once for each account and reason."""
    what = f"{WAITS}:{account}:{code}"
    queue(bridge, tx, broadcast.conversation_id, broadcast.id, what)


def tell(bridge: Bridge, lease: Lease, step: Step) -> None:
    """Write what was queued, with how it stands now."""
    number, what, *rest = step.about.split(":")
    with bridge.ledger.reading() as tx:
        broadcast = broadcasts.one(tx, int(number))
    if what == HELD:
        text = _held(bridge, lease, broadcast)
        if text is None:
            return
    elif what == STARTED:
        text = _started(bridge, broadcast)
    elif what == WAITS:
        text = many.waits(broadcast.number, rest[0], _says(bridge, rest[0], rest[1]), _lang(bridge))
    elif what in SAYS:
        text = _taken_back(bridge, broadcast, what)
    else:
        text = _ended(bridge, broadcast)
    with bridge.ledger.reading() as tx:
        conversation = conversations.one(tx, broadcast.conversation_id)
    outcomes.tell(
        bridge, lease, conversation, f"many:{step.about}", f"many_{what}", "",
        failed=False, reopen=what != STARTED, text=text,
    )  # fmt: skip


def _started(bridge: Bridge, broadcast: Broadcast) -> str:
    with bridge.ledger.reading() as tx:
        came = broadcast_browsing.came_to(tx, broadcast.id)
    counts: dict[str, int] = {}
    for each in came:
        counts[each.account] = counts.get(each.account, 0) + each.count
    longest = max(
        (takes(bridge, account, count) for account, count in counts.items()), default=timedelta()
    )
    return many.started(
        broadcast.number, broadcast.count, broadcast.confirmed_by, longest, _lang(bridge)
    )


def _ended(bridge: Bridge, broadcast: Broadcast) -> str:
    with bridge.ledger.reading() as tx:
        came = broadcast_browsing.came_to(tx, broadcast.id)
    sums: dict[tuple[str, str], int] = {}
    for each in came:
        sums[each.state, each.code] = sums.get((each.state, each.code), 0) + each.count
    head = "done" if broadcast.state == broadcasts.DONE else "stopped"
    counts = [(state, code, count) for (state, code), count in sums.items()]
    return many.came(head, broadcast.number, counts, _lang(bridge))


def _taken_back(bridge: Bridge, broadcast: Broadcast, what: str) -> str:
    told = words.note(SAYS[what], network="", detail=broadcast.number, language=_lang(bridge))
    return told if what == TAKEN_BACK else f"{told}\n\n{_ended(bridge, broadcast)}"


@dataclass(frozen=True, slots=True)
class _Looks:
    """How an answer looks on one account: the note's line, and what it would post."""

    ahead: many.Ahead
    text: str


def _held(bridge: Bridge, lease: Lease, broadcast: Broadcast) -> str | None:
    """Look forward, put down whom it would go to, and say so. None if it was withdrawn."""
    with bridge.ledger.reading() as tx:
        shares = broadcasts.shares(tx, broadcast.storm_id)
        wrote = taken.one(tx, broadcast.reply_id)
        if broadcast.state == broadcasts.WITHDRAWN:
            return None
    assert wrote is not None
    looks = [_looks(bridge, broadcast, wrote, share) for share in shares]
    can = [each for each in looks if not each.ahead.why_not]
    found, needs_second = _guards(bridge, wrote, can)
    needs_second = needs_second or policy(bridge).approval
    count = broadcast.count
    if broadcast.state == broadcasts.NEW:
        accounts = tuple(each.ahead.account for each in can)
        with bridge.ledger.writing() as tx:
            lanes.fence(tx, lease)
            count = broadcasts.address(
                tx, broadcast.id, broadcast.storm_id, accounts, needs_second=needs_second
            )
    return many.held(
        broadcast.number,
        count,
        tuple(each.ahead for each in looks),
        found,
        needs_second=needs_second,
        language=_lang(bridge),
    )


def _looks(bridge: Bridge, broadcast: Broadcast, wrote: Taken, share: Share) -> _Looks:
    """As it would be for whoever's handle is longest; nobody is called."""
    account = bridge.mapping.accounts.get(share.account)
    network = account.network if account else share.account
    pieces: tuple[Draft, ...] = ()
    used, most, unit, looks, why = 0, 0, "", "", ""
    try:
        channel = bridge.channel(share.account)
        limits = channel.limits().of(Visibility.PUBLIC)
        most, unit = limits.length.most, str(limits.length.unit)
        draft = draft_to(bridge, broadcast, share.newest_post, share.longest)
        draft = filled(bridge, draft, agent=wrote.author_name, at=wrote.written_at)
        pieces = _pieces(bridge, channel, limits, broadcast, share, draft)
        used = sum(weight_of(bridge, channel, limits, each) for each in pieces)
        looks = "\n".join(shape_of(bridge, channel, each) for each in pieces)
    except PersonMustAct as refusal:
        why = words.ahead(
            refusal.code, network=network, detail=refusal.because, language=_lang(bridge)
        )
    text = "\n".join(each.text for each in pieces)
    ahead = many.Ahead(
        account=share.account,
        network=network,
        count=share.count,
        used=used,
        most=most,
        unit=unit,
        parts=len(pieces),
        takes=takes(bridge, share.account, share.count),
        looks=looks,
        why_not=why,
    )
    return _Looks(ahead, text)


def _pieces(
    bridge: Bridge,
    channel: Channel,
    limits: Limits,
    broadcast: Broadcast,
    share: Share,
    draft: Draft,
) -> tuple[Draft, ...]:
    with bridge.ledger.reading() as tx:
        conversation = conversations.one(tx, broadcast.conversation_id)
    here = as_on(conversation, share.account)
    way, _ = way_of(bridge, here, draft, share.newest_post)
    pieces = parts(bridge, channel, limits, draft)
    for each in pieces:
        check_unasked(way, each)
    return pieces


def _guards(bridge: Bridge, wrote: Taken, looks: list[_Looks]) -> tuple[tuple[str, ...], bool]:
    """What was found in it, in sentences, and whether a second person must agree."""
    found: dict[str, None] = {}
    needs_second = False
    author = Author(wrote.author_id, wrote.author_name)
    for each in looks:
        why = why_held(
            bridge, each.ahead.account, each.text, author,
            lambda: priority_of(bridge, wrote.ticket_id),
        )  # fmt: skip
        if why is None:
            continue
        needs_second = needs_second or why.needs_second
        says = held.found_says(why.found, network=each.ahead.network, language=_lang(bridge))
        found |= dict.fromkeys(says)
    return tuple(found), needs_second


def _says(bridge: Bridge, account: str, code: str) -> str:
    known = bridge.mapping.accounts.get(account)
    network = known.network if known else account
    return words.note(code, network=network, language=_lang(bridge))


def _lang(bridge: Bridge) -> str:
    return bridge.mapping.agents_language
