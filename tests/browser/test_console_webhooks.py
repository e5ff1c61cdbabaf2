"""What an admin sees of webhooks, and does with them on the console."""

from __future__ import annotations

import pytest
from browsing import sticks_out, stumbles
from cryptography.fernet import Fernet
from playwright.sync_api import Page, expect

from bridge.ledger import deeds, endpoints, sendings
from bridge.ledger.sendings import Became
from bridge.settings import Secret

URL = "https://93.184.215.14/hook"


@pytest.fixture
def keyed(make_console):
    """A console whose installation can seal secrets."""
    console = make_console(secret_keys=(Secret(Fernet.generate_key().decode()),))
    console.sign_in()
    return console


def test_an_endpoint_on_a_telephone(keyed, phone: Page) -> None:
    """Added, its secret shown once; tested; paused with a reason; a new secret; removed."""
    with keyed.seen_on(phone) as url:
        phone.goto(f"{url}/webhooks")
        expect(phone.locator("main")).to_contain_text("Nobody is told yet")
        phone.get_by_role("link", name="Add an endpoint").click()
        expect(phone.locator("[name=url]")).to_be_visible()
        assert ([], 0) == (stumbles(phone), max(sticks_out(phone), 0))
        phone.locator("[name=name]").fill("crm")
        phone.locator("[name=url]").fill("https://10.0.0.1/hook")
        phone.get_by_label("Everything, also what is added later").uncheck()
        phone.get_by_label("customer.merged").check()
        phone.get_by_role("button", name="Add it").click()
        expect(phone.get_by_role("alert")).to_contain_text("not a public address")
        expect(phone.get_by_label("customer.merged")).to_be_checked()
        phone.locator("[name=url]").fill(URL)
        phone.get_by_role("button", name="Add it").click()
        secret = phone.get_by_label("Signing secret").input_value()
        assert secret.startswith("whsec_")
        phone.get_by_role("link", name="To crm").click()
        expect(phone.get_by_role("button", name="Send a test")).to_be_visible()
        assert secret not in phone.content()
        phone.get_by_role("button", name="Send a test").click()
        expect(phone.get_by_text("A test is on its way.")).to_be_visible()
        with keyed.bridge.ledger.writing() as tx:
            number = endpoints.named(tx, "crm").id
            (queued,) = sendings.log(tx, number, 9)
            sendings.settle(tx, queued, Became.FAILED, "93.184.215.14 answered 500", 500)
        phone.reload()
        expect(phone.locator("#rows")).to_contain_text("answered 500")
        assert ([], 0) == (stumbles(phone), max(sticks_out(phone), 0))
        phone.get_by_label("State").select_option("delivered")
        expect(phone.locator("#rows")).to_contain_text("Nothing that fits")
        phone.get_by_label("Why").fill("moving house")
        phone.get_by_role("button", name="Pause").click()
        expect(phone.locator("h1")).to_contain_text("paused")
        phone.get_by_role("button", name="Make a new secret").click()
        assert secret != phone.get_by_label("Signing secret").input_value()
        phone.get_by_role("link", name="To crm").click()
        phone.get_by_role("button", name="Remove crm").click()
        expect(phone.locator("main")).to_contain_text("Nobody is told yet")
    with keyed.bridge.ledger.reading() as tx:
        done = {(each.admin, each.what.split()[0]) for each in deeds.latest(tx, 9)}
    assert {("ada", word) for word in ("added", "tested", "paused", "renewed", "removed")} <= done


def test_what_the_forms_refuse(console, keyed) -> None:
    """Without a key nothing can be added; a replay says from where on; nobody else's number."""
    assert "BRIDGE_SECRET_KEY" in console.get("/webhooks/new").text
    form = {"name": "crm", "url": URL, "all": "yes"}
    assert 422 == console.post("/webhooks/new", **form).status_code
    assert 200 == keyed.post("/webhooks/new", **form).status_code
    with keyed.bridge.ledger.reading() as tx:
        number = endpoints.named(tx, "crm").id
    assert 303 == keyed.post(f"/webhooks/{number}/replay").status_code
    assert "from where on" in keyed.get(f"/webhooks/{number}").text
    asked = {"since": "2026-11-01T00:00", "last": "7"}
    assert 303 == keyed.post(f"/webhooks/{number}/replay", **asked).status_code
    assert "0 changes are sent once more" in keyed.get(f"/webhooks/{number}").text
    assert 303 == keyed.post(f"/webhooks/{number}/resume").status_code
    for way in ("", "/pause", "/resume", "/test", "/rotate", "/remove", "/replay"):
        ask = keyed.post if way else keyed.get
        assert 404 == ask(f"/webhooks/{number + 1}{way}").status_code
