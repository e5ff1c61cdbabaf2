"""An account, or the helpdesk, examined as it stands. Nothing is changed."""

from __future__ import annotations

from collections.abc import Iterator

from bridge.channels.contract import Channel, Examined
from bridge.errors import Misconfigured
from bridge.flow.bridge import Bridge
from bridge.mapping import Route
from bridge.model import Comment, Finding, Ticket, Urgency


def account(channel: Channel) -> Iterator[Finding]:
    """What the network itself finds."""
    if isinstance(channel, Examined):
        yield from channel.examine()
    else:
        yield Finding("examination", Urgency.OK, "this network cannot be examined")


def helpdesk(bridge: Bridge) -> Iterator[Finding]:
    """Its sign-in and its settings, and whether it has what the rules name."""
    findings = bridge.helpdesk.examine()
    yield from findings
    if not any(each.about == "sign-in" and each.urgency is Urgency.PROBLEM for each in findings):
        yield from _targets(bridge)


def _targets(bridge: Bridge) -> Iterator[Finding]:
    """The groups, assignees and forms that the rules name: does the helpdesk have them?"""
    routes = {rule.name: rule.then for rule in bridge.mapping.rules if isinstance(rule.then, Route)}
    if bridge.mapping.ops:
        routes["ops"] = Route("ops", "", group=bridge.mapping.ops.group)
    if bridge.mapping.storm and bridge.mapping.storm.group:
        routes["storm"] = Route("storm", "", group=bridge.mapping.storm.group)
    wrong = 0
    for rule, route in routes.items():
        ticket = Ticket(
            "",
            "",
            group=route.group,
            priority=route.priority,
            assignee=route.assignee,
            form=route.form,
            tags=route.tags,
            fields=route.fields,
        )
        try:
            bridge.helpdesk.compose_open(ticket, Comment("doctor", "", public=False), "1")
        except Misconfigured as unknown:
            wrong += 1
            do = "make it in the helpdesk, or change the rule"
            yield Finding(f"rule {rule!r}", Urgency.PROBLEM, unknown.because, do)
    if routes and not wrong:
        says = "the helpdesk has every group, assignee and form that the rules name"
        yield Finding("rules", Urgency.OK, says)
