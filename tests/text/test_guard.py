"""What must not be public is found however it is written; what is none of it goes out."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from bridge.mapping.guards import Guard, PersonalData
from bridge.text.cards import is_card
from bridge.text.guard import Found, look_over
from bridge.text.ibans import LENGTHS, is_iban

PLAIN = Guard()
BRAND = Guard(order_numbers=(r"\bAC-\d{6}\b",), may_say=("+49 30 1234567", "Help@Acme.example"))


def codes(text: str, guard: Guard = PLAIN) -> list[str]:
    return [found.code for found in look_over(text, guard)]


# Test numbers that the networks publish, https://docs.stripe.com/testing#cards; account numbers
# from the registry, https://www.swift.com/swift-resource/11971/download; numbers kept for fiction.
CARDS = [
    "4242424242424242",
    "5555 5555 5555 4444",
    "2223-0031-2200-3222",
    "3782 822463 10005",
    "6011.1111.1111.1117",
    "3056 9309 0259 04",
    "3566002020360505",
    "6200000000000005",
    "4 2 4 2 4 2 4 2 4 2 4 2 4 2 4 2",
    "4242 4242 4242 4242 12/27 123",
    "12 4242 4242 4242 4242",
    "4242\u200b4242\u200b4242\u200b4242",
    "４２４２４２４２４２４２４２４２",
    "٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢",
    "4242\u00a04242\u20094242\u202f4242",
    "4242–4242—4242−4242",
    "4️⃣2️⃣4️⃣2️⃣ 4242 4242 4242",
    "4242 4242\n4242 4242",
    "https://shop.example/pay?card=4242424242424242&x=1",
    "https://shop.example/pay?card=4242%204242%204242%204242",
    "card:4242424242424242.",
    "x4242424242424242x",
    "**4242** **4242** **4242** **4242**",
    "`4242` `4242` `4242` `4242`",
    "(4242) (4242) (4242) (4242)",
    "4242•4242•4242•4242",
    "4242・4242・4242・4242",
    "4242~4242~4242~4242",
    "4242\r\n4242\r\n4242\r\n4242",
]
IBANS = [
    "DE89370400440532013000",
    "DE89 3704 0044 0532 0130 00",
    "de89 3704 0044 0532 0130 00",
    "GB29 NWBK 6016 1331 9268 19",
    "FR14 2004 1010 0505 0001 3M02 606.",
    "AT61-1904-3002-3457-3201",
    "NO9386011117947",
    "MT84MALT011000012345MTLCAST001S",
    "IBAN:DE８９ 3704 0044 0532 0130 00 bitte",
    "DE89\u200b3704\u200b0044\u200b0532\u200b0130\u200b00",
    "DE89_3704_0044_0532_0130_00",
    "DE89/3704/0044/0532/0130/00",
    "https://x.example/?iban=DE89370400440532013000",
]
PHONES = [
    "+49 30 901820",
    "+4930901820",
    "0049 30 901820",
    "+49 (0)30 901820",
    "+1 202-555-0123",
    "(202) 555-0123",
    "202-555-0123",
    "202.555.0123",
    "1-202-555-0123",
    "020 7946 0958",
    "+44 20 7946 0958",
    "01 99 00 12 34",
    "01.99.00.12.34",
    "0170 1234567",
    "0170/1234567",
    "0170-123 45 67",
    "01701234567",
    "０１７０ １２３４５６７",
    "0170\u200b1234567",
    "030 / 901820",
    "(030) 901820",
    "Call 0170 1234567 8-18 Uhr",
    "0170 1234567 on 24.12.2026",
    "Tel. 901820",
    "phone: 555 0123",
    "Call us at 8005550123",
    "https://wa.me/491701234567",
    "tel:2025550123",
    "03-1234-5678",
    "Ruf mich an unter 0170 1234567!",
]
EMAILS = [
    "ada@example.org",
    "Ada.Lovelace+shop@mail.example.co.uk",
    "<ada@example.org>",
    "mailto:ada@example.org?subject=x",
    "ada\u200b@example.org",
    "ada＠example.org",
    "ada@example。org",
    "ada (at) example (dot) org",
    "ada[at]example.org",
    "ada@müller.example",
    "https://x.example/?u=ada%40example.org",
    "mail ada@example.org, please",
]


@pytest.mark.parametrize("text", CARDS)
def test_cards(text: str) -> None:
    assert "held_card" in codes(text)


@pytest.mark.parametrize("text", IBANS)
def test_accounts(text: str) -> None:
    assert ["held_iban"] == codes(text)


@pytest.mark.parametrize("text", PHONES)
def test_telephones(text: str) -> None:
    assert ["held_phone"] == codes(text)


@pytest.mark.parametrize("text", EMAILS)
def test_addresses(text: str) -> None:
    assert ["held_email"] == codes(text)


NOTHING = [
    "",
    "Hello Ada, thank you for your patience.",
    # money
    "It costs 1.299,00 EUR instead of 1.499,00 EUR.",
    "That is $1,299.00, or 12 x $108.25.",
    "99,99 €, 0,50 €, 1 000 000 €, CHF 12'500.50",
    "0.123456789",
    "Up 12.5% to 1,234,567,890",
    "Prices: 19.90 29.90 39.90 49.90",
    # days and times
    "24.12.2026 from 08:00 to 12:30",
    "on 01.02.2026 10:30",
    "01/02/2026 - 03/02/2026",
    "2026-11-21T12:00:00Z and 2026-11-21 12:00",
    "open 2019-2026, 8-18 Uhr, 24/7",
    "On 21-11-2026 we open at 09:00.",
    "vom 01.02.-05.03.2026",
    "01.02. – 05.03.2026, 24.12.–06.01.",
    "01.02.26-05.03.26",
    "01.02.2026-05.03.2026",
    "vom 01.-05.03.2026",
    "am 01./02.03.2026",
    "01/2026 - 12/2026",
    # versions, sizes, places
    "Version 10.15.7, build 20260102",
    "Firmware 1.02.003-04",
    "192.168.100.20 and 10.0.0.1:8080",
    "52.520008, 13.404954",
    "M6 x 20, 1920x1080, 10 000 steps",
    "Section 5.2.1, page 104",
    "+1000000 views, +15 % more",
    "10115 Berlin, Hauptstr. 12-14",
    # parcels, orders, articles
    "Parcel 00340434161094000000",
    "Parcel 0034 0434 1610 9400 0000 00",
    "1Z999AA10123456784",
    "DPD 01405400945058",
    "RR123456785DE",
    "Order 302-1234567-1234567",
    "Ticket #1234567",
    "Ticket 35, order 100042",
    "ISBN 978-3-16-148410-0",
    "EAN 5901234123457",
    "Your number is 1234567890123456.",
    # mentions are no addresses
    "@ada@example.social thank you!",
    "@acme@social.example",
    "Hi @ada@example.social, @grace@other.example",
    "https://example.social/@ada",
    "https://example.social/@ada@other.example/109348283",
    "https://example.social/@ada/109348283471209348",
    "we meet @ Berlin.",
    "https://x.com/acme/status/1789012345678901234",
    "a@b",
    "See https://acme.example/help/0123456789012345678",
    # what only looks like an account
    "DE89 is a code",
    "BE 2026 was a good year for everybody",
    "DE00370400440532013000",
]


@pytest.mark.parametrize("text", NOTHING)
def test_what_is_none_of_it(text: str) -> None:
    assert [] == codes(text)


def test_each_thing_is_told_once() -> None:
    """The same number twice, or once plain and once in a link, is one finding."""
    assert 1 == len(look_over("4242424242424242 4242 4242 4242 4242", PLAIN))
    assert 2 == len(look_over("ada@example.org and grace@example.org", PLAIN))


def test_several_kinds() -> None:
    text = "Card 4242 4242 4242 4242, mail ada@example.org, phone +49 30 901820, AC-123456"
    assert {"held_card", "held_email", "held_phone", "held_order_number"} == set(codes(text, BRAND))


def test_switched_off() -> None:
    """Personal data may go out where an admin says so; tone is another matter."""
    guard = Guard(personal_data=PersonalData.OFF, tone=("sorry not sorry",))
    assert [] == codes("ada@example.org 4242424242424242", guard)
    assert ["held_tone"] == codes("Sorry not  SORRY", guard)


@pytest.mark.parametrize(
    "text", ["re\u200bfund", "re\u00adfund", "ｒｅｆｕｎｄ", "refund\u2060!", "Refund"]
)
def test_words_are_found_whatever_cannot_be_seen_in_them(text: str) -> None:
    """As editors and websites leave it in what is pasted."""
    assert ["held_tone"] == codes(f"No {text}", Guard(tone=("refund",)))
    assert ["held_tone"] == codes("No refund", Guard(tone=(text.strip("!"),)))


# ------------------------------------------------------------------ words for the bridge


@pytest.mark.parametrize(
    "text",
    [
        "# dm x",
        "hello #dm",
        "##dm",
        "#dm-Hello",
        "#dm#public",
        "a\n#dm",
        "(#dm)",
        "\u00ad#dm",
        "> #dm",
        "- #dm",
        "＃\u00a0DM x",
        "#d\u00adm",
        "**#dm** x",
        "您好#dm",
        "#dm您好",
    ],
)
def test_a_word_for_the_bridge_that_is_not_the_first(text: str) -> None:
    """Whoever wrote it thinks that nobody but the customer reads the answer."""
    assert [Found("held_command", "#dm")] == list(look_over(text, PLAIN))
    assert ["held_command"] == codes(text, Guard(personal_data=PersonalData.OFF))


@pytest.mark.parametrize(
    "word", ["template", "anyway", "hide", "unhide", "answer-all", "stop", "take-out", "same"]
)
def test_words_for_notes_too(word: str) -> None:
    assert [Found("held_command", f"#{word}")] == list(look_over(f"Hello. #{word} r12", PLAIN))


@pytest.mark.parametrize(
    "text",
    [
        "#dmv",
        "#DMs",
        "#dmitry",
        "#dm_desk",
        "#template2",
        "#unhidden",
        "dm",
        "hello #public",
        "https://acme.example/help#delete",
        "https://acme.example/help/#stop",
        "C# like Java",
        "#\nlike this",
    ],
)
def test_what_only_looks_like_a_word_for_the_bridge(text: str) -> None:
    assert [] == codes(text)


def test_a_brands_own_hashtag_goes_out() -> None:
    guard = Guard(may_say=("#Stop",))
    assert [] == codes("Join us at #stop!", guard)
    assert ["held_command"] == codes("Join us at #stop! #dm", guard)


# ------------------------------------------------------------------ the brand's own


@pytest.mark.parametrize(
    "text",
    [
        "Write to help@acme.example",
        "HELP@ACME.EXAMPLE",
        "+49 30 1234567",
        "+49 (30) 123-4567",
        "0049301234567",
        "030 1234567",
        "030/123 45 67",
    ],
)
def test_what_may_be_said(text: str) -> None:
    assert [] == codes(text, BRAND)
    assert [] != codes(text)


@pytest.mark.parametrize(
    "text", ["+49 30 1234568", "1help@acme.example", "help@acme.example.org", "0301234567 8"]
)
def test_what_only_resembles_it(text: str) -> None:
    assert [] != codes(text, BRAND)


@pytest.mark.parametrize(
    "text", ["AC-123456", "ＡＣ－１２３４５６", "AC\u2011123456", "(AC-123456)"]
)
def test_order_numbers(text: str) -> None:
    assert [Found("held_order_number", "AC…")] == list(look_over(text, BRAND))
    assert [] == codes(text)


def test_a_pattern_with_signs_of_its_own() -> None:
    """What a pattern says of signs holds for the text as it was written."""
    assert ["held_order_number"] == codes("№ 123456", Guard(order_numbers=(r"№ ?\d{6}",)))


def test_a_pattern_that_takes_for_ever_holds_the_reply() -> None:
    """It was not finished, so nobody knows: a person looks. The others are still looked for."""
    guard = replace(BRAND, order_numbers=(r"(a+)+(b+)+c\1$", r"AC-\d+"))
    began = time.process_time()
    found = codes("a" * 40 + "b" * 4_000 + " AC-123456", guard)
    assert {"held_unchecked", "held_order_number"} == set(found)
    assert 20 > time.process_time() - began


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("That is your OWN  fault.", True),
        ("That is your own faulty device", False),
        ("ＯＷＮ fault? your own\nfault", True),
    ],
)
def test_words_to_avoid(text: str, found: bool) -> None:
    """Whole words, as rules find them."""
    guard = Guard(tone=("your own fault", "idiot"))
    assert (["held_tone"] if found else []) == codes(text, guard)


# ------------------------------------------------------------------ masks


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("4242 4242 4242 4242", "…4242"),
        ("DE89370400440532013000", "…3000"),
        ("+49 30 901820", "…20"),
        ("ada@example.org", "a…@e…"),
        ("AC-123456", "AC…"),
    ],
)
def test_what_is_shown_of_it(text: str, shown: str) -> None:
    (found,) = look_over(text, BRAND)
    assert shown == found.excerpt


# ------------------------------------------------------------------ whatever the signs

SEPARATORS = st.sampled_from(["", " ", "-", ".", "\u200b", "\u00a0", "–", " \u2060", "\u00ad", "/"])
DIGITS = st.sampled_from(["0123456789", "０１２３４５６７８９", "٠١٢٣٤٥٦٧٨٩", "०१२३४५६७८९"])


def _with_check(stem: str) -> str:
    return next(stem + last for last in "0123456789" if is_card(stem + last))


@given(
    stem=st.sampled_from(["4", "51", "2221", "6011", "3528"]),
    rest=st.integers(min_value=0, max_value=10**15 - 1),
    gaps=st.lists(SEPARATORS, min_size=16, max_size=16),
    signs=DIGITS,
    around=st.sampled_from([("", ""), ("my card: ", " thanks"), ("(", ")"), ("x=", "&y")]),
)
def test_any_card_however_written(
    stem: str, rest: int, gaps: list[str], signs: str, around: tuple[str, str]
) -> None:
    """Found, and what is kept of it does not give it away."""
    number = _with_check((stem + str(rest).zfill(15))[:15])
    text = "".join(signs[int(digit)] + gap for digit, gap in zip(number, gaps, strict=True))
    found = look_over(around[0] + text + around[1], PLAIN)
    assert "held_card" in [each.code for each in found]
    assert not any(number[:-4] in each.excerpt or len(each.excerpt) > 8 for each in found)


@given(
    country=st.sampled_from(sorted(LENGTHS)),
    signs=st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=30, max_size=30),
    gap=st.sampled_from(["", " ", "-", "\u200b", "\u00a0"]),
    lower=st.booleans(),
)
def test_any_account_however_written(country: str, signs: str, gap: str, lower: bool) -> None:
    number = signs[: LENGTHS[country] - 4]
    check = 98 - int("".join(str(int(sign, 36)) for sign in f"{number}{country}00")) % 97
    whole = f"{country}{check:02}{number}"
    assert is_iban(whole)
    text = gap.join(whole[at : at + 4] for at in range(0, len(whole), 4))
    assert "held_iban" in codes(f"to {text.lower() if lower else text}, please")


@given(
    user=st.from_regex(r"[a-z][a-z0-9_]{0,20}", fullmatch=True),
    server=st.from_regex(r"[a-z][a-z0-9-]{0,10}[a-z0-9]\.(example|social|co\.uk)", fullmatch=True),
    before=st.sampled_from(["", "Hi ", "(", "\n", "… ", "https://far.example/"]),
)
@example(user="ada", server="example.social", before="")
def test_a_mention_is_no_address(user: str, server: str, before: str) -> None:
    """With its own @ it is somebody's handle; the same without one is an address."""
    assert "held_email" not in codes(f"{before}@{user}@{server} hello")
    assert "held_email" in codes(f"write to {user}@{server} please")


@given(st.text(max_size=400))
@example("1 " * 200)
@example("(" * 100 + "4" * 100)
def test_it_never_fails(text: str) -> None:
    guard = replace(BRAND, tone=("idiot",))
    for found in look_over(text, guard):
        assert len(found.excerpt) <= 60
        assert found.code.startswith("held_")


@given(st.integers(min_value=10**9, max_value=10**10 - 1))
def test_the_last_digits_are_all_that_is_kept(number: int) -> None:
    """A telephone number is longer than what a note, a log or the ledger holds of it."""
    assume(not str(number).endswith("000000"))
    found = look_over(f"+49{number}", PLAIN)
    assert [Found("held_phone", f"…{str(number)[-2:]}")] == list(found)


LONG = ["1 ", "4", "a.", "a", "@a", "+49 ", "0170 ", "(", "DE89 ", "1.000.", "tel ", "4 4.4-"]


@pytest.mark.parametrize("text", LONG)
def test_long_texts_take_no_time(text: str) -> None:
    """The longest comment there is (about 64,000 characters) is read in a moment."""
    began = time.process_time()
    look_over(text * (60_000 // len(text)), BRAND)
    assert 20 > time.process_time() - began
