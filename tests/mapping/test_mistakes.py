"""Every mistake is told, with its line and what to write instead."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bridge.errors import PersonMustAct
from bridge.mapping import MappingError, Problem, load

Problems = Callable[[str], tuple[Problem, ...]]

# Lines 1 and 2 are the accounts, so that a rule begins in line 4.
RULES = [
    ("{name: x, nam: y, route: {group: S}}", 4, 'unknown key "nam": did you mean "name"?'),
    ("{route: {group: S}}", 4, "name: is missing"),
    ("{name: x}", 4, "a rule needs either `route` or `skip`"),
    ("{name: x, route: {group: S}, skip: no}", 4, "a rule needs either `route` or `skip`"),
    ("{name: x, skip: true}", 4, "skip: must be text, and here is true or false"),
    ("{name: x, skip: ''}", 4, "skip: is empty"),
    ("{name: x, route: {}}", 4, "is empty: name a group at least"),
    ("{name: x, route: }", 4, "route: is empty"),
    ("{name: x, route: Support}", 4, "route: must hold keys"),
    ("{name: x, route: {grup: S}}", 4, 'unknown key "grup": did you mean "group"?'),
    ("{name: x, route: {group: [S]}}", 4, "group: must be text, and here is a list"),
    ("{name: x, route: {priority: hihg}}", 4, '"hihg" is not known: did you mean "high"?'),
    ("{name: x, route: {priority: Medium}}", 4, 'did you mean "normal"?'),
    ("{name: x, route: {tags: two words}}", 4, "a tag has no spaces"),
    ("{name: x, route: {tags: []}}", 4, "tags: is an empty list"),
    ("{name: x, route: {fields: {topik: a}}}", 4, '"topik" has no id in helpdesk.fields'),
    ("{name: x, route: {fields: {network: a}}}", 4, 'the bridge fills "network" by itself'),
    ("{name: x, when: {}, route: {group: S}}", 4, "leave `when` out to take every post"),
    ("{name: x, when: , route: {group: S}}", 4, "when: is empty"),
    ("{name: x, when: {knd: dm}, route: {group: S}}", 4, 'did you mean "kind"?'),
    ("{name: x, when: {kind: mentoin}, skip: y}", 4, 'did you mean "mention"?'),
    ("{name: x, when: {kind: retweet}, skip: y}", 4, 'did you mean "repost"?'),
    ("{name: x, when: {kind: []}, skip: y}", 4, "kind: is an empty list"),
    ("{name: x, when: {kind: 3}, skip: y}", 4, "kind: must be text, and here is a number"),
    ("{name: x, when: {visibility: privat}, skip: y}", 4, 'did you mean "private"?'),
    ("{name: x, when: {network: pidgeon}, skip: y}", 4, 'did you mean "pigeon"?'),
    ("{name: x, when: {account: acne}, skip: y}", 4, 'unknown account "acne": did you mean'),
    ("{name: x, when: {account: acme, network: raven}, skip: y}", 4, "no account fits all it asks"),
    ("{name: x, when: {language: german}, skip: y}", 4, 'did you mean "de"?'),
    ("{name: x, when: {language: pt_BR}, skip: y}", 4, 'did you mean "pt-BR"?'),
    ("{name: x, when: {language: '1'}, skip: y}", 4, 'write "en" or "pt-BR"'),
    ("{name: x, when: {words: ['']}, skip: y}", 4, "words: is empty"),
    ("{name: x, when: {author: '@'}, skip: y}", 4, "author: must be a handle"),
    ("{name: x, when: {author: a b}, skip: y}", 4, "author: must be a handle"),
    ("{name: x, when: {followers: 5}, skip: y}", 4, "followers: must hold keys"),
    ("{name: x, when: {followers: {}}, skip: y}", 4, "needs at_least or at_most"),
    ("{name: x, when: {followers: {at_least: many}}, skip: y}", 4, "must be a whole number"),
    ("{name: x, when: {followers: {at_least: -1}}, skip: y}", 4, "must not be less than 0"),
    ("{name: x, when: {followers: {at_least: true}}, skip: y}", 4, "must be a whole number"),
    ("{name: x, when: {followers: {at_least: 2, at_most: 1}}, skip: y}", 4, "nobody fits"),
    ("{name: x, when: {has_media: yes}, skip: y}", 4, 'did you mean "true"?'),
    ("{name: x, when: {hours: {within: {mon: 1:00-2:00}}}, skip: y}", 4, "zone: is missing"),
    ("{name: x, when: {hours: {zone: Europe/Berln, within: {mon: 1:00-2:00}}}, skip: y}", 4,
     'did you mean "Europe/Berlin"?'),
    ("{name: x, when: {hours: {zone: UTC}}, skip: y}", 4, "needs either within or outside"),
    ("{name: x, when: {hours: {zone: UTC, within: {}}}, skip: y}", 4, "must hold days and times"),
    ("{name: x, when: {hours: {zone: UTC, within: {mon-fry: 1:00-2:00}}}, skip: y}", 4,
     'unknown day "fry": did you mean "fri"?'),
    ("{name: x, when: {hours: {zone: UTC, within: {mon: 9-17}}}, skip: y}", 4,
     'write "09:00-17:30"'),
    ("{name: x, when: {hours: {zone: UTC, within: {mon: 09:00-25:00}}}, skip: y}", 4,
     '"25:00" is not a time of day'),
    ("{name: x, when: {hours: {zone: UTC, within: {mon: 09:00-09:00}}}, skip: y}", 4,
     "is not a time of day"),
    ("{name: x, when: {hours: {zone: UTC, outside: {daily: 00:00-24:00}}}, skip: y}", 4,
     "outside: leaves no time of the week"),
    ("{name: x, when: {hours: {zone: UTC, outside: {daily: [08:00-20:00, 20:00-08:00]}}}, skip: y}",
     4, "outside: leaves no time of the week"),
    ("Support", 4, "must hold keys"),
    ("[]", 4, "must hold keys"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "line", "told"), RULES)
def test_a_wrong_rule(problems_of: Problems, head: str, rule: str, line: int, told: str) -> None:
    """A mistake in a rule is told once, in its line, with what to write instead."""
    problems = problems_of(f"{head}rules:\n  - {rule}\n")
    assert [line] == [problem.line for problem in problems if told in problem.message], problems
    assert len(problems) == 1, problems


SECTIONS = [
    ("helpdesk: {language: []}", "notes are written in de or en"),
    ("helpdesk: {language: fr}", "notes are written in de or en"),
    ("threads: {dm: {per: persn}}", 'did you mean "person"?'),
    ("threads: {direct: {per: person}}", 'unknown key "direct": did you mean "dm"?'),
    ("threads: {dm: {reopen_within: 2 weeks}}", "30m, 2h or 14d"),
    ("threads: {dm: {reopen_within: 14}}", "or always"),
    ("threads: {dm: {reopen_within: 0d}}", "must be more than nothing"),
    ("threads: {dm: {reopen_within: 99999d}}", "30m, 2h or 14d"),
    ("threads: {dm: {after_closing: followup}}", 'did you mean "follow_up"?'),
    ("threads: 5", "threads: must hold keys"),
    ("handover: {notice: on}", 'did you mean "true"?'),
    ("handover: {wording: {en: ''}}", "en: is empty"),
    ("handover: {wording: hello}", "wording: must hold keys"),
    ("handover: {wording: {english: hello}}", 'did you mean "en"?'),
    ("handover: {wording: {en: 'Hello @ada'}}", "must not hold an @"),
    ("handover: {wording: {en: 'Hello \uff20ada'}}", "must not hold an @"),
    ("handover: {wording: {en: 'Hello {{customer.handle}}'}}", "must not hold a placeholder"),
    ("handover: {wording: {en: 'Hello {name}'}}", "must not hold a placeholder"),
    ("handover: {wording: {en: 'Hello %(name)s'}}", "must not hold a placeholder"),
    ("handover: {wording: {en: 'Hello $name'}}", "must not hold a placeholder"),
    (f"handover: {{wording: {{en: {'x' * 301}}}}}", "is 301 characters long, at most 300 fit"),
    ("handover: {wording: {en: 7}}", "en: must be text"),
    ("replies: {too_long: truncate}", 'did you mean "split"?'),
    ("replies: {too_long: {publik: split}}", 'did you mean "public"?'),
    ("replies: {too_long: [split]}", "must be text"),
    ("media: {copy: 1}", "copy: must be true or false"),
    ("removed: redakt", '"redakt" is not known: did you mean "redact"?'),
    ("removed: {words: redact}", "removed: must be text"),
    ("erasure: {helpdesk: delete}", '"delete" is not known: did you mean "delete_user"?'),
    ("helpdesk: {fields: {permlink: 3}}", 'did you mean "permalink"?'),
    ("helpdesk: {fields: {network: abc}}", "network: must be a whole number"),
    ("helpdesk: {fields: {account: 7, permalink: 7}}", 'permalink: 7 is "account" already'),
    ("helpdesk: {fields: {account: '07', permalink: 7}}", 'permalink: 7 is "account" already'),
    ("helpdesk: {fields: {account: 0}}", "account: no ticket field has the id 0"),
    ("helpdesk: {fields: {account: '0'}}", "account: no ticket field has the id 0"),
    ("helpdesk: {feilds: {}}", 'did you mean "fields"?'),
    ("ruels: []", 'unknown key "ruels": did you mean "rules"?'),
]  # fmt: skip


@pytest.mark.parametrize(("section", "told"), SECTIONS)
def test_a_wrong_section(
    problems_of: Problems, head: str, tail: str, section: str, told: str
) -> None:
    """A mistake outside the rules is told once, in its line."""
    problems = problems_of(f"{head}{tail}{section}\n")
    assert [problem.line for problem in problems if told in problem.message] == [5], problems
    assert len(problems) == 1, problems


OPTIONS = "url: https://a.example, token: env:PIGEON_TOKEN"

ACCOUNTS = [
    ("acme: {options: {}}", "network: is missing"),
    ("acme: {network: pidgeon}", 'unknown network "pidgeon": did you mean "pigeon"?'),
    ("Acme: {network: pigeon, options: {url: https://a.example, token: env:PIGEON_TOKEN}}",
     "an account's name has small letters"),
    ("acme: {network: pigeon, options: {url: https://a.example}}", "token: is missing"),
    ("acme: {network: pigeon, options: {url: nothing, token: env:PIGEON_TOKEN}}",
     "url: Not a valid URL."),
    (f"acme: {{network: pigeon, options: {{{OPTIONS}, tokn: env:PIGEON_TOKEN}}}}",
     'unknown option "tokn": did you mean "token"?'),
    ("acme: {network: pigeon, options: {url: https://a.example, token: hunter2}}",
     "put it in the environment and write env:NAME"),
    ("acme: {network: pigeon, options: {url: https://a.example, token: 1234}}",
     "put it in the environment and write env:NAME"),
    ("acme: {network: pigeon, options: {url: https://a.example, token: env:PIGEON_TOKN}}",
     'PIGEON_TOKN is not set; did you mean "PIGEON_TOKEN"?'),
    ("acme: {network: pigeon, options: {url: https://a.example, token: 'env:'}}",
     "write env: and a variable's name"),
    ("acme: {network: pigeon, options: {url: env:PIGEON_TOKEN, token: env:PIGEON_TOKEN}}",
     "url: what PIGEON_TOKEN holds is not right: Not a valid URL."),
    ("acme: {network: pigeon, options: 5}", "options: must hold keys"),
    (f"acme: {{network: pigeon, language: pl, options: {{{OPTIONS}}}}}",
     'the account speaks "pl", and handover has no wording in it'),
    (f"acme: {{network: pigeon, handovr: {{}}, options: {{{OPTIONS}}}}}",
     'did you mean "handover"?'),
    ("acme:", "must hold keys"),
    ("acme: {network: [pigeon]}", "network: must be text"),
]  # fmt: skip


@pytest.mark.parametrize(("account", "told"), ACCOUNTS)
def test_a_wrong_account(problems_of: Problems, tail: str, account: str, told: str) -> None:
    """A mistake in an account is told once, in its line, and no secret stands in it."""
    problems = problems_of(f"accounts:\n  {account}\n{tail}")
    assert [problem.line for problem in problems if told in problem.message] == [2], problems
    assert len(problems) == 1, problems
    assert not any("hunter2" in str(problem) or "coo" in str(problem) for problem in problems)


TWINS = """\
accounts:
  acme: {network: NET, options: {url: https://a.example, token: env:PIGEON_TOKEN}}
  other: {network: NET, options: {url: https://b.example, token: env:PIGEON_TOKEN}}
  again: {network: NET, language: de, options: {token: env:PIGEON_TOKEN, url: "https://a.example"}}
"""


def test_one_identity_under_two_names(
    problems_of: Problems, load_text: Callable[[str], Any], tail: str
) -> None:
    """Both would read every post. What is only brought to us comes to each one's own address."""
    (problem,) = problems_of(TWINS.replace("NET", "owl") + tail)
    assert problem.line == 4
    assert '"acme" signs in with the same options' in problem.message
    assert "two tickets" in problem.message
    assert "coo" not in str(problem)
    load_text(TWINS.replace("NET", "pigeon") + tail)


WHOLE = [
    ("", 0, "the file is empty"),
    ("# nothing\n", 0, "the file is empty"),
    ("- a\n- b\n", 1, "must begin with keys"),
    ("hello\n", 1, "must begin with keys"),
    ("a: [1,\nb: 2\n", 3, "this is not YAML"),
    ("a: 1\n---\nb: 2\n", 2, "this is not YAML"),
    ("a:\n\tb: 1\n", 2, "a tab: YAML is indented with spaces"),
    ("a: @ada\n", 1, "put it in quotes"),
    ("a:\n  b: 1\n c: 2\n", 3, "indented differently"),
    ("a: \x07\n", 1, "an unprintable character"),
    ('a: "\\Uffffffff"\n', 0, "an impossible number"),
    ('accounts: "\\ud800"\n', 1, "half a character"),
    ("accounts: !!python/object/apply:os.system [id]\n", 1, "a tag (`!...`) means nothing here"),
    ("accounts: !secret x\n", 1, "a tag (`!...`) means nothing here"),
    ("rules: &a [*a]\n", 1, "this alias contains itself"),
    ("rules: " + "[" * 200 + "]" * 200 + "\n", 1, "this is nested too deep"),
    ("1: a\n", 1, "a key must be a word"),
    ("? [a]\n: b\n", 1, "a key must be a word"),
    ("rules: []\nrules: []\n", 2, '"rules" is already written at'),
    ("rules:\n  - {name: a, name: b, skip: c}\n", 2, '"name" is already written at'),
    ("accounts: {}\n", 1, "must hold at least one account"),
    ("accounts: [a]\n", 1, "must hold at least one account"),
    ("rules: []\n", 1, "there is no rule, so every post would be skipped"),
    ("rules: {a: b}\n", 1, "must be a list"),
    ("media: {copy: true}\n", 0, "accounts: is missing"),
    ("media: {copy: true}\n", 0, "rules: is missing"),
    ("x: &x {<<: 5}\n", 1, "`<<` takes in keys from an anchor"),
]


@pytest.mark.parametrize(("text", "line", "told"), WHOLE)
def test_a_file_that_is_no_mapping(problems_of: Problems, text: str, line: int, told: str) -> None:
    """What is not YAML, or not a mapping, is told with its line."""
    problems = problems_of(text)
    assert [line] == [problem.line for problem in problems if told in problem.message], problems


def test_every_mistake_at_once(problems_of: Problems) -> None:
    """Mistakes of every sort are told together, in reading order."""
    problems = problems_of(
        """\
accounts:
  acme:
    network: pigeon
    options: {url: nowhere, token: env:MISSING, poll: 3}
rules:
  - name: One
    when: {kind: mentoin, account: acne}
    route: {priority: hihg, grup: x}
  - name: one
    skip: because
threads: {dm: {per: persn}}
"""
    )
    assert [problem.line for problem in problems] == [4, 4, 4, 7, 7, 8, 8, 9, 11], problems
    assert sorted(problems, key=lambda one: (one.line, one.column)) == list(problems)


def test_columns_point_at_the_value(problems_of: Problems, head: str) -> None:
    """A wrong value is pointed at itself, a wrong key at the key."""
    (value,) = problems_of(f"{head}rules:\n  - {{name: x, route: {{priority: hihg}}}}\n")
    (key,) = problems_of(f"{head}rules:\n  - {{name: x, route: {{grup: hihg}}}}\n")
    assert (value.line, value.column) == (4, 33)
    assert (key.line, key.column) == (4, 23)
    assert str(value).startswith(f"{value.file}:4:33: priority: ")


REACH = [
    (["{name: A, skip: y}", "{name: B, skip: y}"], "B", "A"),
    (["{name: A, when: {visibility: [public, private]}, skip: y}", "{name: B, skip: y}"], "B", "A"),
    (
        [
            "{name: A, when: {visibility: public}, skip: y}",
            "{name: M, when: {visibility: private}, skip: y}",
            "{name: B, when: {kind: dm}, skip: y}",
        ],
        "B",
        '"A" and "M" together take',
    ),
    (
        [
            "{name: A, when: {words: [a, b]}, skip: y}",
            "{name: B, when: {words: a, kind: dm}, skip: y}",
            "{name: C, skip: y}",
        ],
        "B",
        "A",
    ),
    (
        ["{name: A, when: {words: refund}, skip: y}", "{name: B, when: {words: Refund}, skip: y}"],
        "B",
        "A",
    ),
    (
        [
            "{name: A, when: {words: [\"can't pay\", straße]}, skip: y}",
            "{name: B, when: {words: [Can’t  pay, STRASSE]}, skip: y}",
        ],
        "B",
        "A",
    ),
    (
        [
            "{name: A, when: {followers: {at_least: 10}}, skip: y}",
            "{name: B, when: {followers: {at_least: 20, at_most: 30}}, skip: y}",
        ],
        "B",
        "A",
    ),
    (
        [
            "{name: A, when: {language: de}, skip: y}",
            "{name: B, when: {language: de-AT, author: ada}, skip: y}",
        ],
        "B",
        "A",
    ),
    (["{name: A, when: {network: pigeon}, skip: y}", "{name: B, when: {account: acme}, skip: y}"],
     "B", "A"),
]  # fmt: skip


@pytest.mark.parametrize(("rules", "out", "by"), REACH)
def test_a_rule_out_of_reach(
    problems_of: Problems, head: str, rules: list[str], out: str, by: str
) -> None:
    """A rule behind one that takes everything is a mistake that names both."""
    text = head + "rules:\n" + "".join(f"  - {rule}\n" for rule in rules)
    (problem,) = problems_of(text)
    assert f'the rule "{out}" is never reached' in problem.message
    assert by in problem.message


def test_rules_within_reach(load_text: Callable[[str], Any], head: str) -> None:
    """A rule that asks less than the one before it is no mistake."""
    mapping = load_text(
        head
        + """\
rules:
  - {name: A, when: {words: a}, skip: y}
  - {name: B, when: {words: [a, b]}, skip: y}
  - {name: C, when: {followers: {at_least: 20}}, skip: y}
  - {name: D, when: {followers: {at_least: 10}}, skip: y}
  - {name: E, when: {language: de-AT}, skip: y}
  - {name: F, when: {language: de}, skip: y}
  - {name: G, when: {has_media: true}, skip: y}
  - {name: H, when: {has_media: false, kind: dm}, skip: y}
  - {name: I, skip: y}
"""
    )
    assert len(mapping.rules) == 9
    assert mapping.advice == ()


def test_advice_where_posts_may_be_lost(load_text: Callable[[str], Any], head: str) -> None:
    """Without a rule for the rest, the mapping is used and says which posts would be lost."""
    mapping = load_text(
        head
        + "rules:\n  - {name: A, when: {visibility: public}, skip: y}\n"
        + "  - {name: B, when: {kind: dm, words: help}, route: {group: S}}\n"
    )
    (advice,) = mapping.advice
    assert advice.line == 5
    assert "a private post on acme" in advice.message
    everything = load_text(f"{head}rules:\n  - {{name: A, when: {{words: help}}, skip: y}}\n")
    assert "no rule takes what the others leave" in everything.advice[0].message


def test_advice_on_a_network_without_an_account(
    load_text: Callable[[str], Any], head: str, tail: str
) -> None:
    """A rule for an installed network on which there is no account is worth a look."""
    rule = "rules:\n  - {name: R, when: {network: raven}, skip: y}\n"
    mapping = load_text(head + tail.replace("rules:\n", rule))
    assert [advice.message for advice in mapping.advice] == [
        "no account is on raven, so this fits no post"
    ]


def test_billions_of_values_from_a_few_lines(problems_of: Problems) -> None:
    """Aliases of aliases are refused before they fill the memory."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 20)]
    assert any("more than" in problem.message for problem in problems_of("\n".join(lines)))


def test_keys_from_an_anchor(load_text: Callable[[str], Any]) -> None:
    """`<<` takes in the keys of an anchor, and the mapping's own keys go before them."""
    mapping = load_text(
        """\
accounts:
  one: &base {network: pigeon, options: &o {url: https://a.example, token: env:PIGEON_TOKEN}}
  two: {<<: *base, network: raven, options: {<<: [*o], url: https://b.example}}
rules:
  - {name: All, skip: y}
"""
    )
    assert mapping.accounts["two"].network == "raven"
    assert mapping.accounts["two"].options["url"] == "https://b.example"


class TestFolders:
    """Mappings in several files."""

    def problems(self, folder: Path, channels: Any, environ: Any) -> tuple[Problem, ...]:
        with pytest.raises(MappingError) as raised:
            load(folder, channels, environ)
        return raised.value.problems

    def test_an_empty_folder(self, tmp_path: Path, channels: Any, environ: Any) -> None:
        """A folder without mapping files is a mistake, also where others and hidden ones lie."""
        (tmp_path / "readme.txt").write_text("x")
        (tmp_path / ".hidden.yaml").write_text("x: 1")
        (problem,) = self.problems(tmp_path, channels, environ)
        assert "holds no *.yaml file" in problem.message

    @pytest.mark.parametrize("name", ["nowhere", "nul\0byte", "x" * 5000])
    def test_no_such_place(self, tmp_path: Path, channels: Any, environ: Any, name: str) -> None:
        """A path that leads nowhere is told, not raised."""
        (problem,) = self.problems(tmp_path / name, channels, environ)
        assert problem.line == 0

    def test_too_large(self, tmp_path: Path, channels: Any, environ: Any) -> None:
        """A file over the limit is not even parsed."""
        (tmp_path / "a.yaml").write_text("# " + "x" * 300_000)
        (problem,) = self.problems(tmp_path, channels, environ)
        assert "larger than 256 KiB" in problem.message

    def test_not_text(self, tmp_path: Path, channels: Any, environ: Any) -> None:
        """Bytes that are not UTF-8 are told with their line."""
        (tmp_path / "a.yaml").write_bytes(b"a: 1\nb: \xff\n")
        (problem,) = self.problems(tmp_path, channels, environ)
        assert (problem.line, "UTF-8" in problem.message) == (2, True)

    def test_one_name_in_two_files(
        self, tmp_path: Path, channels: Any, environ: Any, head: str, tail: str
    ) -> None:
        """The same account, or the same section, in two files is a mistake naming both places."""
        (tmp_path / "a.yaml").write_text(head + "media: {copy: true}\n")
        (tmp_path / "b.yml").write_text(head + tail + "media: {copy: false}\n")
        account, media = self.problems(tmp_path, channels, environ)
        for problem, line in ((account, 2), (media, 3)):
            assert str(tmp_path / "b.yml") == problem.file
            assert f"already written at {tmp_path / 'a.yaml'}:{line}" in problem.message

    def test_rules_of_different_shape(
        self, tmp_path: Path, channels: Any, environ: Any, head: str, tail: str
    ) -> None:
        """Rules as a list here and as keys there are not quietly dropped."""
        (tmp_path / "a.yaml").write_text(head + tail)
        (tmp_path / "b.yaml").write_text("rules: {name: x}\n")
        (problem,) = self.problems(tmp_path, channels, environ)
        assert "does not go with what stands at" in problem.message

    def test_together(
        self, tmp_path: Path, channels: Any, environ: Any, head: str, tail: str
    ) -> None:
        """Accounts and rules are put together in the order of the names; each digest differs."""
        (tmp_path / "2.yml").write_text(head.replace("acme", "second") + tail)
        (tmp_path / "1.yaml").write_text(
            head + "rules:\n  - {name: First, when: {kind: dm}, skip: y}\n"
        )
        mapping = load(tmp_path, channels, environ)
        assert [rule.name for rule in mapping.rules] == ["First", "All"]
        assert list(mapping.accounts) == ["acme", "second"]
        assert mapping.text.startswith("# 1.yaml\n")
        again = load(tmp_path, channels, environ)
        assert mapping.digest == again.digest
        (tmp_path / "2.yml").write_text(head.replace("acme", "third") + tail)
        assert mapping.digest != load(tmp_path, channels, environ).digest

    def test_one_torn_file_blames_no_other(
        self, tmp_path: Path, channels: Any, environ: Any, head: str
    ) -> None:
        """What stands in a file that cannot be read is not told as missing."""
        (tmp_path / "a.yaml").write_text(head + "x: [\n")
        (tmp_path / "b.yaml").write_text(
            "rules:\n  - {name: x, when: {account: acme, kind: mentoin}, skip: y}\n"
        )
        torn, kind = self.problems(tmp_path, channels, environ)
        assert "this is not YAML" in torn.message
        assert 'did you mean "mention"?' in kind.message


def test_an_error_for_an_admin(problems_of: Problems, load_text: Callable[[str], Any]) -> None:
    """The error is one that a person must mend, and its sentence holds every mistake."""
    with pytest.raises(MappingError, match="the mapping has 2 mistakes: ") as raised:
        load_text("media: {copy: true}\n")
    assert isinstance(raised.value, PersonMustAct)
    assert raised.value.code == "misconfigured"
    assert "rules: is missing" in raised.value.because
