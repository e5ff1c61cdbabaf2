"""An account's block is put into a mapping as somebody left it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from bridge.connecting.block import added, with_account
from bridge.errors import Misconfigured

OPTIONS: dict[str, Any] = {
    "app_id": "0815",
    "url": "https://graph.example",
    "token": "env:ACME_TOKEN",
    "messenger": False,
    "budget": 12.5,
    "note": "yes: no",
}


def put(tmp_path: Path, text: str) -> str:
    file = tmp_path / "mapping.yaml"
    file.write_bytes(text.encode())
    return added(file, "acme", "facebook", "de", OPTIONS).text


BEFORE = {
    "two accounts": "accounts:\n  shop:\n    network: site\nrules: []\n",
    "wide steps": "accounts:\n    shop:\n        network: site\n\nrules: []\n",
    "at the end, with no last line's end": "rules: []\naccounts:\n  shop:\n    network: site",
    "nothing yet": "accounts:\nrules: []\n",
    "nothing yet, at the end": "rules: []\naccounts:",
    "comments of its own": (
        "accounts:\n  shop:\n    network: site\n    # poll: 3\n  # more to come\n"
        "\n# rules\nrules: []\n"
    ),
    "a block of text": "accounts:\n  shop:\n    network: |\n      site\n\n\nrules: []\n",
    "a reference": "x: &x {network: site}\naccounts:\n  shop: *x\n# now\nrules: []\n",
    "braces inside": "accounts:\n  shop: {network: site,\n    language: en}\nrules: []\n",
    "lines of Windows": "accounts:\r\n  shop:\r\n    network: site\r\n\r\nrules: []\r\n",
    "a mark at the begin": "\ufeffaccounts:\n  shop:\n    network: site\nrules: []\n",
    "an end": "accounts:\n  shop:\n    network: site\n...\n",
    "ümläuts": "# größer: 日本\naccounts:\n  shop: {network: site} # ☎\nrules: []\n",
}


@pytest.mark.parametrize("before", BEFORE.values(), ids=BEFORE)
def test_everything_stays_and_one_account_comes(tmp_path: Path, before: str) -> None:
    after = put(tmp_path, before)
    read, was = yaml.safe_load(after), yaml.safe_load(before)
    new = read["accounts"].pop("acme")
    assert new == {"network": "facebook", "language": "de", "options": OPTIONS}
    assert read["accounts"] == (was["accounts"] or {})
    assert {key: read[key] for key in read if key != "accounts"} == {
        key: was[key] for key in was if key != "accounts"
    }
    at = after.index("acme:")
    begins, ends = after.rindex("\n", 0, at) + 1, after.index("yes: no") + len('yes: no"')
    rest = after[:begins] + after[ends:].lstrip("\r\n")
    squeezed = [line for line in rest.splitlines() if line.strip()]
    assert squeezed == [line for line in before.splitlines() if line.strip()]
    assert ("\r\n" in before) == ("acme:\r\n" in after)


def test_comments_stay_with_what_they_are_about(tmp_path: Path) -> None:
    after = put(tmp_path, BEFORE["comments of its own"])
    order = ["# poll: 3", "# more to come", "acme:", "# rules", "rules:"]
    places = [after.index(each) for each in order]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("accounts: {shop: {network: site}}\n", "in braces"),
        ("x: &x {a: {network: site}}\naccounts: *x\n", "in braces"),
        ("rules: []\n", "no file of"),
        ("accounts: [\n", "is not YAML"),
        ("- 1\n", "holds no mapping"),
    ],
)
def test_what_nothing_can_be_put_into(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(Misconfigured, match=said):
        put(tmp_path, text)


def test_the_file_of_a_folder_that_has_accounts(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("rules: []\n")
    (tmp_path / "b.yaml").write_text("accounts:\n  shop: {network: site}\n")
    changed = added(tmp_path, "acme", "site", "", {"private": True})
    assert changed.file.name == "b.yaml"
    assert yaml.safe_load(changed.text)["accounts"]["acme"]["options"] == {"private": True}


def test_files_that_are_not_on_this_disk_take_it_as_well() -> None:
    """Into the first that has accounts, the others as they were; nowhere is told."""
    rules = ("20-rules.yaml", "rules: []\n")
    accounts = ("30-accounts.yaml", BEFORE["two accounts"])
    what = ("acme", "facebook", "de", OPTIONS)
    first, second = with_account((rules, accounts), *what)
    assert rules == first
    assert ["shop", "acme"] == list(yaml.safe_load(second[1])["accounts"])
    with pytest.raises(Misconfigured, match="no file of the mapping has `accounts:`"):
        with_account((rules,), *what)
