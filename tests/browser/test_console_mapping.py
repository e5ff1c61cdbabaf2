"""The mapping in the console: changed by somebody who has never seen one, with a look ahead."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from browsing import sticks_out, stumbles
from playwright.sync_api import Page, expect

from bridge.flow import publishing
from bridge.ledger import conversations, mappings, people, posts
from bridge.ledger.posts import Because
from bridge.model import Kind, Person, Post, Visibility
from bridge.opening import publish

RULE = """\
rules:
  - name: Refunds
    when: {words: refund}
    route: {group: Billing, priority: high}
"""
GONE_WRONG = RULE.replace("group", "grup")


@pytest.fixture
def published(console: Any) -> Any:
    """A worker has published the files as revision 1; three posts came this week."""
    publish(console.bridge)
    ledger, now = console.bridge.ledger, console.bridge.clock()
    with ledger.writing() as tx:
        for number, text in enumerate(("I want a refund!", "REFUND please", "Nice shoes"), 1):
            ada = Person("mastodon", str(number), f"ada{number}@example.social", "Ada")
            person = people.remember(tx, ada)
            said = Post(
                account="acme",
                network="mastodon",
                id=f"p{number}",
                kind=Kind.MENTION,
                visibility=Visibility.PUBLIC,
                author=ada,
                text=text,
                created_at=now - timedelta(days=number),
                thread_id=f"p{number}",
            )
            thread = conversations.begin(tx, "acme", person, f"thread:p{number}", now)
            stored = posts.store(
                tx,
                said,
                person_id=person,
                conversation_id=thread,
                because=Because("Everything", "the rule takes every post", 1),
            )
            posts.add_revision(tx, stored, said, None)
    return console


def text_of(console: Any) -> str:
    with console.bridge.ledger.reading() as tx:
        live = mappings.latest(tx)
    assert live is not None
    return live.files[0][1]


def test_a_rule_is_added_looked_at_and_published(page: Page, published: Any) -> None:
    """A mistake is told at its line while it is typed; then the preview; then everybody has it."""
    with published.seen_on(page) as url:
        page.goto(f"{url}/mapping")
        expect(page.get_by_text("Revision 1", exact=False).first).to_be_visible()
        expect(page.get_by_role("row", name="Everything")).to_contain_text(
            "every post that no rule above has taken"
        )
        assert [] == stumbles(page)
        page.get_by_role("link", name="Edit", exact=True).click()
        area = page.get_by_label("mapping.yaml")
        area.fill(text_of(published).replace("rules:\n", GONE_WRONG))
        mistake = page.locator("#checked").get_by_role("link", name="line 9")
        expect(mistake).to_be_visible()
        expect(page.locator("#checked")).to_contain_text('did you mean "group"?')
        expect(page.locator(".gutter .wrong")).to_have_text("9")
        assert [] == stumbles(page)
        mistake.click()
        expect(area).to_be_focused()
        chosen = area.evaluate("a => a.value.slice(a.selectionStart, a.selectionEnd)")
        assert "grup" in chosen
        area.fill(text_of(published).replace("rules:\n", RULE))
        expect(page.locator("#checked")).to_contain_text("It can be used")
        page.get_by_role("button", name="See what it changes").click()
        row = page.get_by_role("row", name="by “Refunds”")
        expect(row).to_contain_text("Support")
        expect(row).to_contain_text("Billing; priority high")
        expect(row).to_contain_text("ada1@example.social")
        expect(page.get_by_text("2 would have gone elsewhere, 1 as they did")).to_be_visible()
        expect(page.locator("tr.added").first).to_contain_text("name: Refunds")
        assert [] == stumbles(page)
        page.get_by_label("Why?").fill("refunds go to those who pay them")
        page.get_by_role("button", name="Publish").click()
        expect(page.get_by_text("Revision 2 is live")).to_be_visible()
        expect(page.get_by_role("row", name="Refunds")).to_contain_text("says “refund”")
    assert "Refunds" in text_of(published)
    assert "published the mapping" in published.get("/audit").text


def test_going_back_is_another_revision(page: Page, published: Any) -> None:
    """The history names who and why; two are compared; an old one is published again."""
    change(published, "Sales", 1)
    with published.seen_on(page) as url:
        page.goto(f"{url}/mapping/history")
        expect(page.get_by_role("row", name="the shop moved")).to_contain_text("bob")
        assert [] == stumbles(page)
        page.get_by_role("link", name="What it changed in revision 2").click()
        expect(page.locator("tr.removed")).to_contain_text("group: Support")
        expect(page.locator("tr.added")).to_contain_text("group: Sales")
        assert [] == stumbles(page)
        page.goto(f"{url}/mapping/revisions/1")
        expect(page.get_by_role("row", name="Sales").first).to_be_visible()
        page.get_by_label("Why?").fill("it did not")
        page.get_by_role("button", name="Go back to revision 1").click()
        expect(page.get_by_text("Revision 3 is live: it says what 1 said.")).to_be_visible()
    assert "group: Support" in text_of(published)


def test_two_admins_do_not_overwrite_one_another(page: Page, published: Any) -> None:
    """Who comes second is shown what the first one changed, before anything is published."""
    with published.seen_on(page) as url:
        page.goto(f"{url}/mapping/edit")
        page.get_by_label("mapping.yaml").fill(text_of(published).replace("rules:\n", RULE))
        page.get_by_role("button", name="See what it changes").click()
        expect(page.get_by_label("Why?")).to_be_visible()
        change(published, "Sales", 1)
        page.get_by_label("Why?").fill("refunds")
        page.get_by_role("button", name="Publish").click()
        notice = page.get_by_role("region", name="Somebody else has published since you began")
        expect(notice).to_contain_text("bob")
        expect(notice).to_contain_text("the shop moved")
        expect(notice.locator("tr.added")).to_contain_text("group: Sales")
        expect(page.get_by_role("button", name="Publish")).to_have_count(0)
        assert [] == stumbles(page)
        assert "group: Sales" in text_of(published)
        page.get_by_role("button", name="Put my change upon revision 2").click()
        expect(page.locator("tr.removed")).to_have_count(0)
        page.get_by_label("Why?").fill("refunds")
        page.get_by_role("button", name="Publish").click()
        expect(page.get_by_text("Revision 3 is live")).to_be_visible()
    assert "group: Sales" in text_of(published)
    assert "name: Refunds" in text_of(published)


def test_two_who_changed_the_same_line_are_told(page: Page, published: Any) -> None:
    """Nothing is put together by itself; the second says that the first's change was seen."""
    with published.seen_on(page) as url:
        page.goto(f"{url}/mapping/edit")
        text = text_of(published).replace("group: Support", "group: Press")
        page.get_by_label("mapping.yaml").fill(text)
        change(published, "Sales", 1)
        page.get_by_role("button", name="See what it changes").click()
        expect(page.get_by_text("You changed the same lines")).to_be_visible()
        page.get_by_role("button", name="base my draft on revision 2").click()
        expect(page.locator("tr.removed")).to_contain_text("group: Sales")
        page.get_by_label("Why?").fill("press")
        page.get_by_role("button", name="Publish").click()
        expect(page.get_by_text("Revision 3 is live")).to_be_visible()
    assert "group: Press" in text_of(published)


def test_a_secret_is_not_kept(page: Page, published: Any) -> None:
    """It is told at once, and stands in no table."""
    with published.seen_on(page) as url:
        page.goto(f"{url}/mapping/edit")
        leaked = text_of(published).replace("env:MASTODON_TOKEN", "toot-toot-9999")
        page.get_by_label("mapping.yaml").fill(leaked)
        expect(page.locator("#checked")).to_contain_text("this draft is not kept")
        page.get_by_role("button", name="Keep the draft").click()
        expect(page.get_by_text("so it was not kept")).to_be_visible()
    with published.bridge.ledger.reading() as tx:
        assert () == mappings.drafts(tx)


def test_everything_fits_a_telephone(phone: Page, published: Any) -> None:
    """Nothing scrolls sideways but the lines of the files, inside their own frame."""
    change(published, "Sales", 1)
    with published.seen_on(phone) as url:
        for path in ("", "/edit", "/history", "/revisions/1", "/compare?from=1&to=2"):
            phone.goto(f"{url}/mapping{path}")
            assert 0 == sticks_out(phone), path
            assert [] == stumbles(phone), path


def change(console: Any, group: str, base: int) -> None:
    """Bob publishes."""
    text = text_of(console).replace("group: Support", f"group: {group}")
    files = (("mapping.yaml", text),)
    publishing.publish(console.bridge, files, author="bob", comment="the shop moved", base=base)
