"""What the bridge writes on tickets about posts: the words first, then where they stand."""

from __future__ import annotations

from bridge.model import Kind, Media, Person, Post, Visibility, What
from bridge.text.words import network_name, table

LONGEST_HISTORY = 5
LONGEST_EARLIER = 280


def author(person: Person) -> str:
    """`Ada Lovelace (@ada@example.social), 1200 followers`."""
    known = f"@{person.handle}" if _is_handle(person) else ""
    name = " ".join(filter(None, (person.name, f"({known})" if known and person.name else known)))
    name = name or person.id
    return name if person.followers is None else f"{name}, {person.followers} followers"


def comment(post: Post, linked: tuple[tuple[Media, str], ...], language: str = "en") -> str:
    """A post as a comment: its words, the media that are only linked (and why), its footer.

    What was said above it in the thread follows, for context.
    """
    sentences = table(language)
    lines = [post.text or sentences["no_text"]]
    for media, because in linked:
        said = media.description or media.filename or media.content_type
        lines.append(" ".join(filter(None, (said, media.url, f"({because})" if because else ""))))
    lines += [sentences[f"label_{label}"] for label in post.labels]
    if post.unanswerable:
        why = sentences[f"unanswerable_{post.unanswerable}"]
        lines.append(why.format(network=network_name(post.network)))
    lines.append(_footer(post, language))
    if earlier := _earlier(post, language):
        lines.append(earlier)
    return "\n\n".join(lines)


def edited(post: Post, before: str, language: str = "en") -> str:
    """Both versions, so that an answer to the old words can still be understood."""
    sentences = table(language)
    return "\n\n".join(
        (
            sentences["edited"].format(network=network_name(post.network)),
            post.text or sentences["no_text"],
            sentences["edited_before"],
            before or sentences["no_text"],
            _footer(post, language),
        )
    )


def removed(post: Post, language: str = "en") -> str:
    return table(language)["removed"].format(network=network_name(post.network), brackets="")


def remarked(post: Post, what: What, language: str = "en") -> str:
    """Hidden from the public, or shown again; the first words tell which post is meant."""
    said = table(language)[f"remark_{what}"].format(network=network_name(post.network))
    return f"{said} {quoted(post.text)}".strip()


def answered_elsewhere(post: Post, language: str = "en") -> str:
    """The account answered in the network's own app: agents must know before they answer too."""
    sentences = table(language)
    line = sentences["answered_elsewhere"].format(network=network_name(post.network))
    return "\n\n".join((line, post.text or sentences["no_text"], _footer(post, language)))


def _footer(post: Post, language: str) -> str:
    sentences = table(language)
    private = post.visibility is Visibility.PRIVATE
    kind = sentences[f"kind_{Kind.DM if private else post.kind}"]
    seen_by = sentences["seen_private" if private else "seen_public"]
    where = f"{network_name(post.network)} {kind}, {seen_by}"
    by = f"@{post.author.handle}" if _is_handle(post.author) else post.author.name
    return " · ".join(filter(None, (f"— {where}", by, post.permalink)))


def _is_handle(person: Person) -> bool:
    """On some networks nobody has one, and the id or a telephone number stands in its place."""
    return bool(person.handle) and person.handle != person.id and not person.handle.startswith("+")


def _earlier(post: Post, language: str) -> str:
    """The thread above a post. A private post above a public one is not repeated: the ticket of a
    public thread may be read by more people than that post was meant for."""
    shown = [
        above
        for above in post.history
        if above.visibility is Visibility.PUBLIC or post.visibility is Visibility.PRIVATE
    ][-LONGEST_HISTORY:]
    if not shown:
        return ""
    told = [f"{called(above.author)}: {quoted(above.text)}" for above in shown]
    return "\n".join((table(language)["earlier"], *told))


def called(person: Person) -> str:
    """As somebody is named above what they said."""
    return f"@{person.handle}" if _is_handle(person) else person.name or person.id


def quoted(text: str) -> str:
    """Words as they stand below another post that answers them: one line, not too long."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_EARLIER else line[: LONGEST_EARLIER - 1] + "…"
