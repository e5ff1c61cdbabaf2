"""Which parameters and fields a call may name, and what it asked for.

X refuses a parameter or a field that it does not know. Its guide and all its samples speak of
`tweet.fields` and `referenced_tweets` (https://docs.x.com/x-api/fundamentals/fields,
https://docs.x.com/x-api/fundamentals/expansions), its OpenAPI description of `post.fields` and
`referenced_posts` (https://api.x.com/2/openapi.json, 2.167), and which of them the real X takes is
not known. `Rules.names` says it here: "tweet", "post", or "both", which answers in the guide's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bridge.sandbox.x.people import invalid


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


POST = _names(
    """article attachments author_id card_uri community_id context_annotations conversation_id
    created_at display_text_range edit_controls edit_history_tweet_ids entities geo id
    in_reply_to_user_id lang media_metadata non_public_metrics note_tweet organic_metrics
    paid_partnership possibly_sensitive promoted_metrics public_metrics referenced_tweets
    reply_settings scopes source text withheld"""
)
USER = _names(
    """affiliation confirmed_email connection_status created_at description entities id
    is_identity_verified location most_recent_tweet_id name parody pinned_tweet_id
    profile_banner_url profile_image_url protected public_metrics receives_your_dm
    subscribes_to_you subscription subscription_type url username verified
    verified_followers_count verified_type withheld"""
)
MEDIA = _names(
    """alt_text duration_ms height media_key non_public_metrics organic_metrics preview_image_url
    promoted_metrics public_metrics type url variants width"""
)
MESSAGE = _names(
    """attachments created_at dm_conversation_id entities event_type id participant_ids
    referenced_tweets sender_id text"""
)
EXPANSIONS = _names(
    """article.cover_media article.media_entities attachments.media_keys
    attachments.media_source_tweet attachments.poll_ids author_id edit_history_tweet_ids
    entities.mentions.username geo.place_id in_reply_to_user_id participant_ids pinned_tweet_id
    affiliation.user_id most_recent_tweet_id referenced_tweets.id referenced_tweets.id.author_id
    referenced_tweets.id.attachments.media_keys sender_id"""
)
LISTS = {
    "tweet.fields": POST,
    "user.fields": USER,
    "media.fields": MEDIA,
    "dm_event.fields": MESSAGE,
    "expansions": EXPANSIONS,
    "poll.fields": frozenset({"duration_minutes", "end_datetime", "id", "options"}),
    "place.fields": frozenset({"country", "country_code", "full_name", "geo", "id", "name"}),
}
OF_POSTS = (
    "tweet.fields",
    "user.fields",
    "media.fields",
    "poll.fields",
    "place.fields",
    "expansions",
)
OF_USERS = ("user.fields", "tweet.fields", "expansions")
OF_MESSAGES = ("dm_event.fields", "user.fields", "tweet.fields", "media.fields", "expansions")
TO_POST = {
    "note_tweet": "note_post",
    "referenced_tweets": "referenced_posts",
    "edit_history_tweet_ids": "edit_history_post_ids",
    "most_recent_tweet_id": "most_recent_post_id",
    "pinned_tweet_id": "pinned_post_id",
    "in_reply_to_tweet_id": "in_reply_to_post_id",
    "tweet_count": "post_count",
    "tweet_count_str": "post_count_str",
    "retweet_count": "repost_count",
    "retweet_count_str": "repost_count_str",
    "tweets": "posts",
}
EXPANDED = {"referenced_tweets.id": "referenced_posts", "affiliation.user_id": "affiliation"}
ONLY_IN_GUIDE = {
    "tweet.fields": _names(
        "author_id edit_history_tweet_ids in_reply_to_user_id referenced_tweets"
    ),
    "user.fields": _names("affiliation most_recent_tweet_id pinned_tweet_id"),
    "dm_event.fields": _names("participant_ids referenced_tweets sender_id"),
    "expansions": _names(
        "referenced_tweets.id.author_id referenced_tweets.id.attachments.media_keys"
    ),
}
"""What the OpenAPI description does not list; some of it comes with an expansion."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a call asked for, in the guide's names."""

    post: frozenset[str] = frozenset()
    user: frozenset[str] = frozenset()
    media: frozenset[str] = frozenset()
    message: frozenset[str] = frozenset()
    expansions: frozenset[str] = frozenset()


def wanted(args: Mapping[str, str], allowed: tuple[str, ...], names: str) -> Wanted:
    """`allowed` are all parameters that the call may name. Raises `Refusal`."""
    known = {_parameter(name, names): name for name in allowed}
    if names == "both":
        known |= {name: name for name in allowed}
    found: dict[str, frozenset[str]] = {}
    for sent, value in args.items():
        if sent not in known:
            raise invalid(
                f"The query parameter [{sent}] is not one of [{','.join(known)}]", {sent: [value]}
            )
        if known[sent] in LISTS:
            found[known[sent]] = _values(sent, value, _spelled(known[sent], names))
    return Wanted(
        found.get("tweet.fields", frozenset()),
        found.get("user.fields", frozenset()),
        found.get("media.fields", frozenset()),
        found.get("dm_event.fields", frozenset()),
        found.get("expansions", frozenset()),
    )


def number(args: Mapping[str, str], name: str, least: int, most: int, usual: int) -> int:
    """Raises `Refusal`."""
    sent = args.get(name, str(usual))
    if not re.fullmatch(r"[0-9]{1,4}", sent) or not least <= int(sent) <= most:
        raise invalid(
            f"The `{name}` query parameter value [{sent}] is not between {least} and {most}",
            {name: [sent]},
        )
    return int(sent)


def identifier(name: str, value: str) -> str:
    """Raises `Refusal`."""
    if not re.fullmatch(r"[0-9]{1,19}", value):
        raise invalid(f"The `{name}` query parameter value [{value}] is not valid", {name: [value]})
    return value


def renamed(shown: Any) -> Any:
    """The same in the names of the OpenAPI description."""
    if isinstance(shown, list):
        return [renamed(one) for one in shown]
    if not isinstance(shown, dict):
        return shown
    return {TO_POST.get(name, name): renamed(value) for name, value in shown.items()}


def _parameter(name: str, names: str) -> str:
    return "post.fields" if name == "tweet.fields" and names != "tweet" else name


def _spelled(parameter: str, names: str) -> dict[str, str]:
    """What may be sent, and what it means in the guide's names."""
    in_guide = {one: one for one in LISTS[parameter]}
    if names == "tweet":
        return in_guide
    described = {
        EXPANDED.get(one, TO_POST.get(one, one)): one
        for one in LISTS[parameter] - ONLY_IN_GUIDE.get(parameter, frozenset())
    }
    return in_guide | described if names == "both" else described


def _values(name: str, value: str, known: dict[str, str]) -> frozenset[str]:
    for one in value.split(","):
        if one not in known:
            listed = ",".join(sorted(known))
            raise invalid(
                f"The `{name}` query parameter value [{one}] is not one of [{listed}]",
                {name: [value]},
            )
    return frozenset(known[one] for one in value.split(","))
