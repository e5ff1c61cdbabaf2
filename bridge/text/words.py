"""What agents read, in one place: what happened, what it means, what to do.

Every language has every code (a test sees to it). `{network}` is the network's name; `{said}` is
the far side's own words or a number, led in as the sentence needs it, and empty where there are
none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping as Table

from bridge.model import Kind, Post, Reached, Visibility
from bridge.text import words_de, words_en
from bridge.text.html import whole
from bridge.text.words_de import GERMAN
from bridge.text.words_en import ENGLISH

LANGUAGES: Table[str, Table[str, str]] = {"en": ENGLISH, "de": GERMAN}
SENT = (
    {
        Reached.NOTHING: words_en.NOT_SENT,
        Reached.PART: words_en.PARTLY_SENT,
        Reached.UNKNOWN: words_en.PERHAPS_SENT,
    },
    {
        Reached.NOTHING: words_de.NOT_SENT,
        Reached.PART: words_de.PARTLY_SENT,
        Reached.UNKNOWN: words_de.PERHAPS_SENT,
    },
)
LONGEST_DETAIL = 300
LONGEST_SUBJECT = 120

CODES = frozenset(ENGLISH)

_NAMES = {
    "app_store": "App Store",
    "bluesky": "Bluesky",
    "facebook": "Facebook",
    "google_business": "Google Business",
    "google_play": "Google Play",
    "instagram": "Instagram",
    "line": "LINE",
    "linkedin": "LinkedIn",
    "mastodon": "Mastodon",
    "messenger": "Messenger",
    "rss": "RSS",
    "site": "Website",
    "telegram": "Telegram",
    "threads": "Threads",
    "tiktok": "TikTok",
    "whatsapp": "WhatsApp",
    "x": "X",
    "youtube": "YouTube",
}


def network_name(network: str) -> str:
    """As people write it: "Mastodon" for `mastodon`. A network unknown here is capitalised."""
    known = _NAMES.get(network)
    return known or network[:1].upper() + network[1:].replace("_", " ")


def note(
    code: str,
    *,
    network: str,
    detail: str = "",
    language: str = "en",
    number: str = "",
    reached: Reached = Reached.NOTHING,
) -> str:
    """What happened and what to do about it. A code that has no sentence of its own gets the
    general one, with the code in it: a note that says little is better than none.

    `detail` is what the far side said, or a number ("612 of 500"). `number` is what agents call
    the thing that the sentence tells them to name ("r12"). `reached` is how much of a failed reply
    the customer may have: where that is any of it, no sentence says that it is nothing.
    """
    sentences = table(language)
    said = detail or ("" if code in sentences else code)
    sentence = sentences.get(code, sentences["other"])
    for so_much in SENT:
        sentence = sentence.replace(so_much[Reached.NOTHING], so_much[reached])
    return _filled(sentence, network, said, number)


def ahead(code: str, *, network: str, detail: str = "", language: str = "en") -> str:
    """As `note`, without a word on what was sent: of what would be if it were sent now, and of one
    try among several."""
    told = note(code, network=network, detail=detail, language=language)
    for so_much in SENT:
        told = told.replace(f" {so_much[Reached.NOTHING]}", "")
    return told


def table(language: str) -> Table[str, str]:
    """The sentences for a language tag: `de-AT` reads German, a language we lack reads English."""
    return LANGUAGES.get(re.split("[-_]", language.lower())[0], ENGLISH)


def subject(post: Post, language: str = "en") -> str:
    """A ticket's subject: what it is, where, from whom, how it begins. Stable for the same post."""
    sentences = table(language)
    private = post.visibility is Visibility.PRIVATE and post.kind is not Kind.REVIEW
    kind = sentences[f"kind_{Kind.DM if private else post.kind}"]
    author = post.author.name or post.author.handle or post.author.id
    begins = _one_line(post.subject or post.text)
    who = sentences["subject"].format(
        network=network_name(post.network), kind=kind, author=_one_line(author)[:60].strip()
    )
    line = f"{who}: {begins}" if begins else who
    return line if len(line) <= LONGEST_SUBJECT else line[: LONGEST_SUBJECT - 1].rstrip() + "…"


def edited(text: str, *, network: str, language: str = "en") -> str:
    """The comment that says that a post was changed, and how it reads now."""
    return _filled(table(language)["edited"], network, "") + f"\n\n{text}"


def removed(because: str = "", *, network: str, language: str = "en") -> str:
    """The note that says that a post is gone from the network."""
    return _filled(table(language)["removed"], network, because)


def redacted(*, network: str, language: str = "en") -> str:
    """What stands in a comment in place of the words of a removed post."""
    return _filled(table(language)["redacted"], network, "")


def help_with_commands(*, network: str, language: str = "en") -> str:
    """What `#dm`, `#public` and `#retry` do."""
    return _filled(table(language)["help"], network, "")


def _filled(sentence: str, network: str, detail: str, number: str = "") -> str:
    said = _one_line(detail)
    if len(said) > LONGEST_DETAIL:
        said = said[: LONGEST_DETAIL - 1].rstrip() + "…"
    said = said.rstrip(".")
    return sentence.format(
        network=network_name(network),
        said=f": {said}" if said else "",
        brackets=f" ({said})" if said else "",
        number=f" {number}" if number else "",
    )


def _one_line(text: str) -> str:
    return " ".join(whole(text).split())
