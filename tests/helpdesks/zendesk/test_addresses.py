"""Where the desk calls: the address of its settings and no other."""

import threading

import pytest

from bridge.errors import BridgeError, Misconfigured
from bridge.settings import Secret, ZendeskSettings


def test_no_address_is_a_setting_to_mend(new_desk):
    """Without an address or credentials nothing is built."""
    with pytest.raises(Misconfigured, match="ZENDESK_URL"):
        new_desk("")
    with pytest.raises(Misconfigured, match="ZENDESK_OAUTH_TOKEN"):
        new_desk("https://x.zendesk.com", oauth_token=Secret(""))


def test_two_desks_live_in_one_process(new_stub, new_desk, monkeypatch):
    """Each calls its own address, below its own path, whatever zenpy's environment says."""
    monkeypatch.setenv("ZENPY_FORCE_NETLOC", "127.0.0.1:1")
    monkeypatch.setenv("ZENPY_FORCE_SCHEME", "http")
    one, two = new_stub(), new_stub()
    first = new_desk(one.address)
    second = new_desk(
        two.address.replace("127.0.0.1", "localhost") + "/helpdesk/", oauth_token=Secret("t2")
    )
    for _ in range(2):
        one.will({"ticket": {"id": 1, "status": "open"}})
        two.will({"ticket": {"id": 2, "status": "solved"}})
        assert first.state("1").status == "open"
        assert second.state("2").status == "solved"
    assert one.paths == ["GET /api/v2/tickets/1.json"] * 2
    assert two.paths == ["GET /helpdesk/api/v2/tickets/2.json"] * 2
    assert {"Bearer static-token-value"} == {s.headers["Authorization"] for s in one.seen}
    assert {"Bearer t2"} == {seen.headers["Authorization"] for seen in two.seen}


def test_a_link_to_another_host_is_followed_on_our_own(desk, stub, new_stub):
    """Only the path of a next page counts: our token never goes where an answer points."""
    other = new_stub()
    following = f"{other.address}/api/v2/tickets/35/audits.json?page%5Bafter%5D=abc"
    stub.will({"audits": [], "meta": {"has_more": True}, "links": {"next": following}})
    marked = {"id": 2, "metadata": {"custom": {"bridge": {"mark": "m"}}}, "events": []}
    stub.will({"audits": [marked], "meta": {"has_more": False}, "links": {"next": None}})
    assert desk.find_written("35", "m") is not None
    assert stub.paths[1] == "GET /api/v2/tickets/35/audits.json?page%5Bafter%5D=abc"
    assert other.seen == []


def test_a_redirect_is_not_followed(desk, stub, new_stub):
    """Nor is a redirect."""
    other = new_stub()
    stub.will(b"", 307, Location=f"{other.address}/api/v2/tickets/35.json")
    with pytest.raises(Misconfigured, match="redirect"):
        desk.state("35")
    assert other.seen == []


def test_cookies_are_not_kept(desk, stub):
    """A session cookie beside the token would be another sign-in."""
    stub.will({"ticket": {"id": 1}}, Set_Cookie="_zendesk_session=abc; path=/")
    stub.will({"ticket": {"id": 1}})
    desk.state("1")
    desk.state("1")
    assert "Cookie" not in stub.seen[1].headers


def test_the_password_file_of_the_machine_is_not_read(desk, stub, monkeypatch, tmp_path):
    """A .netrc entry for the host does not replace the token."""
    (tmp_path / "netrc").write_text("default login eve password wrong\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    stub.will({"ticket": {"id": 1}})
    desk.state("1")
    assert stub.seen[0].headers["Authorization"] == "Bearer static-token-value"


def test_threads_do_not_share_a_connection(desk, stub):
    """Each thread has a line of its own; those of threads that ended are closed."""
    together = threading.Barrier(3)
    lines = []

    def look():
        desk.state("1")
        lines.append(desk._lines._line())
        together.wait()

    for _ in range(4):
        stub.will({"ticket": {"id": 1, "status": "open"}})
    threads = [threading.Thread(target=look) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(line) for line in lines}) == 3
    desk.state("1")
    assert [threading.current_thread()] == [thread for thread, _ in desk._lines._all]
    desk.close()
    assert desk._lines._all == []


def test_secrets_are_in_no_word_about_it(stub, managed, new_desk, capfd, caplog):
    """Neither repr, errors, their chain, nor logs at any level show token or secret."""
    caplog.set_level("DEBUG")
    secrets = ("static-token-value", "client-secret-value", "fetched-token", "refresh-value")
    granted = {"access_token": "fetched-token", "refresh_token": "refresh-value"}
    static, own = new_desk(stub.address), managed()
    said = [repr(static), str(own), repr(own._tokens), repr(own._lines), repr(vars(static))]
    stub.will_drop().will(granted).will({"error": "x"}, 401).will_drop()
    stub.will({"error": "x"}, 401).will({"error_description": "client-secret-value is wrong"}, 401)
    for desk in (static, own, own):
        with pytest.raises(BridgeError) as caught:
            desk.state("1")
        error: BaseException | None = caught.value
        while error is not None:
            said += [repr(error), str(error), repr(vars(error))]
            error = error.__cause__ or error.__context__
    assert len(stub.seen) == 6
    out = capfd.readouterr()
    said += [out.out, out.err, caplog.text]
    assert [secret for secret in secrets if any(secret in text for text in said)] == []


def test_settings_print_nothing_secret():
    """The settings themselves are safe to print."""
    settings = ZendeskSettings(url="https://x", oauth_token=Secret("static-token-value"))
    assert "static-token-value" not in repr(settings)


def test_zenpy_gets_the_way_on_and_nothing_that_was_said(desk, stub):
    """An answer is kept whole for us; of a list zenpy learns that there is something in it."""
    page = {
        "tickets": [{"id": 1, "subject": "Hello"}, {"id": 2}],
        "users": [],
        "ticket": {"id": 3, "subject": "Hello"},
        "count": 2,
        "meta": {"has_more": False},
        "links": {"next": None},
    }
    stub.will(page)
    seen = []
    (kept,) = desk._lines.ask(
        lambda zenpy: seen.append(zenpy.tickets.session.get("/api/v2/tickets.json").json()),
        lambda answer: answer,
    )
    assert page == kept
    assert seen == [page | {"tickets": [{}], "ticket": {}}]
