"""The ticket of a storm's incident, and the clock that tells it.

However many posts are folded, the ticket is written to once a minute at most, and less often the
longer it goes on: when ten times as many are in it as it says, or ten minutes after the last time.
"""

from __future__ import annotations

from dataclasses import replace

from bridge.errors import Gone
from bridge.flow.bridge import Bridge
from bridge.flow.lanes import Pause, Rest
from bridge.flow.ops import BRIDGE
from bridge.flow.storming import STEP, queue
from bridge.flow.taking_off import in_turn, merges_of
from bridge.flow.tickets import Content, Opening, Saying, say, was_said
from bridge.flow.unfolding import OUT
from bridge.ledger import Tx, conversations, lanes, posts, steps, storm_counts, storms, written
from bridge.ledger.conversations import Conversation, lane_of
from bridge.ledger.lanes import Lease
from bridge.ledger.steps import Step
from bridge.ledger.storms import Storm
from bridge.mapping import Removed, Route
from bridge.mapping import Storm as Policy
from bridge.model import MINUTE, File, Kind
from bridge.text import storm as words
from bridge.text.comments import quoted

TAGS = ("bridge", "bridge_storm")
EVERY = MINUTE
AT_LEAST_EVERY = 10 * MINUTE
TIMES = 10
LISTED_AT_A_TIME = 500
MOST_LISTED = 100_000
"""Zendesk takes files of 50 MB; a line of the list has about 200 bytes.
https://support.zendesk.com/hc/en-us/articles/4408832757146"""

OPEN, MORE, END, OFF, LIST = "open", "more", "end", "off", "list"


# ------------------------------------------------------------------ the lane of all storms


def keep(bridge: Bridge, lease: Lease) -> Pause:
    """Queue what is due in the incidents' lanes, one storm and one lane at a time."""
    with bridge.ledger.reading() as tx:
        open_ones = storms.open_ones(tx, bridge.desk)
    for storm in open_ones:
        with bridge.ledger.writing() as tx:
            lanes.fence(tx, lease)
            _look(bridge, tx, storm)
    with bridge.ledger.reading() as tx:
        goes_on = bool(storms.open_ones(tx, bridge.desk))
    return Rest(bridge.clock() + EVERY if goes_on else None)


def _look(bridge: Bridge, tx: Tx, storm: Storm) -> None:
    if storms.end_if_quiet(tx, storm.id, tx.now - _policy(bridge).quiet):
        queue(bridge, tx, storm, END)
        return
    lane = lane_of(storm.conversation_id)
    if steps.waits(tx, lane, STEP):
        return  # what waits there is written when its turn comes, and says how it is then
    count, _ = storm_counts.folded(tx, storm.id)
    last = steps.newest(tx, lane, STEP, f"{storm.id}:{MORE}")
    about = last or f"{storm.id}:{OPEN}"
    told = int(about.rpartition(":")[2]) if last else 1
    asked = steps.asked_at(tx, lane, STEP, about) or storm.begun_at
    waited = tx.now - asked
    if waited >= EVERY and (count >= TIMES * told or (count > told and waited >= AT_LEAST_EVERY)):
        queue(bridge, tx, storm, f"{MORE}:{count}")


# ------------------------------------------------------------------ in the incident's lane


def tell_storm(bridge: Bridge, lease: Lease, step: Step) -> None:
    """Write what was queued, with how it stands now."""
    number, what, *rest = step.about.split(":")
    with bridge.ledger.reading() as tx:
        storm = storms.one(tx, int(number))
        conversation = conversations.one(tx, storm.conversation_id)
    if what == OFF:
        _take_off(bridge, conversation, int(rest[0]))
    elif what == LIST:
        _list_anew(bridge, lease, conversation, storm, step)
    else:
        _tell(bridge, lease, conversation, storm, step, what, rest)


def _tell(
    bridge: Bridge,
    lease: Lease,
    conversation: Conversation,
    storm: Storm,
    step: Step,
    what: str,
    rest: list[str],
) -> None:
    policy, language = _policy(bridge), bridge.mapping.agents_language
    if was_said(bridge, conversation, f"storm:{step.about}"):
        return

    def content() -> Content:
        with bridge.ledger.writing() as tx:
            lanes.fence(tx, lease)
            standing = _standing(bridge, tx, storm, policy)
        if what == OPEN:
            return Content(words.opening(standing, language))
        if what == MORE:
            return Content(words.more(standing, language))
        if what == OUT:
            told = words.taken_out(replace(standing, samples=()), f"p{rest[0]}", language)
            # One that is over has told its list.
            return Content(told, _uploaded(bridge, storm) if storm.ended_at else ())
        return Content(words.over(standing, policy.quiet, language), _uploaded(bridge, storm))

    with bridge.ledger.reading() as tx:
        accounts = [name for name, _ in storm_counts.tally(tx, storm.id).accounts]
    saying = Saying(
        key=f"storm:{step.about}",
        content=content,
        public=False,
        author=BRIDGE,
        tags=(*TAGS, "bridge_storm_over") if what == END else TAGS,
        opens=Opening(
            words.subject(storm.name, accounts, language),
            Kind.POST,
            _route(bridge, storm, policy),
        ),
    )
    say(bridge, lease, conversation, saying)


def _standing(bridge: Bridge, tx: Tx, storm: Storm, policy: Policy) -> words.Standing:
    """What is shown is put down before it is: what is removed from then on is taken off again."""
    tally = storm_counts.tally(tx, storm.id)
    chosen = storm_counts.show(tx, storm_counts.samples(tx, storm.id, policy.samples))
    networks = {name: account.network for name, account in bridge.mapping.accounts.items()}
    return words.Standing(
        name=storm.name,
        posts=tally.posts,
        removed=tally.removed,
        people=tally.people,
        reach=tally.reach,
        rate=float(storm_counts.joined_since(tx, storm.id, tx.now - words.QUICK)),
        accounts=tuple((name, networks.get(name, ""), count) for name, count in tally.accounts),
        since=storm.begun_at,
        samples=tuple((f"p{each}", posts.newest_revision(tx, each)) for each in chosen),
        tickets=storm_counts.tickets_beside(tx, storm.id),
        left=tally.left,
    )


def _route(bridge: Bridge, storm: Storm, policy: Policy) -> Route:
    """What the mapping says of storms; else as the rules route the post that began it."""
    with bridge.ledger.reading() as tx:
        first = posts.if_there(tx, storm.post_id) if storm.post_id is not None else None
    begun = (first.route if first else None) or Route("", "")
    return Route(
        "",
        f"storm {storm.name}",
        group=policy.group or begun.group,
        priority=policy.priority or begun.priority,
        tags=policy.tags,
    )


def _uploaded(bridge: Bridge, storm: Storm) -> tuple[str, ...]:
    return (bridge.helpdesk.upload(_list(bridge, storm)),)


def _list(bridge: Bridge, storm: Storm) -> File:
    rows: list[words.Row] = []
    after = 0
    while len(rows) < MOST_LISTED:
        with bridge.ledger.reading() as tx:
            some = storm_counts.listed(tx, storm.id, after, LISTED_AT_A_TIME)
            rows += [
                words.Row(
                    f"p{each.post_id}",
                    posts.newest_revision(tx, each.post_id),
                    each.said_at,
                    each.is_gone,
                    each.has_ticket,
                )
                for each in some
            ]
        if not some:
            break
        after = some[-1].post_id
    return File(f"{words.LIST_NAME}{storm.name}.csv", "text/csv", words.as_csv(rows))


def _list_anew(
    bridge: Bridge, lease: Lease, conversation: Conversation, storm: Storm, step: Step
) -> None:
    """After somebody was erased: the list with their name was taken off the ticket."""

    def content() -> Content:
        return Content(words.listing(bridge.mapping.agents_language), _uploaded(bridge, storm))

    if not conversation.ticket_id:
        return
    say(bridge, lease, conversation, Saying(f"storm:{step.about}", content, public=False))


def _take_off(bridge: Bridge, conversation: Conversation, post_id: int) -> None:
    """The words of a removed post, off every note that may show them. May be done again."""
    with bridge.ledger.reading() as tx:
        known = posts.if_there(tx, post_id)
        versions = posts.texts(tx, post_id) if known else ()
        stem = f"{conversation.external_id}:storm:"
        notes = written.under(tx, bridge.desk, stem)
    if known is None or bridge.mapping.removed(known.account) is not Removed.REDACT:
        return
    goes = tuple(in_turn(quoted(version) for version in versions))
    for ticket_id, comment_id in (*notes, *merges_of(bridge, notes)):
        for text in goes:
            try:
                bridge.helpdesk.redact(ticket_id, comment_id, text)
            except Gone:
                break  # a ticket that was deleted holds nothing that could be read


def _policy(bridge: Bridge) -> Policy:
    """A storm that is open when the mapping stops speaking of storms still comes to its end."""
    return bridge.mapping.storm or Policy()
