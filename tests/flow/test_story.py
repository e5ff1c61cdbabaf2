"""The story end to end, over real HTTP on both sides, on both databases."""

from __future__ import annotations

from bridge.sandbox.zendesk import preset

PUBLIC, DIRECT = "public", "direct"


def test_a_public_mention_becomes_a_ticket_with_all_that_agents_need(world) -> None:
    """Group by the mapping, author, subject, permalink and channel fields, as the post says."""
    asked = world.ask("ada", "@bridge where is my parcel?")
    ticket = world.ticket()
    assert ticket.group_id == preset.GROUP_SOCIAL
    assert "Mastodon mention from Ada" in ticket.subject
    assert "where is my parcel?" in ticket.subject
    assert {"bridge", "bridge_mastodon", "bridge_public", "social"} <= set(ticket.tags)
    assert (
        ticket.value(preset.FIELD_NETWORK),
        ticket.value(preset.FIELD_ACCOUNT),
    ) == ("mastodon", "acme")
    assert "@ada@" in (ticket.value(preset.FIELD_AUTHOR) or "")
    assert asked.id in (ticket.value(preset.FIELD_PERMALINK) or "")
    (said,) = world.comments()
    assert said.public
    assert "where is my parcel?" in said.plain_body
    assert said.author_id == ticket.requester_id
    assert world.desk.user(ticket.requester_id).email is None


def test_a_public_answer_appears_in_the_thread_once(world) -> None:
    """What the agent writes on a public post's ticket is a public reply, however often we hear."""
    asked = world.ask("ada", "@bridge where is my parcel?")
    world.answer("On its way, Ada!")
    world.ping(world.ticket())
    world.later(600)
    ours = world.thread(asked)[1:]
    assert [(who, seen, text.replace("@sandbox.example", "")) for who, seen, text in ours] == [
        ("bridge", PUBLIC, "@ada On its way, Ada!")
    ]
    assert world.notes() == []


def test_an_answer_no_ping_told_of_is_found_by_the_reconciler(world) -> None:
    """Webhooks may never come: the helpdesk's export is read all the same."""
    asked = world.ask("ada", "@bridge where is my parcel?")
    world.clock.move(5)
    world.desk.answer(world.ticket().id, "On its way!")
    for _ in range(4):
        world.later(61)
    assert len(world.thread(asked)) == 2


def test_a_private_answer_to_a_public_post_is_followed_by_one_notice(world) -> None:
    """The direct message first, then the public notice, once, and no private word in public."""
    asked = world.ask("ada", "@bridge my card was charged twice", language="en")
    world.answer("Which order number is it? 4711?", reply_as="private")
    world.answer("I meant the one of May.", reply_as="private")
    told = world.thread(asked)[1:]
    assert [seen for _, seen, _ in told] == [DIRECT, PUBLIC, DIRECT]
    assert "4711" in told[0][2]
    assert "4711" not in told[1][2]
    assert "private" in told[1][2] or "direct" in told[1][2]
    assert all("4711" not in status.text for status in world.town.public_timeline())
    world.later(3600)
    assert len(world.thread(asked)) == 4


def test_the_first_word_chooses_too_and_is_not_sent(world) -> None:
    """#dm answers privately without touching a field."""
    asked = world.ask("ada", "@bridge hello?")
    world.answer("#dm Hello Ada, only for you")
    told = world.thread(asked)[1:]
    assert [seen for _, seen, _ in told] == [DIRECT, PUBLIC]
    assert "#dm" not in told[0][2]


def test_the_answer_to_a_handover_stays_on_its_ticket_and_private(world) -> None:
    """The customer answers the direct message: same ticket, and the next answer is private."""
    asked = world.ask("ada", "@bridge my card was charged twice")
    world.answer("#dm Which order?")
    ours = world.town.thread(asked.id)[1]
    world.ask("ada", "@bridge it is 4711", DIRECT, in_reply_to=ours.id)
    assert len(world.tickets()) == 1
    world.answer("Thank you, refunded.")
    last = world.town.thread(asked.id)[-1]
    assert (last.visibility, "refunded" in last.text) == (DIRECT, True)


def test_a_direct_message_is_a_ticket_and_its_answer_stays_private(world) -> None:
    """Nothing said in private is ever seen in public."""
    world.ask("chloe", "@bridge my address is 5 Rue X", DIRECT)
    ticket = world.ticket()
    assert ticket.group_id == preset.GROUP_PRIVATE
    assert ticket.priority == "high"
    world.answer("Merci Chloe !")
    told = world.town.direct_between("chloe", "bridge")
    assert len(told) == 2
    assert [s for s in world.town.public_timeline() if "Merci" in s.text] == []


def test_the_second_half_of_a_private_answer_stays_private(world) -> None:
    """They wrote privately and said so in public, and are answered twice: to all that the first
    answer answered, though the last of it was public."""
    asked = world.ask("ada", "@bridge where is my parcel?")
    world.answer("#dm what is your order number?")
    ours = world.town.direct_between("ada", "bridge")[-1]
    world.ask("ada", "@bridge it is 4711, card 1234", DIRECT, in_reply_to=ours.id)
    world.ask("ada", "@bridge sent you a DM!", in_reply_to=asked.id)
    for text in ("Thank you for order 4711", "Your card 1234 was charged twice", "It is paid back"):
        world.answer(text)
        assert DIRECT == next(how for _, how, said in world.thread(asked) if text in said)
    world.answer("#public All is well now")
    world.answer("Have a nice day")
    assert [PUBLIC, DIRECT] == [
        how for _, how, said in world.thread(asked) if "well now" in said or "nice day" in said
    ]


def test_a_choice_made_for_an_earlier_answer_does_not_publish_the_next(world) -> None:
    """The field still says public, but a private message came since: the answer is private."""
    asked = world.ask("ada", "@bridge hello")
    world.answer("Hello!", reply_as="public")
    world.answer("#dm tell me more")
    dm = world.town.thread(asked.id)[-2]
    assert dm.visibility == DIRECT
    world.ask("ada", "@bridge my card number is 1234", DIRECT, in_reply_to=dm.id)
    world.answer("Got it: 1234")
    last = world.town.direct_between("ada", "bridge")[-1]
    assert "Got it" in last.text


def test_a_reply_that_the_network_refuses_leaves_a_plain_note(world) -> None:
    """The ticket says what happened and what to do, is tagged, and open again."""
    asked = world.ask("dora", "@bridge my posts take no replies")
    world.answer("Hello Dora")
    assert len(world.thread(asked)) == 1
    (note,) = world.notes()
    assert "refused this reply" in note
    assert "as a new comment" in note
    assert {"bridge_delivery_failed", "bridge_refused"} <= set(world.ticket().tags)
    assert world.ticket().status == "open"
    assert world.ticket().value(preset.FIELD_DELIVERY) == "refused"


def test_retry_really_sends_again(world) -> None:
    """A note with #retry makes a new attempt with a receipt of its own."""
    world.town_faults.add("refuse_replies", times=1)
    asked = world.ask("ada", "@bridge hello")
    world.answer("Hello Ada")
    assert len(world.thread(asked)) == 1
    world.answer("#retry", public=False)
    assert len(world.thread(asked)) == 2
    assert any("after all" in note for note in world.notes())
    assert world.ticket().value(preset.FIELD_DELIVERY) == "delivered"
    world.answer("#retry", public=False)
    assert len(world.thread(asked)) == 2
    assert sum("No reply on this ticket waits" in note for note in world.notes()) == 1


def test_an_answer_that_is_too_long_is_not_cut(world) -> None:
    """Nothing is sent; the note says how long it is and how long it may be."""
    asked = world.ask("ada", "@bridge hello")
    world.answer("a very long word " * 60)
    assert len(world.thread(asked)) == 1
    (note,) = world.notes()
    assert "too long" in note
    assert "of 500" in note


def test_an_internal_note_is_never_sent(world) -> None:
    """Internal notes stay internal."""
    asked = world.ask("ada", "@bridge hello")
    world.answer("he is a difficult one", public=False)
    world.later(300)
    assert len(world.thread(asked)) == 1


def test_an_edit_updates_the_ticket_with_both_versions(world) -> None:
    """An edited post is no new comment of the customer: the ticket shows before and after."""
    asked = world.ask("ada", "@bridge order 12")
    world.town.edit(asked.id, "@bridge order 21")
    world.later(700)
    (note,) = world.notes()
    assert "order 21" in note
    assert "order 12" in note
    assert len(world.tickets()) == 1


def test_a_removed_post_is_redacted(world) -> None:
    """What the customer took back is taken off the ticket, and the ticket says so."""
    asked = world.ask("ada", "@bridge my number is 555-1234")
    world.town.delete(asked.id)
    world.later(700)
    assert all("555-1234" not in said.plain_body for said in world.comments())
    assert any("removed" in note for note in world.notes())


def test_no_notice_when_the_public_post_is_gone(world) -> None:
    """The customer removed the post while the agent answered it privately."""
    asked = world.ask("ada", "@bridge hello")
    world.town.delete(asked.id)
    world.answer("#dm Hello Ada")
    assert len(world.town.direct_between("ada", "bridge")) == 1
    assert [s for s in world.town.public_timeline() if "bridge" in str(s.author)] == []


def test_a_customers_word_reopens_a_solved_ticket(world) -> None:
    """A new message on a solved ticket opens it again."""
    asked = world.ask("ada", "@bridge hello")
    world.answer("Done!", status="solved")
    assert world.ticket().status == "solved"
    world.ask("ada", "@bridge not done", in_reply_to=asked.id)
    assert world.ticket().status == "open"
    assert len(world.comments()) == 3


def test_a_closed_ticket_goes_on_in_a_follow_up(world) -> None:
    """The next message opens a follow-up, and agents' answers there go out as before."""
    asked = world.ask("ada", "@bridge hello")
    world.desk.close(world.ticket().id)
    world.ask("ada", "@bridge hello again", in_reply_to=asked.id)
    first, second = world.tickets()
    assert first.id == second.follow_up_of
    world.answer("Hello again, Ada", second)
    assert "Hello again, Ada" in world.thread(asked)[-1][2]


def test_a_merged_ticket_goes_on_in_its_target(world) -> None:
    """An agent merges two tickets: what the customer says next lands in the target."""
    asked = world.ask("ada", "@bridge first")
    world.ask("chloe", "@bridge other")
    first, second = world.tickets()
    world.desk.merge(first.id, second.id)
    world.ask("ada", "@bridge more", in_reply_to=asked.id)
    assert any("more" in said.plain_body for said in world.comments(second))


def test_two_people_in_one_thread_have_a_ticket_each(world) -> None:
    """A second customer's words never appear under the first one's name."""
    asked = world.ask("ada", "@bridge hello")
    world.ask("chloe", "@bridge me too", in_reply_to=asked.id)
    assert len(world.tickets()) == 2


def test_a_picture_comes_and_goes(world) -> None:
    """Pictures are copied both ways."""
    from bridge.model import File

    picture = File("p.png", "image/png", b"\x89PNG\r\n\x1a\n" + b"0" * 40, "a parcel")
    media = world.town.upload("ada", picture.content, "image/png", "p.png", "a parcel")
    asked = world.ask("ada", "@bridge look", media=(media.id,))
    (said,) = world.comments()
    assert len(said.attachments) == 1
    world.answer("See here", files=(picture,))
    ours = world.town.thread(asked.id)[-1]
    assert ours.author == world.town.find("bridge").id
    assert len(ours.now.media) == 1
