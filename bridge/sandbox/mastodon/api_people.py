"""The server, its people, and who one is signed in as.

- https://docs.joinmastodon.org/methods/instance/ and …/entities/Instance/
- https://docs.joinmastodon.org/methods/accounts/ and …/methods/apps/
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from bridge.sandbox.mastodon import paging, shapes, words
from bridge.sandbox.mastodon.api_media import PICTURES, SOUNDS_AND_FILMS
from bridge.sandbox.mastodon.gate import Gate
from bridge.sandbox.mastodon.people import Person, Refusal
from bridge.sandbox.mastodon.posts import Status
from bridge.sandbox.mastodon.town import Town

VERSION = "4.3.8"
API_VERSION = 2
TITLE = "Sandbox: a stand-in, not a real network"


def people_api(gate: Gate) -> Blueprint:
    api, town = Blueprint("people", __name__), gate.town

    def shown(person: Person) -> dict[str, Any]:
        return shapes.account(town, person, request.host_url[:-1])

    @api.get("/api/v1/accounts/verify_credentials")
    def verify_credentials() -> ResponseReturnValue:
        person = gate.member("read:accounts")
        source = {
            "privacy": "public",
            "sensitive": False,
            "language": person.language or None,
            "note": "",
            "fields": [],
            "follow_requests_count": 0,
        }
        return jsonify(shown(person) | {"source": source})

    @api.get("/api/v1/apps/verify_credentials")
    def verify_app() -> ResponseReturnValue:
        gate.member("")
        token = town.token(request.headers["Authorization"].partition(" ")[2].strip())
        return jsonify(
            id="1",
            name="Helpdesk",
            website=None,
            scopes=list(token.scopes) if token else [],
            redirect_uris=["urn:ietf:wg:oauth:2.0:oob"],
        )

    @api.get("/api/v1/accounts/lookup")
    def lookup() -> ResponseReturnValue:
        gate.viewer("read:accounts")
        return jsonify(shown(_there(town.known(request.args.get("acct", "")))))

    @api.get("/api/v1/accounts/relationships")
    def relationships() -> ResponseReturnValue:
        me = gate.member("read:follows").id
        wanted = request.args.getlist("id[]") or request.args.getlist("id")
        found = [person for person in map(town.by_id, wanted) if person]
        return jsonify([relationship(town, me, person.id) for person in found])

    @api.get("/api/v1/accounts/<person_id>")
    def show(person_id: str) -> ResponseReturnValue:
        gate.viewer("read:accounts")
        return jsonify(shown(_there(town.by_id(person_id))))

    @api.get("/api/v1/accounts/<person_id>/statuses")
    def statuses(person_id: str) -> ResponseReturnValue:
        viewer = gate.viewer("read:statuses")
        me = viewer.id if viewer else ""
        author = _there(town.by_id(person_id))
        without_replies = request.args.get("exclude_replies", "") in ("1", "true")
        found = [
            one
            for one in town.statuses()
            if one.author == author.id
            and town.can_see(me, one)
            and not (without_replies and one.in_reply_to_author not in ("", author.id))
        ]
        page = paging.asked(request.args.to_dict(), 20, 40)
        cut = page.cut(found, _number)
        base, direct_as = request.host_url[:-1], gate.direct_as()
        answer = jsonify([shapes.status(town, o, base, me, direct_as=direct_as) for o in cut])
        return with_links(gate, answer, page, [_number(one) for one in cut])

    @api.get("/api/v2/instance")
    def instance() -> ResponseReturnValue:
        if gate.odd("no_v2_instance"):
            raise Refusal(404, "Not Found")
        return jsonify(
            domain=town.domain,
            title=TITLE,
            version=VERSION,
            source_url="https://github.com/mastodon/mastodon",
            description=TITLE,
            usage={"users": {"active_month": len(town.people())}},
            languages=["en"],
            configuration=_configuration(town),
            registrations={"enabled": False, "approval_required": False, "message": None},
            api_versions={"mastodon": API_VERSION},
            contact={"email": "", "account": None},
            rules=[],
        )

    @api.get("/api/v1/instance")
    def first_instance() -> ResponseReturnValue:
        return jsonify(
            uri=town.domain,
            title=TITLE,
            short_description=TITLE,
            description=TITLE,
            version=VERSION,
            languages=["en"],
            registrations=False,
            stats={
                "user_count": len(town.people()),
                "status_count": len(town.statuses()),
                "domain_count": len({person.domain for person in town.people()}),
            },
            configuration=_configuration(town),
            rules=[],
        )

    return api


def with_links(gate: Gate, answer: Response, page: paging.Page, numbers: list[int]) -> Response:
    """The answer with its Link header; the links keep what was asked, but for the place."""
    if gate.odd("no_link_header"):
        return answer
    kept = [
        (name, value)
        for name, value in request.args.items(multi=True)
        if name not in ("max_id", "min_id", "since_id")
    ]
    link = paging.link_header(request.base_url, kept, page, numbers)
    if link:
        answer.headers["Link"] = link
    return answer


def _number(status: Status) -> int:
    return int(status.id)


def _there(person: Person | None) -> Person:
    if person is None:
        raise Refusal(404, "Record not found")
    return person


def relationship(town: Town, me: str, other: str) -> dict[str, Any]:
    return {
        "id": other,
        "following": town.follows(me, other),
        "followed_by": town.follows(other, me),
        "blocking": town.blocks(me, other),
        "blocked_by": town.blocks(other, me),
        "muting": False,
        "muting_notifications": False,
        "requested": False,
        "domain_blocking": False,
        "endorsed": False,
        "showing_reblogs": True,
        "notifying": False,
        "note": "",
    }


def _configuration(town: Town) -> dict[str, Any]:
    limits = town.limits
    return {
        "urls": {"streaming": ""},
        "accounts": {"max_featured_tags": 10, "max_pinned_statuses": 5},
        "statuses": {
            "max_characters": limits.characters,
            "max_media_attachments": limits.media,
            "characters_reserved_per_url": words.URL_WEIGHT,
        },
        "media_attachments": {
            "description_limit": 1500,
            "supported_mime_types": [*PICTURES, *SOUNDS_AND_FILMS],
            "image_size_limit": limits.image_size,
            "image_matrix_limit": 33_177_600,
            "video_size_limit": limits.video_size,
            "video_frame_rate_limit": 120,
            "video_matrix_limit": 8_294_400,
        },
        "polls": {
            "max_options": 4,
            "max_characters_per_option": 50,
            "min_expiration": 300,
            "max_expiration": 2_629_746,
        },
        "translation": {"enabled": False},
    }
