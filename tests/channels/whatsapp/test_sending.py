"""What goes out to WhatsApp, against the stand-in: words, files, the way out of a closed window."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bridge.channels.whatsapp import sending
from bridge.errors import Expired, Gone, NobodyKnows, RateLimited, Refused
from bridge.model import Arrival, File, Kind, Media, Person, Report, Visibility

PICTURE = File("p.png", "image/png", b"\x89PNG\r\n\x1a\n" + b"0" * 40)


def answer(number, text: str, *, files: tuple[File, ...] = (), **how):
    post = number.says("Where is it?")
    return replace(number.reply(text, to=post), files=files, **how)


def reports(number) -> list[Report]:
    found = [event for raw in number.arrivals() for event in number.channel.unpack(raw.body)]
    return [event for event in found if isinstance(event, Report)]


def test_nothing_is_said_in_public(number) -> None:
    """There is nobody to read it."""
    with pytest.raises(Refused):
        number.channel.send(answer(number, "Hello", visibility=Visibility.PUBLIC))


def test_the_mark_comes_back_with_what_became_of_it(number) -> None:
    """Sent and delivered, in whatever order: a lost answer is known by it."""
    number.number.statuses_backwards = True
    reply = answer(number, "On its way")
    receipt = number.channel.send(reply)
    told = reports(number)
    assert {Arrival.SENT, Arrival.DELIVERED} == {each.state for each in told}
    assert {(receipt.id, reply.key)} == {(each.message_id, each.mark) for each in told}


def test_it_answers_the_message_it_is_for(number) -> None:
    """The customer sees what is answered above it."""
    reply = answer(number, "On its way")
    number.channel.send(reply)
    assert reply.in_reply_to == number.number.said()[-1].context


def test_somebody_without_a_number_is_answered_by_the_user_id(number) -> None:
    """`recipient` and not `to`; the stand-in takes exactly one of them."""
    number.town.change("jane", phone="", bsuid="US.4711")
    reply = answer(number, "On its way", to=Person("whatsapp", "US.4711", "jane", "Jane"))
    number.channel.send(reply)
    assert "jane" == number.number.said()[-1].who


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        (PICTURE, "image"),
        (File("a.pdf", "application/pdf", b"%PDF-1.4"), "document"),
        (File("a.webp", "image/webp", b"RIFF"), "document"),
        (File("a.jpg", "image/jpeg", b"0" * (5 * sending.MEGABYTE + 1)), "document"),
        (File("a.mp4", "video/mp4; codecs=avc1", b"0"), "video"),
    ],
)
def test_a_file_goes_as_what_whatsapp_shows(number, file, kind) -> None:
    """A picture as one, what is too large or unknown as a document."""
    assert kind == sending.kind_of(file)


def test_a_file_arrives(number) -> None:
    """By itself: one message takes words or a file."""
    number.channel.send(answer(number, "", files=(PICTURE,)))
    assert "image" == number.number.said()[-1].type
    with pytest.raises(Refused):
        number.channel.send(answer(number, "and words", files=(PICTURE,)))


def test_a_closed_window_is_known_before_it_is_tried(number) -> None:
    """A day after the customer's last message."""
    reply = answer(number, "Hello")
    number.later(hours=25)
    with pytest.raises(Expired):
        number.channel.send(reply)
    assert () == number.written()


@pytest.mark.parametrize("at_once", [True, False])
def test_a_window_that_closed_unseen_is_told(number, at_once) -> None:
    """Refused at once, or taken and failed later, as WhatsApp does either."""
    number.number.refuses_at_once = at_once
    reply = answer(number, "Hello", heard_at=None)
    number.later(hours=25)
    if at_once:
        with pytest.raises(Expired):
            number.channel.send(reply)
        return
    number.channel.send(reply)
    (told,) = [each for each in reports(number) if each.state is Arrival.FAILED]
    assert ("expired", reply.key) == (told.code, told.mark)
    assert told.because


def test_the_template_leads_out_of_a_closed_window(number) -> None:
    """With what the agent added in its blank, in one line."""
    number.channel = number.open(template="come_back", template_language="en_US")
    reply = answer(number, "your parcel\nis here", template=True)
    number.later(hours=25)
    number.channel.send(reply)
    assert "your parcel is here" in str(number.number.said()[-1].content)
    assert "come_back" == number.channel.template_name("en")


def test_a_template_that_does_not_exist_is_refused(number) -> None:
    """With a sentence of its own."""
    number.channel = number.open(template="never_approved")
    with pytest.raises(Refused) as refused:
        number.channel.send(answer(number, "", template=True))
    assert "template_refused" == refused.value.code


def test_without_a_template_none_is_sent(number) -> None:
    """The channel says so before anything leaves."""
    assert "" == number.channel.template_name("en")
    with pytest.raises(Refused):
        number.channel.send(answer(number, "", template=True))


def test_too_many_to_one_person_is_a_wait(number) -> None:
    """About one message in six seconds to the same person, after a burst."""
    number.number.pair_burst = 1
    reply = answer(number, "one")
    number.channel.send(reply)
    with pytest.raises(RateLimited):
        number.channel.send(replace(reply, text="two", key="intent-2"))


def test_a_file_of_the_customer_is_fetched_with_our_token(number) -> None:
    """By its id; the link that leads to it works for minutes and for us alone."""
    number.number.file("jane", b"%PDF-1.4 a bill", "application/pdf", filename="bill.pdf")
    (raw,) = number.arrivals()
    (post,) = number.channel.unpack(raw.body)
    file = number.channel.fetch(post.media[0], 1_000)
    assert (b"%PDF-1.4 a bill", "bill.pdf") == (file.content, file.filename)


def test_only_whatsapp_s_own_files_are_asked_for(number) -> None:
    """Our token goes to the Graph API and to nobody else."""
    for url in ("https://elsewhere.example/1", "http://127.0.0.1:1/1", ""):
        with pytest.raises(Refused):
            number.channel.fetch(Media(url), 1_000)


def test_a_file_that_is_gone_is_gone(number) -> None:
    """After seven days there is nothing to ask for."""
    media = Media(f"{number.town.url}/v25.0/4711")
    with pytest.raises(Gone):
        number.channel.fetch(media, 1_000)


def test_after_a_lost_answer_nobody_knows(number) -> None:
    """There is nothing to look it up by; the mark in the statuses will tell."""
    number.town.faults.add("drop_after_write", method="POST", path="/v25.0/*")
    reply = answer(number, "On its way")
    with pytest.raises(NobodyKnows):
        number.channel.send(reply)
    assert {reply.key} == {each.mark for each in reports(number)}


def test_kinds_of_the_reply_do_not_matter(number) -> None:
    """The second of several messages answers nothing in particular."""
    number.channel.send(answer(number, "two", answers=None))
    assert "" == number.number.said()[-1].context
    number.channel.send(answer(number, "one", answers=Kind.DM))
    assert "" != number.number.said()[-1].context


def test_how_long_it_may_wait(number) -> None:
    """The window is data for guards and notes."""
    assert timedelta(days=1) == number.channel.limits().reply_window
