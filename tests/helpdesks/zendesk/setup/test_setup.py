"""A set-up does what its plan says, once, and an undo takes back only that."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from stage_of_setup import Stage

from bridge.helpdesks.zendesk.setup import Kind, Remembered, Verdict
from bridge.model import Urgency
from bridge.sandbox.zendesk import preset
from bridge.settings import Secret

WORDS = "network account author followers profile permalink language reply_as reply_by delivery"
NOTHING = {"ticket_fields": [], "user_fields": [], "webhooks": [], "views": [], "macros": []}


def test_the_plan_comes_first(stage: Stage) -> None:
    """To look changes nothing; doing it is what the plan said; the next plan has nothing to do."""
    plan = stage.setup.plan()
    assert {Verdict.MAKE} == set(stage.verdicts(plan).values())
    assert stage.there() == NOTHING
    assert stage.memory.everything() == ()
    did = stage.apply()
    assert [each.wrong for each in did] == [""] * len(plan.steps)
    assert stage.verdicts() == dict.fromkeys(stage.verdicts(plan), Verdict.KEEP)


def test_what_is_made(stage: Stage) -> None:
    stage.apply()
    there = stage.there()
    assert len(there["ticket_fields"]) == len(WORDS.split())
    keys = ["bridge_followers", "bridge_handle", "bridge_network", "bridge_profile"]
    assert there["user_fields"] == keys
    assert there["views"] == [
        "Social: Mastodon",
        "Social: X",
        "Social: answers that did not arrive",
        "Social: private, to be answered",
        "Social: public, to be answered",
    ]
    (hook,) = stage.sandbox.desk.courier.all()
    assert hook.endpoint == "https://bridge.example/helpdesk/zendesk/events"
    assert hook.subscriptions == (
        "zen:event-type:ticket.comment_added",
        "zen:event-type:ticket.status_changed",
    )
    assert stage.memory.sealed("ZENDESK_WEBHOOK_SECRET").reveal() == hook.secret
    assert len(stage.memory.sealed("ZENDESK_APP_SECRET").reveal()) > 40
    assert stage.setup.app_secret().reveal() == stage.memory.sealed("ZENDESK_APP_SECRET").reveal()


def test_no_macro_makes_a_private_word_public(stage: Stage) -> None:
    """The word is the first of the comment, cannot grow together with the next, and the private
    ones have the field behind it."""
    from bridge.text.commands import take_command

    stage.apply()
    field = next(
        one.id
        for one in stage.sandbox.desk.fields.values()
        if "bridge_reply_private" in {choice.tag for choice in one.choices}
    )
    for macro in stage.sandbox.desk.rules.macros.values():
        actions = {each["field"]: each["value"] for each in json.loads(macro.body_json)["actions"]}
        command, _ = take_command(actions["comment_value"].strip() + "Hello")
        assert actions["comment_mode_is_public"] == "true"
        if command == "dm":
            assert actions[f"custom_fields_{field}"] == "bridge_reply_private"
        else:
            assert (command, len(actions)) == ("public", 2)


def test_in_german(stage: Stage) -> None:
    stage.wish(language="de-CH")
    stage.apply()
    assert "Netzwerke: privat, zu beantworten" in stage.there()["views"]
    assert "Antworten als" in stage.there()["ticket_fields"]


def test_undo_leaves_nothing(stage: Stage) -> None:
    """Not of what was made; everything else stays."""
    stage.sandbox.desk.add_webhook("https://other.example/hook")
    before = stage.there()
    stage.apply()
    assert not any(each.wrong for each in stage.undo())
    assert stage.there() == before
    assert stage.memory.everything() == ()
    assert not stage.memory.sealed("ZENDESK_APP_SECRET")
    assert not stage.memory.sealed("ZENDESK_WEBHOOK_SECRET")
    assert stage.undo() == ()


def test_what_somebody_changed_stays(stage: Stage) -> None:
    """A set-up does not change it back, an undo does not remove it; both say so."""
    stage.apply()
    rules = stage.sandbox.desk.rules
    changed = next(one for one in rules.views.values() if one.title == "Social: X")
    rules.views[changed.id] = replace(changed, title="X, all of it")
    step = next(each for each in stage.setup.plan().steps if each.name == "network_x")
    assert (step.verdict, "somebody changed it" in step.says) == (Verdict.KEEP, True)
    assert stage.apply() == ()
    left = next(each for each in stage.setup.undoing().steps if each.name == "network_x")
    assert left.verdict is Verdict.LEAVE
    stage.undo()
    assert stage.there() == {**NOTHING, "views": ["X, all of it"]}
    assert [thing.name for thing in stage.memory.everything()] == ["network_x"]


def test_what_was_there_is_used_and_stays(stage: Stage) -> None:
    """Fields and a webhook made by hand, or by another installation."""
    desk = stage.sandbox.desk
    field = next(one for one in preset.FIELDS if one.id == preset.FIELD_REPLY_AS)
    desk.fields[field.id] = field
    hook = desk.add_webhook("https://bridge.example/helpdesk/zendesk/events")
    verdicts = stage.verdicts()
    assert verdicts["ticket_field:reply_as"] is Verdict.ADOPT
    assert verdicts["webhook:events"] is Verdict.ADOPT
    stage.apply()
    assert len(stage.there()["webhooks"]) == 1
    assert stage.memory.sealed("ZENDESK_WEBHOOK_SECRET").reveal() == hook.secret
    assert stage.apply() == ()
    stage.undo()
    assert stage.there() == {**NOTHING, "ticket_fields": [field.title], "webhooks": [hook.name]}
    assert stage.memory.everything() == ()


def test_the_mapping_goes_first(stage: Stage) -> None:
    """A field that it names is neither made nor touched; one that it names wrongly is told."""
    stage.sandbox.desk.fields.update({one.id: one for one in preset.FIELDS})
    named = (("network", str(preset.FIELD_NETWORK)), ("language", "999"))
    stage.wish(fields=named)
    steps = {each.name: each for each in stage.setup.plan().steps if each.kind == "ticket_field"}
    assert steps["network"].verdict is Verdict.KEEP
    assert steps["language"].verdict is Verdict.IN_THE_WAY
    assert "999" in steps["language"].says
    stage.apply()
    made = {thing.name for thing in stage.memory.everything() if thing.kind is Kind.TICKET_FIELD}
    assert made == set(WORDS.split()) - {"network", "language"}


def test_what_is_in_the_way_is_left_alone(stage: Stage) -> None:
    """And said with what to do; the rest is made."""
    from bridge.sandbox.zendesk.records import Choice, Field
    from bridge.sandbox.zendesk.rules import Thing

    desk = stage.sandbox.desk
    half = Field(1, "tagger", "Answer", choices=(Choice("Private", "bridge_reply_private"),))
    desk.fields.update({1: half, 2: Field(2, "text", "Social network")})
    desk.rules.user_fields[3] = Thing(3, "Handle", key="bridge_handle", body_json='{"type":"date"}')
    desk.rules.views[4] = Thing(4, "Social: X", body_json='{"conditions":{"all":[],"any":[]}}')
    desk.add_webhook("https://bridge.example/helpdesk/zendesk/events", subscriptions=())
    plan = stage.setup.plan()
    told = {f"{each.kind}:{each.name}": each.says for each in plan.in_the_way}
    assert "lacks the options bridge_reply_auto" in told["ticket_field:reply_as"]
    assert "network: 2 under helpdesk: fields:" in told["ticket_field:network"]
    assert "of type date" in told["user_field:bridge_handle"]
    assert "is not ours: rename it" in told["view:network_x"]
    assert "not subscribed" in told["webhook:events"]
    assert "secret:webhook" in told
    did = stage.apply()
    wrong = {each.step.name: each.wrong for each in did if each.wrong}
    needs = "it needs the ticket field in which agents choose"
    assert wrong == {"private": needs, "order_number": needs}
    assert desk.fields[1] == half
    assert "Social::Answer in public" in stage.there()["macros"]


def test_another_address_changes_the_webhook(stage: Stage) -> None:
    """It stays the same webhook, with the same secret."""
    stage.apply()
    (before,) = stage.sandbox.desk.courier.all()
    stage.wish(public_url="https://new.example")
    assert stage.verdicts()["webhook:events"] is Verdict.CHANGE
    assert [each.wrong for each in stage.apply()] == [""]
    (after,) = stage.sandbox.desk.courier.all()
    assert after.id == before.id
    assert after.endpoint == "https://new.example/helpdesk/zendesk/events"
    assert stage.apply() == ()
    stage.undo()
    assert stage.there() == NOTHING


def test_a_new_network_gets_its_view(stage: Stage) -> None:
    """And one without an account any more is told of."""
    stage.apply()
    stage.wish(networks=("x", "whatsapp"))
    plan = stage.setup.plan()
    assert [step.title for step in plan.to_do] == ["Social: WhatsApp"]
    (left,) = [each for each in plan.findings if each.about == "left over"]
    assert "network_mastodon" in left.says
    stage.apply()
    stage.undo()
    assert stage.there() == NOTHING


def test_what_is_gone_is_made_again(stage: Stage) -> None:
    stage.apply()
    before = stage.there()
    stage.sandbox.desk.rules.macros.clear()
    stage.sandbox.desk.courier.remove(stage.sandbox.desk.courier.all()[0].id)
    stage.apply()
    assert stage.there() == before
    (hook,) = stage.sandbox.desk.courier.all()
    assert stage.memory.sealed("ZENDESK_WEBHOOK_SECRET").reveal() == hook.secret


def test_a_signing_secret_made_anew_is_fetched(stage: Stage) -> None:
    stage.apply()
    courier = stage.sandbox.desk.courier
    courier.add(replace(courier.all()[0], secret="made anew"))
    assert stage.verdicts()["secret:webhook"] is Verdict.CHANGE
    stage.apply()
    assert stage.memory.sealed("ZENDESK_WEBHOOK_SECRET").reveal() == "made anew"


def test_without_a_key_no_webhook(stage: Stage) -> None:
    """Nobody could believe its events; everything else is made."""
    stage.wish(can_seal=False)
    verdicts = stage.verdicts()
    blocked = {name for name, each in verdicts.items() if each is Verdict.IN_THE_WAY}
    assert blocked == {"webhook:events", "secret:webhook", "secret:app"}
    says = {each.name: each.says for each in stage.setup.plan().in_the_way}
    assert "bridge new-key" in says["events"]
    stage.apply()
    assert stage.there()["webhooks"] == []
    assert stage.there()["macros"]


def test_without_an_address_no_webhook(stage: Stage) -> None:
    """All the rest is made: answers are found through the export."""
    stage.wish(public_url="")
    plan = stage.setup.plan()
    assert () == plan.in_the_way
    left = {each.name: each.says for each in plan.steps if each.verdict is Verdict.LEAVE}
    assert set(left) == {"events", "webhook"}
    assert "BRIDGE_PUBLIC_URL is not set" in left["events"]
    assert [] == [each for each in plan.findings if each.urgency is Urgency.PROBLEM]
    stage.apply()
    assert () == stage.setup.plan().to_do
    assert [] == stage.there()["webhooks"]
    stage.wish(public_url="https://bridge.example")
    assert {"events", "webhook"} == {each.name for each in stage.setup.plan().to_do}


def test_an_address_that_is_set_no_more_leaves_the_webhook(stage: Stage) -> None:
    """It may only be missing in this shell: nothing is taken away, and an undo finds it."""
    stage.apply()
    before = stage.there()["webhooks"]
    stage.wish(public_url="")
    plan = stage.setup.plan()
    assert ((), ()) == (plan.to_do, plan.in_the_way)
    assert "left over" not in {each.about for each in plan.findings}
    assert before == stage.there()["webhooks"]
    undone = {each.name: each.verdict for each in stage.setup.undoing().steps}
    assert Verdict.REMOVE is undone["events"]


def test_what_the_environment_holds_goes_first(stage: Stage) -> None:
    """A secret there that cannot fit is told before a webhook is made that nobody would believe."""
    stage.wish(webhook_secret=Secret("of another"), app_secret=Secret("set"))
    verdicts = stage.verdicts()
    assert verdicts["webhook:events"] is Verdict.IN_THE_WAY
    assert verdicts["secret:app"] is Verdict.KEEP
    endpoint = "https://bridge.example/helpdesk/zendesk/events"
    hook = stage.sandbox.desk.add_webhook(endpoint)
    assert stage.verdicts()["secret:webhook"] is Verdict.IN_THE_WAY
    stage.wish(webhook_secret=Secret(hook.secret))
    assert stage.verdicts()["secret:webhook"] is Verdict.KEEP
    stage.apply()
    assert not stage.memory.sealed("ZENDESK_WEBHOOK_SECRET")


def test_a_group_that_is_missing_is_told(stage: Stage) -> None:
    stage.wish(groups=(("Refunds", "Biling"), ("Everything", "Social")))
    (found,) = [each for each in stage.setup.plan().findings if "rule" in each.about]
    assert (found.about, found.urgency) == ("rule 'Refunds'", Urgency.PROBLEM)
    assert "no group 'Biling'" in found.says


def test_missing_rights_are_told_thing_by_thing(stage: Stage) -> None:
    """The rest of the plan stands, and the rest of the work is done."""
    stage.sandbox.faults.add("403", method="GET", path="/api/v2/views", times=2)
    steps = [each for each in stage.setup.plan().steps if each.kind is Kind.VIEW]
    assert {each.verdict for each in steps} == {Verdict.IN_THE_WAY}
    assert all("does not let our user" in each.says for each in steps)
    plan = stage.setup.plan()
    stage.sandbox.faults.clear()
    stage.sandbox.faults.add("403", method="POST", path="/api/v2/macros", times=99)
    did = {each.step.name: each.wrong for each in stage.setup.apply(stage.setup.plan())}
    assert "does not let our user" in did["private"]
    assert did["events"] == ""
    stage.sandbox.faults.clear()
    assert {each.step.kind for each in stage.setup.apply(stage.setup.plan())} == {Kind.MACRO}
    assert plan.findings


def test_nothing_is_done_that_was_not_shown(stage: Stage) -> None:
    """What has changed between the plan and its consent is told, not done."""
    shown = stage.setup.plan()
    stage.sandbox.desk.fields[preset.FIELD_REPLY_AS] = next(
        one for one in preset.FIELDS if one.id == preset.FIELD_REPLY_AS
    )
    did = {each.step.name: each.wrong for each in stage.setup.apply(shown)}
    assert "run it again" in did["reply_as"]
    assert len(stage.sandbox.desk.fields) == len(WORDS.split())


@pytest.mark.parametrize("cut_short", [True, False])
def test_what_somebody_made_in_between_is_not_ours(stage: Stage, cut_short: bool) -> None:
    """A run ended before the call, or somebody removed ours; then an admin made one by hand. It is
    used, and an undo leaves it."""
    endpoint = "https://bridge.example/helpdesk/zendesk/events"
    if cut_short:
        stage.memory.put(Remembered(Kind.WEBHOOK, "events", "", sent="{}"))
    else:
        stage.apply()
        stage.sandbox.desk.courier.remove(stage.sandbox.desk.courier.all()[0].id)
    by_hand = stage.sandbox.desk.add_webhook(endpoint)
    assert stage.verdicts()["webhook:events"] is Verdict.ADOPT
    if cut_short:
        stage.undo()
        assert [by_hand.id] == [one.id for one in stage.sandbox.desk.courier.all()]
    stage.apply()
    assert [by_hand.id] == [one.id for one in stage.sandbox.desk.courier.all()]
    stage.undo()
    assert [by_hand.id] == [one.id for one in stage.sandbox.desk.courier.all()]


def test_a_change_of_ours_that_was_cut_short_hides_no_change_of_theirs(stage: Stage) -> None:
    """Nobody can tell whose it is, so an undo leaves it."""
    stage.apply()
    known = next(one for one in stage.memory.everything() if one.name == "network_x")
    stage.memory.put(replace(known, next="{}"))
    rules = stage.sandbox.desk.rules
    changed = next(one for one in rules.views.values() if one.title == "Social: X")
    rules.views[changed.id] = replace(changed, title="X, all of it")
    stage.undo()
    assert stage.there() == {**NOTHING, "views": ["X, all of it"]}
