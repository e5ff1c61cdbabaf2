"""An export as a file: Markdown for people, JSON for programs."""

from __future__ import annotations

import html
import json
import re
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from bridge.crm.export import NOT_HERE, Export, Said
from bridge.crm.schemas import instant, row
from bridge.ledger.exporting import WentTo
from bridge.records import ConversationRecord, IdentityRecord, MergeRecord, Type
from bridge.text.words import network_name

_PROOFS = {
    "same_id": "a network, or the helpdesk, has both under one id",
    "confirmed_link": "one profile links to the other, and the link was checked",
    "agent": "somebody of ours said so",
    "crm": "our customer database said so",
}
_MARKUP = re.compile(r"([\\`*_\[\]#|~])")


def as_json(export: Export) -> str:
    """Identities, merges, conversations and interactions have the shapes of the API."""
    return json.dumps(
        {
            "exported_at": instant(export.at),
            "customer": export.customer,
            "identities": [row(each) for each in export.identities],
            "merges": [row(each) for each in export.merges],
            "conversations": [row(each) for each in export.conversations],
            "interactions": [
                {**row(each.change), "versions": list(each.versions)} for each in export.said
            ],
            "went_to": [_went(each) for each in (*export.crms, *export.webhooks)],
            "raw_deliveries": {
                "kept": export.arrived.kept,
                "oldest": _at(export.arrived.oldest),
            },
            "not_included": list(NOT_HERE),
        },
        ensure_ascii=False,
        indent=2,
    )


def as_markdown(export: Export) -> str:
    parts = [
        f"# What we know of you\n\nWritten on {_when(export.at)}. You are {export.customer} here.",
        "## Who you are to us",
        *(_identity(each.record) for each in export.identities),
        *_merges(export),
        "## What was said",
        "Oldest first, all times in UTC. What only you and we could read is marked as private.",
        *_conversations(export),
        "## Where it went",
        _where(export),
        "## What is not in this file",
        "\n".join(f"- {each}" for each in NOT_HERE),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _identity(record: Any) -> str:
    assert isinstance(record, IdentityRecord)
    head = f"### On {network_name(record.platform)}: {_plain(record.name or record.handle)}"
    lines = [
        ("number", record.id),
        ("the network's id", record.platform_user_id),
        ("handle", record.handle),
        ("name", record.name),
        ("profile", record.external_url),
        ("picture", record.avatar_url),
        ("followers", "" if record.followers is None else str(record.followers)),
        ("language", record.language),
        ("user at our helpdesk", record.helpdesk_user_id),
    ]
    shown = [f"- {name}: {_plain(value)}" for name, value in lines if value]
    facts = [
        f"| {_plain(each.fact)} | {_plain(each.value)} | {_plain(each.source)} "
        f"| {_when(each.learnt_at)} |"
        for each in record.facts
    ]
    head_of_facts = ["", "| what | is | learnt from | on |", "| --- | --- | --- | --- |"]
    return "\n".join([head, "", *shown, *(head_of_facts if facts else []), *facts])


def _merges(export: Export) -> list[str]:
    told = []
    for each in export.merges:
        merge = each.record
        assert isinstance(merge, MergeRecord)
        line = (
            f"- {merge.identity_id} and {merge.other_identity_id}, since "
            f"{_when(merge.merged_at)}: {_PROOFS.get(merge.proof, merge.proof)} "
            f"({_plain(merge.evidence)})"
        )
        undone = f"; taken back on {_when(merge.undone_at)}" if merge.undone_at else ""
        told.append(f"{line}{undone}")
    return ["### Why we take these for one person", "\n".join(told)] if told else []


def _conversations(export: Export) -> list[str]:
    by_number: dict[str, list[Said]] = {}
    for each in export.said:
        by_number.setdefault(each.record.conversation_id, []).append(each)
    known = {each.record.id: each.record for each in export.conversations}
    told = []
    for number, said in by_number.items():
        about = known.get(number)
        head = f"### {number or 'Without a conversation'}"
        if isinstance(about, ConversationRecord):
            head += f", on {network_name(about.platform)}"
            numbers = ", ".join(each.ticket_id for each in about.tickets)
            head += f" (ticket {numbers})" if numbers else ""
        told += [head, *(_said(each) for each in said)]
    return told or ["Nothing was said."]


def _said(said: Said) -> str:
    record = said.record
    who = {"in": "You", "out": "We", "internal": "Told to our agents"}[record.direction or "in"]
    what = record.kind if record.type == Type.POST and record.kind else record.type
    marks = [what, record.visibility, record.outcome]
    if record.deleted:
        marks.append("removed on the network")
    head = f"**{_when(record.created_at)} {who}** ({', '.join(each for each in marks if each)})"
    body = [record.subject, record.text, f"Rated: {record.score}" if record.score else ""]
    more = [f"File: {each.url}" for each in record.media]
    texts = [each for each in said.versions if each != record.text]
    more += [f"Before or since, it read: {each}" for each in texts]
    more += [record.external_url, f"Because: {record.because}" if record.because else ""]
    lines = "\n\n".join(each for each in (*body, *more) if each)
    return f"{head}\n\n{_quoted(lines)}" if lines else head


def _where(export: Export) -> str:
    lines = [
        f"- our helpdesk ({_plain(record.ticket_system)}): ticket {each.ticket_id}, {each.status}"
        for change in export.conversations
        if isinstance(record := change.record, ConversationRecord)
        for each in record.tickets
    ]
    lines += [
        f"- {_plain(each.where)} ({_plain(each.what)}): {each.record}"
        f"{f' as {_plain(each.remote_id)}' if each.remote_id else ''}, {_plain(each.state)}"
        for each in (*export.crms, *export.webhooks)
    ]
    kept = export.arrived
    if kept.kept:
        lines.append(
            f"- {kept.kept} messages from networks are also kept as they arrived, the oldest of "
            f"{_when(kept.oldest)}"
        )
    return "\n".join(lines) or "Nowhere but here."


def _went(each: WentTo) -> dict[str, str | None]:
    return {**asdict(each), "at": _at(each.at)}


def _at(at: datetime | None) -> str | None:
    return instant(at) if at else None


def _when(at: datetime | None) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M") if at else "?"


def _plain(text: str) -> str:
    """One line in which nothing is markup."""
    return _MARKUP.sub(r"\\\1", html.escape(" ".join(text.split()), quote=False))


def _quoted(text: str) -> str:
    """What somebody wrote, line by line, so that it can end nothing and begin nothing."""
    lines = (_MARKUP.sub(r"\\\1", line) for line in html.escape(text, quote=False).splitlines())
    return "\n".join(f"> {line}  " if line.strip() else ">" for line in lines)
