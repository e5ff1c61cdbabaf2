"""Near-duplicates are found, needs of one's own stay apart."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from bench.storm_words import about, need
from bridge.text.alike import (
    SIZE,
    bands,
    likeness,
    packed,
    particulars,
    sketch,
    unpacked,
)

SAID = "The Acme app does not let me log in, it says the server cannot be reached"


@pytest.mark.parametrize(
    "text",
    [
        SAID.upper(),
        SAID + " 😡😡😡",
        "RT @news@press.example: " + SAID,
        "@acme " + SAID + " https://t.example/Ab3xY9",
        "Thé Àcme app does not let me log in — it says: the server cannot be reached!!!",
        SAID.replace(" ", "\n"),
        SAID.replace("app", "apppppp").replace("log", "𝐥𝐨𝐠"),
    ],
)
def test_what_says_nothing_does_not_count(text: str) -> None:
    assert likeness(sketch(SAID), sketch(text)) > 0.9


@pytest.mark.parametrize(
    "text", ["", "😡", "me too", "@acme @news +1", "https://t.example/Ab3", "急"]
)
def test_too_short_to_judge(text: str) -> None:
    assert () == sketch(text)
    assert () == bands(sketch(text))
    assert 0.0 == likeness(sketch(text), sketch(text))


def test_scripts_without_spaces_need_fewer_signs() -> None:
    assert SIZE == len(sketch("アプリにログインできません"))


def test_the_numbers_are_the_same_in_every_process() -> None:
    asked = "import sys; from bridge.text.alike import sketch; print(sketch(sys.argv[1]))"
    here = Path(__file__).resolve().parents[2]
    told = {
        subprocess.run(
            [sys.executable, "-c", asked, SAID],
            env={"PYTHONHASHSEED": seed},
            cwd=here,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert {f"{sketch(SAID)}\n"} == told
    assert (59101248, 610194496) == sketch(SAID)[:2]


def test_kept_and_read_again() -> None:
    assert sketch(SAID) == unpacked(packed(sketch(SAID)))
    assert () == unpacked(packed(()))


def test_pairs_that_are_alike_share_a_band() -> None:
    dice = Random(20)
    posts = [sketch(about("login", dice)) for _ in range(400)]
    posts += [sketch(need(dice)) for _ in range(400)]
    found = [set(bands(post)) for post in posts]
    alike, missed, unlike, false = 0, 0, 0, 0
    for place in range(20_000):
        one, other = place * 7919 % 800, place * 104_729 % 797
        if one == other:
            continue
        shares = bool(found[one] & found[other])
        like = likeness(posts[one], posts[other])
        alike, missed = alike + (like >= 0.6), missed + (like >= 0.6 and not shares)
        unlike, false = unlike + (like < 0.15), false + (like < 0.15 and shares)
    assert (0, True) == (missed, alike > 500)
    assert unlike > 5000
    assert false / unlike < 0.01


def test_two_who_agree_in_45_numbers_always_share_a_band() -> None:
    dice = Random(4)
    one = sketch(SAID)
    for _ in range(500):
        other = list(one)
        for place in dice.sample(range(SIZE), SIZE - 45):
            other[place] ^= 1
        assert set(bands(one)) & set(bands(tuple(other)))


def test_needs_of_ones_own_are_not_alike_to_the_storm() -> None:
    dice = Random(5)
    storm = [sketch(about("login", dice)) for _ in range(100)]
    needs = [sketch(need(dice)) for _ in range(100)]
    assert max(likeness(one, other) for one in storm for other in needs) < 0.4


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("where is order 4711?", {"4711"}),
        ("since 14:32, for 20 min, 2 of 3", set()),
        ("my booking K3LMNP and AC-12/345b", {"k3lmnp", "345b", "345"}),
        ("mail ada@example.com or call +49 30 1234567", {"ada@example.com", "49301234567"}),
        ("@user123 see https://t.co/a1234b", set()),
        ("https://shop.example/orders/4711?from=mail", {"4711"}),
        ("４７１１ ٤٧١٢", {"4711", "4712"}),
        ("I have no numbers", set()),
    ],
)
def test_what_somebody_names(text: str, named: set[str]) -> None:
    assert named == particulars(text)


def test_the_brands_own_patterns_are_looked_for() -> None:
    assert {"ab12"} == particulars("it is AB-12, please", (r"AB-\d\d",))


def test_another_number_is_another_need() -> None:
    mine, yours = f"{SAID}, order 4711", f"{SAID}, order 4712"
    assert likeness(sketch(mine), sketch(yours)) > 0.6
    assert particulars(mine) - particulars(yours)
    assert not particulars(SAID)
    assert particulars(mine) == particulars(mine.upper() + "!!!")
