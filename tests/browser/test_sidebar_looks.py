"""The sidebar app for everybody: by keyboard, by ear, in German, in the dark, in a narrow place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from browsing import sticks_out, stumbles
from playwright.sync_api import Frame, FrameLocator, Page, expect
from sidebar_stage import SidebarStage, post, reply, sidebar_stage, way

from bridge.sandbox.zendesk import apps

# All of it at once: on a busy machine there would be rests between two letters.
TYPES = """(box, words) => {
  for (const letter of words) {
    box.value += letter;
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }
}"""
CARD = "Your card 4111 1111 1111 1111 was charged. " + "We are looking into it. " * 30
pytestmark = pytest.mark.skipif(not apps.FOLDER.is_dir(), reason="the app is not part of the wheel")


@pytest.fixture
def stage(clock: Any) -> Iterator[SidebarStage]:
    with sidebar_stage(clock) as stage:
        stage.bridge.state |= {
            "posts": [
                post(33, "Hello? " + "Averyverylongwordwithoutanybreak" * 6),
                post(
                    34,
                    "My parcel has not arrived.",
                    labels=["a review with 2 stars"],
                    edited=True,
                    unanswerable="Replies are switched off.",
                ),
            ],
            "contacts": [
                {
                    "network": "x",
                    "network_name": "X",
                    "account": "acme-x",
                    "handle": "@ada_x",
                    "posts": 3,
                    "last_at": "2026-11-01T10:00:00Z",
                    "ticket": "12",
                }
            ],
            "window": {"closes_at": "2099-11-21T17:12:30Z", "says": "24 hours."},
            "replies": [
                reply(
                    12,
                    CARD,
                    outcome="held",
                    says="Held.",
                    hold={"says": ["It holds a card number."], "needs_second": True},
                ),
                reply(11, "Hello", outcome="refused", says="Not sent.", can_retry=True),
                reply(10, "Hello", visibility="private"),
            ],
            "acts": [
                {
                    "id": "a7",
                    "act": "delete",
                    "act_name": "Delete",
                    "reason": "An insult",
                    "state": "held",
                    "says": "Nothing was deleted yet.",
                    "asked_by": "Tom",
                    "needs_second": True,
                }
            ],
        }
        yield stage


def shown_in_full(page: Page, stage: SidebarStage) -> FrameLocator:
    """Everything that the app can show at once: a draft that is too long and stopped, a form."""
    app = stage.opened(page)
    page.get_by_role("textbox", name="Comment").fill(CARD)
    expect(app.locator(".part")).to_have_count(2)
    app.get_by_role("button", name="Hide …").click()
    return app


def alone(page: Page) -> Frame:
    """The app's own document, for tools that look at one document."""
    return next(one for one in page.frames if "/agent/apps/" in one.url)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_screen_reader_stumbles_over_nothing(
    page: Page, stage: SidebarStage, scheme: str
) -> None:
    app = stage.opened(page)
    page.locator("#app-scheme").select_option(scheme)
    shown_in_full(page, stage)
    expect(app.get_by_label("Reason")).to_be_visible()
    assert [] == stumbles(page)
    frame: Any = alone(page)
    assert [] == stumbles(frame)
    frame.evaluate("document.querySelector('.ask label').remove()")
    assert "label" in " ".join(stumbles(frame))


def test_dark_and_light_as_zendesk_says(page: Page, stage: SidebarStage) -> None:
    app = stage.opened(page)
    body = app.locator("body")
    expect(body).to_have_css("background-color", "rgb(255, 255, 255)")
    page.locator("#app-scheme").select_option("dark")
    expect(body).to_have_css("background-color", "rgb(27, 36, 33)")
    page.reload()
    expect(body).to_have_css("background-color", "rgb(27, 36, 33)")
    page.locator("#app-scheme").select_option("light")
    expect(body).to_have_css("background-color", "rgb(255, 255, 255)")


def test_in_german(page: Page, stage: SidebarStage) -> None:
    stage.bridge.state["ways"]["private"] = way("private")
    stage.opened(page)
    page.locator("#app-locale").select_option("de")
    app = page.frame_locator("iframe")
    expect(app.get_by_role("heading", name="Was Sie beantworten")).to_be_visible()
    expect(app.get_by_text("12.480 Follower").first).to_be_visible()
    page.get_by_role("textbox", name="Comment").fill(CARD)
    expect(app.get_by_text("Sie wird in 2 Teile geteilt.")).to_be_visible()
    expect(app.get_by_text("Das sieht wie eine Kartennummer aus.")).to_be_visible()
    page.get_by_role("button", name="Submit").click()
    expect(page.locator(".problem")).to_contain_text("Senden Sie erneut")
    assert {"de"} == {body["locale"] for _, body in stage.bridge.asked[-2:]}
    assert "de" == app.locator("html").get_attribute("lang")


def test_any_other_language_is_english(page: Page, stage: SidebarStage) -> None:
    stage.opened(page)
    page.locator("#app-locale").select_option("fr")
    app = page.frame_locator("iframe")
    expect(app.get_by_role("heading", name="What you are answering")).to_be_visible()
    assert "en" == app.locator("html").get_attribute("lang")


def test_by_keyboard_alone(page: Page, stage: SidebarStage) -> None:
    app = stage.opened(page)
    frame = alone(page)
    app.get_by_role("link", name="@ada@social.example").first.focus()
    for _ in range(20):
        if "Hide" in frame.evaluate("document.activeElement.textContent"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(app.get_by_label("Reason")).to_be_focused()
    page.keyboard.press("Escape")
    button = app.get_by_role("button", name="Hide …")
    expect(button).to_be_focused()
    outline = button.evaluate("one => getComputedStyle(one).outlineStyle")
    assert "none" != outline
    page.keyboard.press("Enter")
    page.keyboard.type("An insult")
    page.keyboard.press("Enter")
    expect(app.locator("#said")).to_contain_text("Asked for")
    assert [("Ines", "#hide p34 An insult")] == stage.notes()
    expect(button).to_be_focused()


def test_the_choice_of_readers_by_keyboard(page: Page, stage: SidebarStage) -> None:
    app = stage.opened(page)
    app.get_by_label("As the customer wrote").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(app.get_by_label("Private message")).to_be_checked()
    expect(app.get_by_label("Private message")).to_be_focused()
    expect(page.get_by_label("Reply as")).to_have_value("private")


def test_a_form_that_is_filled_in_survives_what_is_new(page: Page, stage: SidebarStage) -> None:
    app = stage.opened(page)
    app.get_by_role("button", name="Hide …").click()
    app.get_by_label("Reason").fill("An ins")
    stage.bridge.state["posts"][1]["text"] = "Edited meanwhile."
    stage.bridge.state["replies"] = stage.bridge.state["replies"][2:]
    app.get_by_role("button", name="Try again").click()  # looks once, and finds nothing to try
    expect(app.get_by_text("Not sent.")).to_have_count(0)
    expect(app.get_by_label("Reason")).to_have_value("An ins")
    app.get_by_role("button", name="Cancel").click()
    # Long before the app looks again by itself.
    expect(app.get_by_text("Edited meanwhile.")).to_be_visible(timeout=10_000)


@pytest.mark.parametrize("width", [240, 320, 390])
def test_in_a_narrow_place(page: Page, stage: SidebarStage, width: int) -> None:
    page.set_viewport_size({"width": width + 80, "height": 800})
    shown_in_full(page, stage)
    page.locator("iframe").evaluate("(one, width) => { one.style.width = `${width}px`; }", width)
    frame = alone(page)
    assert width == frame.evaluate("document.documentElement.clientWidth")
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert 0 >= frame.evaluate(wide)


def test_the_stand_ins_page_on_a_telephone(phone: Page, stage: SidebarStage) -> None:
    shown_in_full(phone, stage)
    assert 0 >= sticks_out(phone)
    expect(phone.get_by_text("This frame stands in for Zendesk's app framework.")).to_be_visible()


def test_the_frame_is_as_high_as_what_it_shows(page: Page, stage: SidebarStage) -> None:
    app = shown_in_full(page, stage)
    frame = alone(page)
    high = "document.documentElement.scrollHeight - document.documentElement.clientHeight"
    expect(app.get_by_role("heading", name="The same person elsewhere")).to_be_visible()
    # The page's policy forbids what `wait_for_function` does: it evaluates text within the page.
    for _ in range(600):
        if frame.evaluate(high) <= 1:
            break
        page.wait_for_timeout(50)
    assert frame.evaluate(high) <= 1


def test_letters_are_not_read_out_one_by_one(page: Page, stage: SidebarStage) -> None:
    app = stage.opened(page)
    said = app.locator("#said")
    comment = page.get_by_role("textbox", name="Comment")
    comment.evaluate(TYPES, "Hello Ada")
    expect(said).to_have_text("Public")
    frame = alone(page)
    frame.evaluate(
        "window.told = 0; new MutationObserver(() => { window.told += 1; })"
        ".observe(document.getElementById('said'), { childList: true })"
    )
    comment.evaluate(TYPES, ", how are you?")
    expect(app.locator(".part")).to_contain_text("23 of 500 characters")
    comment.fill("x" * 480)
    expect(said).to_contain_text("480 of 500 characters")
    assert 2 >= frame.evaluate("window.told")
