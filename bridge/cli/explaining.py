"""`explain`: which rule takes a post, and why not the ones before it."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bridge.cli.common import (
    NUMBER,
    json_option,
    one_line,
    opened,
    print_json,
    settings_and_logs,
    when,
)
from bridge.model import Kind, Person, Post, Visibility, utcnow

if TYPE_CHECKING:
    from bridge.mapping import Mapping
    from bridge.settings import Settings


@dataclass(frozen=True, slots=True)
class _Case:
    """A post to be explained, the instant it is judged at, and what was decided once."""

    post: Post
    at: datetime
    once: str = ""


@click.command()
@click.option("--account", help="An account of the mapping; the only one if there is just one.")
@click.option("--kind", type=click.Choice([str(each) for each in Kind]), default="mention")
@click.option(
    "--visibility",
    type=click.Choice([str(each) for each in Visibility]),
    help="Default: private for a dm, else public.",
)
@click.option("--text", default="", help="What it says.")
@click.option("--language", default="", help="A tag such as en or de-AT.")
@click.option("--author", default="somebody@example.social", help="The author's handle.")
@click.option("--followers", type=click.IntRange(min=0), help="How many the author has.")
@click.option("--at", type=click.DateTime(), help="When it arrives, in UTC. Default: now.")
@click.option("--delivery", type=NUMBER, help="Instead: what a delivery in the ledger holds.")
@click.option("--post", "network_id", help="Instead: a post in the ledger, by its network's id.")
@click.option(
    "--mapping", "path", type=click.Path(exists=True, path_type=Path), help="Try another mapping."
)
@json_option
def explain(
    account: str | None,
    kind: str,
    visibility: str | None,
    text: str,
    language: str,
    author: str,
    followers: int | None,
    at: datetime | None,
    delivery: int | None,
    network_id: str | None,
    path: Path | None,
    *,
    as_json: bool,
) -> None:
    """Tell which rule takes a post, and why.

    And why the rules before it do not.

    The post is described by options, or taken from the ledger. Nothing is changed.
    """
    from bridge.opening import read_mapping

    settings = settings_and_logs()
    mapping = read_mapping(settings, os.environ, path)
    moment = at.replace(tzinfo=UTC) if at else None
    if delivery is not None:
        cases = _of_delivery(settings, mapping, delivery, moment)
    elif network_id is not None:
        cases = _of_post(settings, network_id, account, moment)
    else:
        now = moment or utcnow()
        named = _account(mapping, account)
        private = visibility == Visibility.PRIVATE or (visibility is None and kind == Kind.DM)
        network = mapping.accounts[named].network
        made = Post(
            account=named,
            network=network,
            id="example",
            kind=Kind(kind),
            visibility=Visibility.PRIVATE if private else Visibility.PUBLIC,
            author=Person(
                network, "example", author.removeprefix("@"), author, followers=followers
            ),
            text=text,
            created_at=now,
            thread_id="example",
            language=language,
        )
        cases = [_Case(made, now)]
    if as_json:
        print_json([_as_json(mapping, case) for case in cases])
        return
    for case in cases:
        _tell(mapping, case)


def _account(mapping: Mapping, named: str | None) -> str:
    from bridge.mapping.words import unknown

    if named is None and len(mapping.accounts) == 1:
        return next(iter(mapping.accounts))
    if named is None:
        raise click.UsageError(f"which --account? There are {', '.join(mapping.accounts)}")
    if named not in mapping.accounts:
        raise click.UsageError(unknown(named, mapping.accounts, what="account"))
    return named


def _of_delivery(
    settings: Settings, mapping: Mapping, delivery_id: int, at: datetime | None
) -> list[_Case]:
    from bridge.ledger import deliveries
    from bridge.opening import connect

    with opened(settings) as ledger, ledger.reading() as tx:
        found = deliveries.one(tx, delivery_id)
    if found is None:
        raise click.UsageError(f"the ledger has no delivery {delivery_id}")
    channels = connect(mapping, settings, utcnow)
    if found.emptied_at is not None:
        raise click.UsageError(
            f"delivery {delivery_id} is not kept any more: its body was let go on "
            f"{when(found.emptied_at)} (BRIDGE_RETAIN_DAYS)"
        )
    if found.source not in channels:
        raise click.UsageError(
            f"delivery {delivery_id} came from {found.source}, which is no account of the mapping"
        )
    events = channels[found.source].unpack(found.body)
    once = f"delivery {found.id}: {found.state}" + (f", {found.because}" if found.because else "")
    cases = [
        _Case(event, at or found.received_at, once) for event in events if isinstance(event, Post)
    ]
    if not cases:
        kinds = ", ".join(type(event).__name__.lower() for event in events)
        raise click.UsageError(f"delivery {delivery_id} holds no post ({kinds or 'nothing'})")
    return cases


def _of_post(
    settings: Settings, network_id: str, account: str | None, at: datetime | None
) -> list[_Case]:
    from bridge.ledger import posts

    with opened(settings) as ledger, ledger.reading() as tx:
        cases = []
        for each in posts.by_network_id(tx, network_id):
            if account not in (None, each.account):
                continue
            post = posts.newest_revision(tx, each.id)
            by = f"rule {each.rule!r}" if each.rule else "no rule"
            cases.append(_Case(post, at or post.created_at, f"{by}: {each.because}"))
    if not cases:
        raise click.UsageError(f"the ledger has no post {network_id}")
    return cases


def _as_json(mapping: Mapping, case: _Case) -> dict[str, object]:
    from bridge.mapping import Skip

    decision = mapping.route(case.post, case.at)
    return {
        "post": {
            "account": case.post.account,
            "id": case.post.id,
            "kind": case.post.kind,
            "visibility": case.post.visibility,
            "author": case.post.author.handle,
            "at": case.at,
        },
        "decided_before": case.once,
        "considered": [asdict(each) for each in mapping.explain(case.post, case.at)],
        "decision": "skip" if isinstance(decision, Skip) else "route",
        **asdict(decision),
    }


def _tell(mapping: Mapping, case: _Case) -> None:
    from bridge.mapping import Skip

    post = case.post
    says = f": {one_line(post.text, 60)}" if post.text else ""
    click.echo(
        f"{post.kind}, {post.visibility}, by @{post.author.handle} on {post.account}, "
        f"at {when(case.at)} UTC{says}"
    )
    if case.once:
        click.echo(f"  then:  {case.once}")
    for each in mapping.explain(post, case.at):
        click.echo(f"  {'takes it' if each.took else 'no':8}  {each.rule}: {each.because}")
    decision = mapping.route(post, case.at)
    if isinstance(decision, Skip):
        click.echo(f"  → no ticket: {decision.because}")
        return
    where = {
        "group": decision.group,
        "priority": decision.priority,
        "assignee": decision.assignee,
        "form": decision.form,
        "tags": ", ".join(decision.tags),
        "fields": ", ".join(f"{word}={value}" for word, value in decision.fields),
    }
    told = "; ".join(f"{name} {value}" for name, value in where.items() if value)
    click.echo(f"  → a ticket: {told or 'with what the helpdesk itself decides'}")
    if mapping.storm and post.visibility is Visibility.PUBLIC:
        click.echo(f"    or, in a storm, {mapping.storm}")
