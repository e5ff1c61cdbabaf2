"""Posts and their revisions: one row per post, one per version of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, func, literal_column, select, update

from bridge.ledger.made import inserting
from bridge.ledger.shapes import post_from_json, post_to_json, route_from_json, route_to_json
from bridge.ledger.store import Tx
from bridge.ledger.tables import conversations, intents, posts, receipts, revisions
from bridge.mapping.model import Route
from bridge.model import Post, Removal, Visibility

LIVE, GONE = "live", "gone"
AT_A_TIME = 500
HAS_COMMENT = posts.c.comment_id != literal_column("''")
"""As the index over comments says it."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the ledger knows of a post. `comment_id` is where it stands on the ticket."""

    id: int
    account: str
    network_id: str
    conversation_id: int | None
    thread_id: str
    visibility: Visibility
    state: str
    comment_id: str
    rule: str
    because: str
    by_us: bool
    route: Route | None


@dataclass(frozen=True, slots=True)
class Because:
    """Why a post went where it went, and where that was: kept with the post."""

    rule: str
    because: str
    mapping_revision: int
    route: Route | None = None


_COLUMNS = (
    posts.c.id,
    posts.c.account,
    posts.c.network_id,
    posts.c.conversation_id,
    posts.c.thread_id,
    posts.c.visibility,
    posts.c.state,
    posts.c.comment_id,
    posts.c.rule,
    posts.c.because,
    posts.c.by_us,
    posts.c.route,
)
"""Those of `Known`."""
_FIND = select(*_COLUMNS).where(
    posts.c.account == bindparam("the_account"), posts.c.network_id == bindparam("the_network_id")
)
_ONE = select(*_COLUMNS).where(posts.c.id == bindparam("the_post"))
_STORE = posts.insert().returning(posts.c.id)
_ADD_REVISION = inserting(
    revisions,
    lambda new: new.on_conflict_do_nothing(index_elements=["post_id", "revision"]).returning(
        revisions.c.id
    ),
)
_NEWEST = (
    select(revisions.c.body)
    .where(revisions.c.post_id == bindparam("the_post"))
    .order_by(revisions.c.revision.desc(), revisions.c.id.desc())
    .limit(1)
)
_REVISION = select(revisions.c.post_id, revisions.c.body, revisions.c.delivery_id).where(
    revisions.c.id == bindparam("the_revision")
)
_WITH_REVISION = (
    select(*_COLUMNS, revisions.c.body)
    .join(revisions, revisions.c.post_id == posts.c.id)
    .where(revisions.c.id == bindparam("the_revision"))
)
_THIS = update(posts).where(posts.c.id == bindparam("the_post"))
_IN_THREAD = (
    select(posts.c.conversation_id)
    .where(
        posts.c.account == bindparam("the_account"),
        posts.c.thread_id == bindparam("the_thread"),
        posts.c.conversation_id.is_not(None),
    )
    .order_by(posts.c.id.desc())
    .limit(1)
)
_SENT = (
    select(intents.c.conversation_id, intents.c.reply_id, intents.c.body)
    .join(receipts, receipts.c.intent_id == intents.c.id)
    .where(
        receipts.c.far_side == bindparam("the_account"),
        receipts.c.remote_id == bindparam("the_network_id"),
    )
)


def find(tx: Tx, account: str, network_id: str) -> Known | None:
    here = {"the_account": account, "the_network_id": network_id}
    row = tx.conn.execute(_FIND, here).one_or_none()
    return _known(row) if row else None


def by_network_id(tx: Tx, network_id: str) -> tuple[Known, ...]:
    """The posts with a network's id, on whichever account they were heard. One that was removed
    before it was heard has no words and is not among them."""
    rows = tx.conn.execute(
        select(posts)
        .where(posts.c.network_id == network_id, posts.c.kind != "")
        .order_by(posts.c.id)
    )
    return tuple(_known(row) for row in rows)


def one(tx: Tx, post_id: int) -> Known:
    return _known(tx.conn.execute(_ONE, {"the_post": post_id}).one())


def if_there(tx: Tx, post_id: int) -> Known | None:
    """A post by a number that somebody wrote down."""
    row = tx.conn.execute(_ONE, {"the_post": post_id}).one_or_none()
    return _known(row) if row else None


def store(
    tx: Tx, post: Post, *, person_id: int, conversation_id: int | None, because: Because
) -> int:
    """A post seen for the first time."""
    post_id: int = tx.conn.execute(
        _STORE,
        {
            "account": post.account,
            "network_id": post.id,
            "conversation_id": conversation_id,
            "person_id": person_id,
            "kind": post.kind,
            "visibility": post.visibility,
            "thread_id": post.thread_id,
            "by_us": post.by_us,
            "created_at": post.created_at,
            "rule": because.rule,
            "because": because.because,
            "route": route_to_json(because.route) if because.route else "",
            "mapping_revision": because.mapping_revision,
        },
    ).scalar_one()
    return post_id


def store_removed(tx: Tx, removal: Removal) -> None:
    """A removal that arrived before its post: the post, should it still come, is not told."""
    tx.conn.execute(
        tx.insert(posts)
        .values(
            account=removal.account, network_id=removal.post_id, created_at=removal.at, state=GONE
        )
        .on_conflict_do_nothing(index_elements=["account", "network_id"])
    )


def add_revision(tx: Tx, post_id: int, post: Post, delivery_id: int | None) -> int | None:
    """One version of a post; None if that version is already here."""
    revision_id: int | None = tx.conn.execute(
        _ADD_REVISION.on(tx),
        {
            "post_id": post_id,
            "revision": post.revision,
            "body": post_to_json(post),
            "delivery_id": delivery_id,
            "received_at": tx.now,
        },
    ).scalar_one_or_none()
    return revision_id


def newest_revision(tx: Tx, post_id: int) -> Post:
    """A post as it was last heard of; revisions sort as the network names them (edit times)."""
    body: str = tx.conn.execute(_NEWEST, {"the_post": post_id}).scalar_one()
    return post_from_json(body)


def first_revision(tx: Tx, post_id: int) -> Post:
    """A post as it was first heard of."""
    body: str = tx.conn.execute(
        select(revisions.c.body)
        .where(revisions.c.post_id == post_id)
        .order_by(revisions.c.id)
        .limit(1)
    ).scalar_one()
    return post_from_json(body)


def revision(tx: Tx, revision_id: int) -> tuple[int, Post, int | None]:
    """(post's id, the post at that revision, the delivery that brought it)."""
    row = tx.conn.execute(_REVISION, {"the_revision": revision_id}).one()
    return row.post_id, post_from_json(row.body), row.delivery_id


def with_revision(tx: Tx, revision_id: int) -> tuple[Known, Post]:
    """What is known of a post, and the post at that revision."""
    row = tx.conn.execute(_WITH_REVISION, {"the_revision": revision_id}).one()
    return _known(row), post_from_json(row.body)


def revision_before(tx: Tx, revision_id: int) -> Post | None:
    """The version that this one replaced, None if it is the first."""
    here = tx.conn.execute(select(revisions).where(revisions.c.id == revision_id)).one()
    body: str | None = tx.conn.execute(
        select(revisions.c.body)
        .where(revisions.c.post_id == here.post_id, revisions.c.revision < here.revision)
        .order_by(revisions.c.revision.desc())
        .limit(1)
    ).scalar_one_or_none()
    return post_from_json(body) if body else None


def texts(tx: Tx, post_id: int) -> tuple[str, ...]:
    """The words of every version of a post, without repetition."""
    bodies = tx.conn.execute(
        select(revisions.c.body).where(revisions.c.post_id == post_id).order_by(revisions.c.id)
    ).scalars()
    return tuple(dict.fromkeys(post_from_json(body).text for body in bodies))


def revision_ids(tx: Tx, post_id: int) -> tuple[int, ...]:
    """The ledger's ids of a post's versions, oldest first."""
    return tuple(
        tx.conn.execute(
            select(revisions.c.id).where(revisions.c.post_id == post_id).order_by(revisions.c.id)
        ).scalars()
    )


def quoting(tx: Tx, post: Known) -> tuple[Known, ...]:
    """The posts below this one that stand on a ticket and show it as what came before them."""
    rows = tx.conn.execute(
        select(posts.c.id, revisions.c.body)
        .join(revisions, revisions.c.post_id == posts.c.id)
        .where(
            posts.c.account == post.account,
            posts.c.thread_id == post.thread_id,
            posts.c.id != post.id,
            posts.c.comment_id != "",
        )
    )
    below = {
        row.id
        for row in rows
        if any(above.id == post.network_id for above in post_from_json(row.body).history)
    }
    return tuple(one(tx, post_id) for post_id in sorted(below))


def told(tx: Tx, post_id: int, comment_id: str) -> None:
    """The post stands on the ticket, in this comment."""
    tx.conn.execute(_THIS, {"the_post": post_id, "comment_id": comment_id})


def move(tx: Tx, post_id: int, conversation_id: int, because: str) -> None:
    """It belongs to another conversation from now on."""
    tx.conn.execute(
        update(posts)
        .where(posts.c.id == post_id)
        .values(conversation_id=conversation_id, because=because)
    )


def gone(tx: Tx, post_id: int) -> None:
    tx.conn.execute(update(posts).where(posts.c.id == post_id).values(state=GONE))


def last_private_at(tx: Tx, conversation_id: int) -> datetime | None:
    """When others last wrote privately in a conversation: reply windows count from there."""
    at: datetime | None = tx.conn.execute(
        select(func.max(posts.c.created_at)).where(
            posts.c.conversation_id == conversation_id,
            posts.c.visibility == Visibility.PRIVATE,
            posts.c.by_us.is_(False),
        )
    ).scalar_one()
    return at


def last_private_of(tx: Tx, conversation_id: int) -> Known | None:
    """The last thing that its requester wrote privately in a conversation and still stands."""
    row = tx.conn.execute(
        select(posts)
        .join(conversations, conversations.c.id == posts.c.conversation_id)
        .where(
            posts.c.conversation_id == conversation_id,
            posts.c.person_id == conversations.c.person_id,
            posts.c.visibility == Visibility.PRIVATE,
            posts.c.by_us.is_(False),
            posts.c.state == LIVE,
        )
        .order_by(posts.c.created_at.desc(), posts.c.id.desc())
        .limit(1)
    ).one_or_none()
    return _known(row) if row else None


def is_first_private(tx: Tx, conversation_id: int, post_id: int) -> bool:
    """Whether nobody but us wrote privately in a conversation before this post."""
    before = select(posts.c.id).where(
        posts.c.conversation_id == conversation_id,
        posts.c.visibility == Visibility.PRIVATE,
        posts.c.by_us.is_(False),
        posts.c.id < post_id,
    )
    return tx.conn.execute(before.limit(1)).first() is None


def has_public(tx: Tx, conversation_id: int) -> bool:
    """Whether others have said anything in a conversation that everybody can read."""
    found = tx.conn.execute(
        select(posts.c.id)
        .where(
            posts.c.conversation_id == conversation_id,
            posts.c.visibility == Visibility.PUBLIC,
            posts.c.by_us.is_(False),
        )
        .limit(1)
    )
    return found.first() is not None


def by_comments(tx: Tx, comment_ids: tuple[str, ...]) -> dict[str, tuple[Known, ...]]:
    """Comment id → the posts that stand in it, oldest first, of whatever conversation."""
    found: dict[str, tuple[Known, ...]] = {}
    for start in range(0, len(comment_ids), AT_A_TIME):
        some = comment_ids[start : start + AT_A_TIME]
        rows = tx.conn.execute(
            select(posts).where(posts.c.comment_id.in_(some), HAS_COMMENT).order_by(posts.c.id)
        )
        for row in rows:
            found[row.comment_id] = (*found.get(row.comment_id, ()), _known(row))
    return found


def newest_in_thread(tx: Tx, account: str, thread_id: str) -> int | None:
    """The conversation in which a thread was last spoken in, None if it has none."""
    here = {"the_account": account, "the_thread": thread_id}
    found: int | None = tx.conn.execute(_IN_THREAD, here).scalar_one_or_none()
    return found


def to_reread(
    tx: Tx, account: str, since: datetime, most: int, *, public_first: bool
) -> tuple[str, ...]:
    """Network ids of others' posts since an instant that still stand, newest first. With
    `public_first`, private ones get only the places that are left."""
    if not public_first:
        return _standing(tx, account, since, most, tuple(Visibility))
    found = _standing(tx, account, since, most, (Visibility.PUBLIC,))
    return found + _standing(tx, account, since, most - len(found), (Visibility.PRIVATE,))


def _standing(
    tx: Tx, account: str, since: datetime, most: int, seen: tuple[Visibility, ...]
) -> tuple[str, ...]:
    return tuple(
        tx.conn.execute(
            select(posts.c.network_id)
            .where(
                posts.c.account == account,
                posts.c.state == LIVE,
                posts.c.created_at >= since,
                posts.c.by_us.is_(False),
                posts.c.visibility.in_(seen),
            )
            .order_by(posts.c.created_at.desc())
            .limit(most)
        ).scalars()
    )


@dataclass(frozen=True, slots=True)
class Ours:
    """A message of ours on a network: the conversation it belongs to, and whom it addressed."""

    conversation_id: int
    reply_id: int | None
    draft: str


def sent_by_us(tx: Tx, account: str, network_id: str) -> Ours | None:
    """The message of ours with this id, if we have its receipt."""
    here = {"the_account": account, "the_network_id": network_id}
    row = tx.conn.execute(_SENT, here).one_or_none()
    return Ours(row.conversation_id, row.reply_id, row.body) if row else None


def count(tx: Tx) -> int:
    return tx.conn.execute(select(func.count()).select_from(posts)).scalar_one()


def _known(row: Row[*tuple[Any, ...]]) -> Known:
    return Known(
        id=row.id,
        account=row.account,
        network_id=row.network_id,
        conversation_id=row.conversation_id,
        thread_id=row.thread_id,
        visibility=Visibility(row.visibility),
        state=row.state,
        comment_id=row.comment_id,
        rule=row.rule,
        because=row.because,
        by_us=row.by_us,
        route=route_from_json(row.route) if row.route else None,
    )
