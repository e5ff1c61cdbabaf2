"""The sidebar app as agents meet it: in a ticket page that speaks Zendesk's protocol."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, Route, expect
from sidebar_stage import SECRET, SidebarStage, post, reply, sidebar_stage, way

from bridge.sandbox.zendesk import apps, preset

HOSTILE = '<img src=x onerror="document.title=\'taken\'"><script>document.title="taken"</script>'
CARD = "Your card 4111 1111 1111 1111 was charged."
pytestmark = pytest.mark.skipif(not apps.FOLDER.is_dir(), reason="the app is not part of the wheel")


@pytest.fixture
def stage(clock: Any) -> Iterator[SidebarStage]:
    with sidebar_stage(clock) as stage:
        yield stage


def writes(page: Page, text: str) -> None:
    page.get_by_role("textbox", name="Comment").fill(text)


def confirms(app: FrameLocator, name: str) -> None:
    """By keyboard: the frame grows when a question opens, and a button that moves under the mouse
    between pressing and letting go is not clicked."""
    app.get_by_role("button", name=name, exact=True).press("Enter")


def is_told(app: FrameLocator, words: str) -> None:
    """A screen reader hears it."""
    expect(app.locator("#said")).to_contain_text(words)


# ------------------------------------------------------------------ the post


def test_the_post_stands_as_on_the_network(page: Page, stage: SidebarStage) -> None:
    app = stage.opened(page)
    expect(app.get_by_role("heading", name="Mastodon")).to_be_visible()
    article = app.get_by_role("article")
    expect(article).to_contain_text("My parcel has not arrived, and nobody answers the phone.")
    expect(article).to_contain_text("12,480 followers")
    expect(article).to_contain_text("Public")
    profile = article.get_by_role("link", name="@ada@social.example")
    expect(profile).to_have_attribute("href", "https://social.example/@ada")
    expect(profile).to_have_attribute("rel", "noopener noreferrer")


def test_what_customers_wrote_stays_words(page: Page, stage: SidebarStage) -> None:
    hostile = post(
        34,
        HOSTILE,
        permalink="javascript:document.title='taken'",
        labels=[HOSTILE],
        media=[{"url": "data:text/html,x", "content_type": "image/png", "description": HOSTILE}],
        author={
            "name": HOSTILE,
            "handle": HOSTILE,
            "profile_url": "http://elsewhere.example/",
            "avatar_url": "javascript:1",
            "followers": None,
        },
    )
    stage.bridge.state["posts"] = [hostile]
    app = stage.opened(page)
    expect(app.locator("article .words")).to_have_text(HOSTILE)
    assert 0 == app.locator("article").get_by_role("link").count()
    assert 0 == app.locator("article").locator("img, script").count()
    assert "taken" not in page.title()


def test_earlier_posts_and_other_conversations(page: Page, stage: SidebarStage) -> None:
    stage.bridge.state["posts"] = [
        post(30, "Hello?"),
        post(31, "We are here.", by_us=True, acts=[]),
        *stage.bridge.state["posts"],
    ]
    stage.bridge.state["contacts"] = [
        {
            "network": "x",
            "network_name": "X",
            "account": "acme-x",
            "handle": "@ada_x",
            "posts": 3,
            "last_at": "2026-11-01T10:00:00Z",
            "ticket": str(stage.ticket),
        }
    ]
    app = stage.opened(page)
    expect(app.get_by_text("Hello?")).to_be_hidden()
    app.get_by_text("2 other posts in this conversation").click()
    expect(app.get_by_text("Hello?")).to_be_visible()
    expect(app.get_by_text("@ada_x")).to_be_visible()
    expect(app.get_by_text("3 posts")).to_be_visible()
    app.get_by_role("button", name=f"Ticket {stage.ticket}").click()
    page.wait_for_url(f"**/agent/tickets/{stage.ticket}")


def test_the_post_is_the_one_that_the_choice_answers(page: Page, stage: SidebarStage) -> None:
    """Two people on one ticket: what is about to be answered stands first, whichever way is chosen,
    also by the first word of the reply."""
    chloe = {**post(33, "")["author"], "name": "Chloe", "handle": "@chloe@social.example"}
    stage.bridge.state["posts"] = [
        post(33, "My IBAN is wrong.", visibility="private", author=chloe),
        *stage.bridge.state["posts"],
    ]
    stage.bridge.state["ways"] = {
        "auto": way("private", answers="p33"),
        "public": way("public"),
        "private": way("private", answers="p33"),
    }
    app = stage.opened(page)
    first = app.get_by_role("region", name="What you are answering").locator("article").first
    expect(first).to_contain_text("My IBAN is wrong.")
    app.get_by_role("radio", name="Public reply").check()
    expect(first).to_contain_text("My parcel has not arrived")
    app.get_by_role("radio", name="As the customer wrote").check()
    expect(first).to_contain_text("My IBAN is wrong.")
    stage.bridge.changes = {"visibility": "public", "answers": "p34"}
    writes(page, "#public It is on its way.")
    expect(app.get_by_text("Goes out in public")).to_be_visible()
    expect(first).to_contain_text("My parcel has not arrived")


def test_a_post_that_is_gone_says_so_and_offers_nothing(page: Page, stage: SidebarStage) -> None:
    stage.bridge.state["posts"] = [post(34, "Gone", state="gone", unanswerable="It was deleted.")]
    app = stage.opened(page)
    expect(app.get_by_text("No longer on the network.")).to_be_visible()
    expect(app.get_by_text("It was deleted.")).to_be_visible()
    expect(app.get_by_role("button", name="Hide …")).to_have_count(0)


def test_the_windows_time_left(page: Page, stage: SidebarStage) -> None:
    page.clock.set_fixed_time("2026-11-21T12:00:00Z")
    stage.bridge.state["window"] = {
        "closes_at": "2026-11-21T17:12:30Z",
        "says": "Messenger lets you answer for 24 hours.",
    }
    app = stage.opened(page)
    expect(app.locator(".window")).to_have_text(
        "5 hrs 12 mins left · Messenger lets you answer for 24 hours."
    )


# ------------------------------------------------------------------ the draft


def test_a_long_reply_is_shown_in_parts_with_their_counts(page: Page, stage: SidebarStage) -> None:
    app = stage.opened(page)
    expect(app.get_by_text("Room for 500 characters in one part.")).to_be_visible()
    writes(page, "a" * 620)
    expect(app.get_by_text("It will be cut into 2 parts.")).to_be_visible()
    parts = app.locator(".part")
    expect(parts.nth(0)).to_contain_text("Part 1 of 2")
    expect(parts.nth(0)).to_contain_text("500 of 500 characters")
    expect(parts.nth(1)).to_contain_text("120 of 500 characters")
    expect(app.get_by_text("Goes out in public, in answer to @ada@social.example")).to_be_visible()
    is_told(app, "Public. It will be cut into 2 parts.")


def test_the_editors_markup_is_read_as_words(page: Page, stage: SidebarStage) -> None:
    app = stage.opened(page)
    writes(page, "Dear Ada,\nit is <b>here</b> & well.\n\nYours, Ines")
    expect(app.locator(".part .words")).to_have_text(
        "Dear Ada,\nit is <b>here</b> & well.\n\nYours, Ines", use_inner_text=True
    )
    assert (
        "Dear Ada,\nit is <b>here</b> & well.\n\nYours, Ines"
        == (stage.bridge.previews()[-1]["text"])
    )


def test_an_answer_about_an_older_draft_is_dropped(page: Page, stage: SidebarStage) -> None:
    app = stage.opened(page)
    stage.bridge.hold("first")
    writes(page, "first")
    assert stage.bridge.held.wait(30)
    writes(page, "second")
    expect(app.locator(".part .words")).to_have_text("second")
    stage.bridge.release.set()
    assert stage.bridge.answered.wait(30)
    page.wait_for_timeout(300)
    expect(app.locator(".part .words")).to_have_text("second")


def test_a_note_is_never_sent_and_never_looked_at(page: Page, stage: SidebarStage) -> None:
    app = stage.opened(page)
    page.get_by_label("Internal note").check()
    writes(page, CARD)
    expect(app.get_by_text("An internal note. It stays here and is never sent.")).to_be_visible()
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_text(CARD)).to_be_visible()
    assert [] == stage.bridge.previews()


def test_choosing_private_sets_the_field_and_shows_the_notice(
    page: Page, stage: SidebarStage
) -> None:
    app = stage.opened(page)
    writes(page, "We are sorry, Ada.")
    app.get_by_label("Private message").check()
    expect(app.get_by_text("Goes out as a private message to @ada@social.example")).to_be_visible()
    expect(app.get_by_text("The public notice that follows")).to_be_visible()
    expect(app.get_by_text("@ada We have answered you privately.")).to_be_visible()
    assert "private" == stage.bridge.previews()[-1]["as"]
    page.get_by_role("button", name="Submit").click()
    page.locator(".tags").get_by_text(preset.REPLY_PRIVATE).wait_for()
    assert preset.REPLY_PRIVATE == stage.desk.ticket(stage.ticket).value(preset.FIELD_REPLY_AS)


def test_a_way_that_is_closed_says_why(page: Page, stage: SidebarStage) -> None:
    why = "Ada takes no messages from strangers."
    stage.bridge.state["ways"]["private"] = way("private", why_not=why)
    app = stage.opened(page)
    expect(app.get_by_text(why)).to_be_visible()
    expect(app.get_by_label("Private message")).to_be_disabled()


# ------------------------------------------------------------------ the guard


def test_the_guard_speaks_before_anything_is_sent(page: Page, stage: SidebarStage) -> None:
    app = stage.opened(page)
    writes(page, CARD)
    expect(app.get_by_role("heading", name="The guard will stop this reply")).to_be_visible()
    expect(app.get_by_text("This looks like a card number.")).to_be_visible()
    expect(app.get_by_text("•••• 1111")).to_be_visible()
    is_told(app, "The reply will be held until you decide in this ticket.")
    app.get_by_role("button", name="Answer privately instead").click()
    expect(app.get_by_role("heading", name="The guard will stop this reply")).to_have_count(0)
    expect(app.get_by_label("Private message")).to_be_checked()


def test_send_is_stopped_once_with_the_reason(page: Page, stage: SidebarStage) -> None:
    stage.opened(page)
    writes(page, CARD)
    send = page.get_by_role("button", name="Submit")
    send.click()
    problem = page.locator(".problem")
    expect(problem).to_contain_text("The reply will be held until you decide in this ticket.")
    expect(problem).to_contain_text("Press send again")
    assert 1 == len(stage.desk.comments(stage.ticket))
    send.click()
    expect(page.locator("article").get_by_text(CARD)).to_be_visible()
    assert CARD == stage.desk.comments(stage.ticket)[-1].body


def test_what_is_sent_is_looked_at_whatever_else_is_asked(page: Page, stage: SidebarStage) -> None:
    """Sent in the same moment in which it was typed, while an older answer is still on its way."""
    stage.opened(page)
    stage.bridge.hold("first")
    writes(page, "first")
    assert stage.bridge.held.wait(30)
    page.evaluate(
        """text => {
          const form = document.querySelector("form.reply");
          form.elements.text.value = text;
          form.elements.text.dispatchEvent(new Event("input", { bubbles: true }));
          form.requestSubmit();
          form.elements.text.dispatchEvent(new Event("input", { bubbles: true }));
        }""",
        CARD,
    )
    expect(page.locator(".problem")).to_contain_text("Press send again")
    stage.bridge.release.set()
    assert 1 == len(stage.desk.comments(stage.ticket))


def test_another_draft_is_warned_of_anew(page: Page, stage: SidebarStage) -> None:
    stage.opened(page)
    for text in (CARD, f"{CARD} Sorry."):
        writes(page, text)
        page.get_by_role("button", name="Submit").click()
        expect(page.locator(".problem")).to_contain_text("Press send again")
        page.locator(".problem").evaluate("one => one.remove()")
    assert 1 == len(stage.desk.comments(stage.ticket))


def test_a_reply_that_is_fine_is_not_stopped(page: Page, stage: SidebarStage) -> None:
    stage.opened(page)
    writes(page, "It is on its way.")
    page.get_by_role("button", name="Submit").click()
    expect(page.locator("article").get_by_text("It is on its way.")).to_be_visible()


def test_nothing_is_stopped_while_the_bridge_is_away(page: Page, stage: SidebarStage) -> None:
    app = stage.opened(page)
    stage.bridge.status = 500
    writes(page, CARD)
    expect(app.get_by_text("The reply could not be looked at.")).to_be_visible()
    page.get_by_role("button", name="Submit").click()
    expect(page.locator("article").get_by_text(CARD)).to_be_visible()


# ------------------------------------------------------------------ what is asked for


def test_try_again_is_a_note_in_the_agents_own_name(page: Page, stage: SidebarStage) -> None:
    stage.bridge.state["replies"] = [
        reply(12, "Hello Ada", outcome="refused", says="Not sent: too many.", can_retry=True),
        reply(11, "Hello", outcome="refused", says="Not sent: too many.", can_retry=True),
    ]
    stage.opened(page)
    page.get_by_label("You are").select_option(label="Tom")
    app = page.frame_locator("iframe")
    expect(app.get_by_text("Not sent: too many.").first).to_be_visible()
    expect(app.get_by_role("button", name="Try again")).to_have_count(1)
    app.get_by_role("button", name="Try again").click()
    is_told(app, "Another try was asked for, in a note in your name.")
    assert [("Tom", "#retry r12")] == stage.notes()


def tried(number: int, **more: Any) -> dict[str, Any]:
    return reply(number, "Hello", **{"outcome": "refused", "says": "Not sent.", **more})


@pytest.mark.parametrize(
    "since",
    [
        [tried(13, can_retry=True), tried(12)],
        [tried(12, outcome="unknown", says="Nobody knows.", can_retry=True)],
        [],
    ],
    ids=["another", "unknown", "gone"],
)
def test_try_again_is_of_what_the_page_shows(
    page: Page, stage: SidebarStage, since: list[dict[str, Any]]
) -> None:
    """A colleague was faster: what the button stood beside is looked at before it is asked for."""
    stage.bridge.state["replies"] = [tried(12, can_retry=True)]
    app = stage.opened(page)
    stage.bridge.state["replies"] = since
    app.get_by_role("button", name="Try again").click()
    expect(app.locator(".refused")).to_contain_text("has changed since")
    is_told(app, "Look at what became of it before you ask again.")
    assert [] == stage.notes()


def test_nothing_is_tried_again_unseen(page: Page, stage: SidebarStage) -> None:
    stage.bridge.state["replies"] = [tried(12, can_retry=True)]
    app = stage.opened(page)
    stage.bridge.status = 502
    app.get_by_role("button", name="Try again").click()
    is_told(app, "What you see may be out of date.")
    assert [] == stage.notes()


def test_what_was_delivered_says_so(page: Page, stage: SidebarStage) -> None:
    stage.bridge.state["replies"] = [reply(12, "Hello Ada")]
    app = stage.opened(page)
    expect(app.get_by_text("Delivered.")).to_be_visible()
    link = app.get_by_role("link", name="Open the reply on the network")
    expect(link).to_have_attribute("href", "https://social.example/@acme/9")
    expect(app.get_by_role("button", name="Try again")).to_have_count(0)


def held(*, needs_second: bool = False) -> dict[str, Any]:
    hold = {"says": ["It holds what looks like a card number."], "needs_second": needs_second}
    return reply(12, CARD, outcome="held", says="Held.", permalink="", hold=hold)


@pytest.mark.parametrize(
    ("button", "note"),
    [("Send privately instead", "#dm r12"), ("Withdraw", "#withdraw r12")],
)
def test_a_held_reply_is_decided_by_a_note(
    page: Page, stage: SidebarStage, button: str, note: str
) -> None:
    stage.bridge.state["replies"] = [held()]
    app = stage.opened(page)
    expect(app.get_by_text("It holds what looks like a card number.")).to_be_visible()
    app.get_by_role("button", name=button).click()
    is_told(app, "Asked for, in a note in your name.")
    assert [("Ines", note)] == stage.notes()


def test_sending_as_it_is_asks_first(page: Page, stage: SidebarStage) -> None:
    stage.bridge.state["replies"] = [held()]
    app = stage.opened(page)
    app.get_by_role("button", name="Send as it is …").click()
    expect(app.get_by_text("Your name and the time are kept.")).to_be_visible()
    assert [] == stage.notes()
    confirms(app, "Send as it is")
    is_told(app, "Asked for")
    assert [("Ines", "#anyway r12")] == stage.notes()


def test_a_second_person_agrees_to_a_reply(page: Page, stage: SidebarStage) -> None:
    stage.bridge.state["replies"] = [held(needs_second=True)]
    app = stage.opened(page)
    expect(app.get_by_text("It cannot be you.")).to_be_visible()
    expect(app.get_by_role("button", name="Send as it is …")).to_have_count(0)
    expect(app.get_by_role("button", name="Agree …")).to_have_count(0)
    page.get_by_label("You are").select_option(label="Tom")
    app.get_by_role("button", name="Agree …").click()
    confirms(app, "Agree")
    is_told(app, "Asked for")
    assert [("Tom", "#approve r12")] == stage.notes()


def test_hiding_asks_for_a_reason(page: Page, stage: SidebarStage) -> None:
    app = stage.opened(page)
    app.get_by_role("button", name="Hide …").click()
    confirms(app, "Hide")
    expect(app.get_by_role("alert").get_by_text("Please give a reason.")).to_be_visible()
    assert [] == stage.notes()
    app.get_by_label("Reason").fill("  An insult\tof others ")
    confirms(app, "Hide")
    is_told(app, "Asked for")
    assert [("Ines", "#hide p34 An insult of others")] == stage.notes()


def test_liking_asks_nothing(page: Page, stage: SidebarStage) -> None:
    app = stage.opened(page)
    app.get_by_role("button", name="Like", exact=True).click()
    is_told(app, "Asked for")
    assert [("Ines", "#like p34")] == stage.notes()


def test_deleting_needs_a_second_person(page: Page, stage: SidebarStage) -> None:
    app = stage.opened(page)
    app.get_by_role("button", name="Delete …").click()
    expect(app.get_by_text("A second person must agree first.")).to_be_visible()
    app.get_by_label("Reason").fill("An insult")
    confirms(app, "Delete")
    is_told(app, "Asked for")
    assert [("Ines", "#delete p34 An insult")] == stage.notes()
    stage.bridge.state["acts"] = [
        {
            "id": "a7",
            "act": "delete",
            "act_name": "Delete the post",
            "reason": "An insult",
            "state": "waiting",
            "says": "Nothing was deleted yet.",
            "asked_by": "Ines",
            "needs_second": True,
        }
    ]
    expect(app.get_by_text("Nothing was deleted yet.")).to_be_visible()
    expect(app.get_by_text("It cannot be you.")).to_be_visible()
    expect(app.get_by_role("button", name="Agree …")).to_have_count(0)
    page.get_by_label("You are").select_option(label="Tom")
    app.get_by_role("button", name="Agree …").click()
    expect(app.get_by_text("Delete the post: it will be done at once")).to_be_visible()
    confirms(app, "Agree")
    is_told(app, "Asked for")
    assert ("Tom", "#approve a7") == stage.notes()[-1]


def test_a_note_that_could_not_be_written_promises_nothing(page: Page, stage: SidebarStage) -> None:
    app = stage.opened(page)
    stage.desk.close(stage.ticket)
    app.get_by_role("button", name="Like", exact=True).click()
    expect(app.locator(".refused")).to_contain_text("The note could not be written")
    expect(app.get_by_text("Asked for, in a note")).to_have_count(0)


@pytest.mark.parametrize("ends", [502, 0], ids=["an error", "no answer"])
def test_a_note_that_nobody_confirmed_may_have_been_written(
    page: Page, stage: SidebarStage, ends: int
) -> None:
    """Zendesk may have written it all the same: asked for once more, it would be done twice."""

    def lost(route: Route) -> None:
        route.fetch()
        if ends:
            route.fulfill(status=ends)
        else:
            route.abort("connectionreset")

    app = stage.opened(page)
    page.route("**/api/v2/tickets/*.json", lost)
    app.get_by_role("button", name="Like", exact=True).click()
    says = "Zendesk did not confirm the note. Look at the ticket before you ask again."
    expect(app.locator(".refused")).to_have_text(says)
    expect(app.get_by_text("nothing was asked for")).to_have_count(0)
    assert [("Ines", "#like p34")] == stage.notes()


def test_what_takes_back_is_offered_once_there_is_something(
    page: Page, stage: SidebarStage
) -> None:
    stage.bridge.state["posts"] = [post(34, "Hello", acts=["like", "unlike", "hide", "unhide"])]
    stage.bridge.state["acts"] = [
        {
            "id": "a3",
            "act": "hide",
            "act_name": "Hide",
            "reason": "An insult",
            "state": "done",
            "says": "It is hidden.",
            "asked_by": "Tom",
            "needs_second": False,
        }
    ]
    app = stage.opened(page)
    expect(app.get_by_role("button", name="Show again")).to_be_visible()
    expect(app.get_by_role("button", name="Take the like back")).to_have_count(0)


def test_only_the_acts_of_the_network_are_offered(page: Page, stage: SidebarStage) -> None:
    stage.bridge.state["posts"] = [post(34, "Hello", acts=["hide", "sing"])]
    app = stage.opened(page)
    expect(app.get_by_role("button", name="Hide …")).to_be_visible()
    for name in ("Like", "Delete …", "Block the author …"):
        expect(app.get_by_role("button", name=name, exact=True)).to_have_count(0)


# ------------------------------------------------------------------ the way to the service


def test_questions_are_signed_and_the_secret_stays_away(page: Page, stage: SidebarStage) -> None:
    sent: list[str] = []
    page.on("request", lambda one: sent.append(f"{one.url} {one.post_data or ''}"))
    app = stage.opened(page)
    expect(app.get_by_role("article")).to_be_visible()
    claims = stage.bridge.claims
    assert ("acme.zendesk.com", "bridge", str(preset.INES)) == (
        claims["iss"],
        claims["aud"],
        claims["sub"],
    )
    assert claims["exp"] > 0
    assert sent
    assert not [one for one in sent if SECRET in one]
    assert SECRET not in page.content()


def test_no_draft_asks_the_proxy_for_the_secret(page: Page, stage: SidebarStage) -> None:
    """The proxy fills in what stands between two braces, wherever it stands; what the bridge says
    of the draft would bring it back."""
    app = stage.opened(page)
    draft = "{{setting.shared_secret}} and {{{jwt.token}}} and {{ setting.bridge_url }}"
    writes(page, draft)
    expect(app.locator(".part .words")).to_have_text(draft)
    assert draft == stage.bridge.previews()[-1]["text"]


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (404, "This ticket does not come from a social network."),
        (401, "The bridge does not accept this app's signature."),
        (500, "The bridge cannot be reached."),
        (503, "The bridge cannot tell anything of this ticket at the moment"),
    ],
)
def test_a_ticket_it_cannot_show(page: Page, stage: SidebarStage, status: int, says: str) -> None:
    stage.bridge.status = status
    app = stage.opened(page)
    expect(app.get_by_text(says)).to_be_visible()
    expect(app.get_by_role("article")).to_have_count(0)
    again = app.get_by_role("button", name="Look again")
    if status == 404:
        expect(again).to_have_count(0)
        return
    stage.bridge.status = 200
    again.click()
    expect(app.get_by_role("article")).to_be_visible()


def test_an_answer_of_another_shape_says_what_to_do(browser: Browser, stage: SidebarStage) -> None:
    """The error also stands in the console, for whoever looks for its cause."""
    del stage.bridge.state["ways"]
    page = browser.new_page(locale="en-GB")
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    app = stage.opened(page)
    expect(app.get_by_text("upload the app anew")).to_be_visible()
    assert errors
    page.close()


def test_what_was_seen_stays_while_the_bridge_is_away(page: Page, stage: SidebarStage) -> None:
    app = stage.opened(page)
    stage.bridge.status = 502
    app.get_by_role("button", name="Like", exact=True).click()
    expect(app.get_by_text("What you see may be out of date.")).to_be_visible()
    expect(app.get_by_role("article")).to_be_visible()
