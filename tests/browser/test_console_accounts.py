"""What an admin sees of accounts, and connects on the console."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import sticks_out, stumbles
from connecting_stage import Stage, open_stage
from cryptography.fernet import Fernet
from playwright.sync_api import Page, expect
from plugins_console import begin_session

from bridge.flow import standing
from bridge.ledger import Ledger, accounts, deeds, deliveries, mappings, migrate
from bridge.ledger.accounts import About, State
from bridge.model import Finding, Urgency
from bridge.web.console import cookies
from bridge.web.reloading import Reloading

WHSEC = "whsec_" + base64.b64encode(b"what the shop signs with").decode()
MAPPING = """
accounts:
  shop:
    network: site
    options:
      secret: env:SITE_SECRET
      reply_url: http://127.0.0.1:9/replies
      reply_secret: env:SITE_SECRET
rules:
  - name: Everything
    route: {group: Support}
"""


def test_the_list_says_how_each_stands(console, page: Page, clock) -> None:
    """In words, since when, why, and what to do; the helpdesk is one of them."""
    with console.bridge.ledger.writing() as tx:
        standing.trouble(tx, "acme", State.NEEDS_SIGN_IN, "the token was revoked", About.READING)
    with console.seen_on(page) as url:
        page.goto(f"{url}/accounts")
        row = page.get_by_role("row", name="acme")
        expect(row).to_contain_text("must sign in")
        expect(row).to_contain_text("the token was revoked")
        expect(row).to_contain_text("Renew the sign-in")
        expect(page.get_by_role("row", name="The helpdesk")).to_contain_text("nothing heard yet")
        assert [] == stumbles(page)


def test_pause_and_resume(console, page: Page) -> None:
    """An admin holds an account with a reason, and lets it go on; both are put down with their
    name, and the history shows them."""
    with console.seen_on(page) as url:
        page.goto(f"{url}/accounts/acme")
        page.get_by_label("Why").fill("a storm")
        page.get_by_role("button", name="Pause").click()
        expect(page.get_by_role("status")).to_contain_text("acme is paused")
        expect(page.locator("h1")).to_contain_text("paused")
        expect(page.locator(".timeline")).to_contain_text("a storm")
        with console.bridge.ledger.reading() as tx:
            assert State.DISABLED is accounts.standing(tx, "acme").state
        page.get_by_role("button", name="Resume").click()
        expect(page.get_by_role("status")).to_contain_text("goes on")
        with console.bridge.ledger.reading() as tx:
            assert State.CONNECTED is accounts.standing(tx, "acme").state
            done = [(each.admin, each.what, each.about) for each in deeds.latest(tx, 2)]
    assert [("ada", "resumed an account", "acme"), ("ada", "paused an account", "acme")] == done


def test_an_account_that_there_is_not(console) -> None:
    """Nothing is done to it; the helpdesk cannot be paused."""
    assert 404 == console.get("/accounts/nobody").status_code
    assert 404 == console.post("/accounts/nobody/pause").status_code
    assert 404 == console.post("/accounts/helpdesk:zendesk/pause").status_code
    assert 200 == console.get("/accounts/helpdesk:zendesk").status_code


def test_a_test_shows_what_is_found(console, page: Page, monkeypatch) -> None:
    """As it comes, and it is put down who looked."""
    found = (
        Finding("credentials", Urgency.OK, "the token is good"),
        Finding("policy", Urgency.PROBLEM, "messages of strangers are thrown away", "change it"),
    )
    kind = type(console.bridge.channels["acme"])
    monkeypatch.setattr(kind, "examine", lambda self: found)
    monkeypatch.setattr(kind, "limits", lambda self: (_ for _ in ()).throw(_away()))
    with console.seen_on(page) as url:
        page.goto(f"{url}/accounts/acme")
        expect(page.locator("#limits")).to_contain_text("does not tell at the moment")
        page.get_by_role("button", name="Test").click()
        expect(page.locator("main")).to_contain_text("This is all.")
        expect(page.locator(".findings")).to_contain_text("messages of strangers are thrown away")
        assert [] == stumbles(page)
    with console.bridge.ledger.reading() as tx:
        assert "tested an account" == deeds.latest(tx, 1)[0].what


def _away() -> Exception:
    from bridge.errors import Unreachable

    return Unreachable("it does not answer")


def test_on_a_telephone(console, phone: Page) -> None:
    """Nothing sticks out on any of the pages, in the dark neither."""
    phone.emulate_media(color_scheme="dark")
    with console.seen_on(phone) as url:
        for way in ("/accounts", "/accounts/helpdesk:zendesk", "/connect", "/connect/facebook"):
            phone.goto(f"{url}{way}")
            assert 0 == sticks_out(phone), way
            assert [] == stumbles(phone), way


def test_without_a_key_nothing_can_be_connected(console) -> None:
    """The page says what to do; a form that is sent all the same is refused."""
    assert "bridge new-key" in console.get("/connect/facebook").text
    assert 422 == console.post("/connect/facebook", account="shop").status_code
    assert 404 == console.get("/connect/nowhere").status_code


# ------------------------------------------------------------------ for real, at Meta's stand-in


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    (tmp_path / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
    environ = {
        "BRIDGE_DATABASE_URL": f"sqlite:///{tmp_path / 'ledger.sqlite3'}",
        "BRIDGE_MAPPINGS": str(tmp_path / "mapping.yaml"),
        "BRIDGE_SECRET_KEY": Fernet.generate_key().decode(),
        "SITE_SECRET": WHSEC,
        "ZENDESK_URL": "https://acme.zendesk.com",
        "ZENDESK_OAUTH_TOKEN": "desk-token-0815",
    }
    ledger = Ledger(environ["BRIDGE_DATABASE_URL"])
    migrate.upgrade(ledger)
    ledger.close()
    with open_stage(tmp_path, environ) as opened:
        yield opened


def sign_in(stage: Stage, page: Page) -> str:
    """The console of an installation that takes up by itself what is published."""
    bridge = stage.opened[-1]
    stage.app = Reloading(bridge)
    url = bridge.settings.public_url
    name = cookies.name_of(bridge.settings, cookies.SESSION)
    page.context.add_cookies([{"name": name, "value": begin_session(bridge), "url": url}])
    return f"{url}/console"


def fill_in(stage: Stage, page: Page, token: str) -> None:
    page.get_by_label("What should the account be called?").fill("acme")
    page.locator("summary").click()
    typed = {
        "app_id": stage.town.meta.id,
        "page_id": stage.page.id,
        "url": stage.town.url,
        "access_token": token,
        "app_secret": stage.town.meta.secret,
    }
    for option, value in typed.items():
        page.locator(f"[name=option-{option}]").fill(value)
    page.get_by_role("button", name="Try it").click()


def test_an_account_is_connected_and_hears(stage: Stage, page: Page) -> None:
    """Asked, tried at every layer, kept in a new revision under the admin's name; the running web
    service knows it, and what a customer writes arrives. No secret is on any page."""
    url = sign_in(stage, page)
    token = stage.town.token_for(stage.page)
    page.goto(f"{url}/accounts")
    page.get_by_role("link", name="Connect an account").click()
    page.get_by_role("link", name="Facebook").click()
    expect(page.get_by_label("What should the account be called?")).to_be_visible()
    assert [] == stumbles(page)
    fill_in(stage, page, token)
    expect(page.locator("main")).to_contain_text("It can be kept", timeout=60_000)
    for said in ("handshake", "signed delivery", "forged delivery", "permissions"):
        expect(page.locator("main")).to_contain_text(said)
    assert token not in page.content()
    assert [] == stumbles(page)
    page.get_by_role("button", name="Connect acme").click()
    expect(page.get_by_role("status")).to_contain_text("acme is connected")
    expect(page.get_by_role("row", name="acme")).to_contain_text("Facebook")
    with stage.ledger.reading() as tx:
        live = mappings.latest(tx)
    assert live is not None
    assert ("ada", "connected acme (facebook)") == (live.author, live.comment)
    assert "env:ACME_FACEBOOK_ACCESS_TOKEN" in live.text
    assert token.encode() not in stage.dump()
    stage.page.comment("jane", "Where is my order?")
    assert 1 == stage.town.deliver()
    with stage.ledger.reading() as tx:
        assert ["acme"] == [each.source for each in deliveries.next_waiting(tx, "acme", 5)]


def test_a_sign_in_that_does_not_work_is_never_kept(stage: Stage, page: Page) -> None:
    """Nothing is left of it, and it cannot be kept by asking for it."""
    url = sign_in(stage, page)
    page.goto(f"{url}/connect/facebook")
    page.get_by_label("Keep it in spite of problems").check()
    fill_in(stage, page, "EAAwrong")
    expect(page.locator("main")).to_contain_text("Nothing was kept", timeout=60_000)
    assert [] == stage.rows()
    expect(page.get_by_role("button", name="Connect acme")).to_have_count(0)


def test_what_is_wrong_stands_with_its_field(stage: Stage, page: Page) -> None:
    """A form with mistakes comes back with them, and without its secrets."""
    url = sign_in(stage, page)
    page.goto(f"{url}/connect/facebook")
    page.locator("form.stack").evaluate("form => form.noValidate = true")
    page.get_by_label("What should the account be called?").fill("Not A Name")
    page.locator("[name=option-app_secret]").fill("hush-hush")
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_role("alert")).to_contain_text("typed again")
    expect(page.locator("#wrong-account")).to_contain_text("small letters")
    expect(page.locator("#wrong-page_id")).to_contain_text("needed")
    assert "hush-hush" not in page.content()
    assert [] == stumbles(page)


def test_a_sign_in_is_renewed(stage: Stage, page: Page) -> None:
    """A token that does not work changes nothing; one that does replaces the sealed one, and the
    running web service works with it, without a restart and without another revision."""
    url = sign_in(stage, page)
    page.goto(f"{url}/connect/facebook")
    fill_in(stage, page, stage.town.token_for(stage.page))
    page.get_by_role("button", name="Connect acme").click(timeout=60_000)
    page.get_by_role("link", name="acme").click()
    expect(page.get_by_role("link", name="Renew the sign-in")).to_be_visible()
    before = stage.app.live.bridge
    page.get_by_role("link", name="Renew the sign-in").click()
    expect(page.locator("[name=option-access_token]")).to_be_visible()
    assert [] == stumbles(page)
    page.locator("[name=option-access_token]").fill("EAAwrong")
    page.get_by_role("button", name="Try, and replace").click()
    expect(page.locator("main")).to_contain_text("Nothing was changed", timeout=60_000)
    page.get_by_role("link", name="Try again").click()
    expect(page.locator("[name=option-access_token]")).to_have_value("")
    new = stage.town.token_for(stage.page)
    page.locator("[name=option-access_token]").fill(new)
    page.get_by_role("button", name="Try, and replace").click()
    expect(page.locator("main")).to_contain_text("Replaced.", timeout=60_000)
    assert new not in page.content()
    page.goto(f"{url}/accounts")
    after = stage.app.live.bridge
    assert before.mapping.number == after.mapping.number
    token = after.mapping.accounts["acme"].options["access_token"]
    assert new == token.reveal() != before.mapping.accounts["acme"].options["access_token"].reveal()
