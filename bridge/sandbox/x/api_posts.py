"""Posting, reading, deleting: https://docs.x.com/x-api/posts/introduction"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from bridge.sandbox.x import asked, fields, pages, searching
from bridge.sandbox.x.answers import Answers
from bridge.sandbox.x.gate import Caller, Gate
from bridge.sandbox.x.people import Refusal, invalid
from bridge.sandbox.x.posts import Post, made_at
from bridge.sandbox.x.words import has_link

TIMELINE = (
    "max_results",
    "pagination_token",
    "start_time",
    "end_time",
    "since_id",
    "until_id",
    *fields.OF_POSTS,
)
SEARCHED = timedelta(days=7)


def posts_api(gate: Gate) -> Blueprint:
    api, town = Blueprint("x_posts", __name__), gate.town

    def answers(caller: Caller, allowed: tuple[str, ...]) -> Answers:
        return Answers(town, fields.wanted(request.args, allowed, town.rules.names), caller)

    def shown(body: dict[str, Any]) -> Response:
        return jsonify(fields.renamed(body) if town.rules.names == "post" else body)

    def listed(
        answering: Answers, found: list[Post], most: int, *, owned: bool = False
    ) -> ResponseReturnValue:
        seen = [one for one in found if town.can_see(answering.caller.id, one)]
        page = pages.cut(seen, request.args, most)
        town.costs.read("post", [one.id for one in page.items], owned=owned)
        return shown(answering.posts(page.items) | {"meta": page.meta})

    @api.post("/2/tweets")
    def create() -> ResponseReturnValue:
        person = gate.member("tweet.read", "tweet.write", "users.read")
        draft: asked.Draft = asked.read(asked.DraftSchema(), request)
        target = town.at(draft.in_reply_to)
        called = target is not None and town.summoned(person, target)
        post = town.publish(
            person, draft.text, draft.in_reply_to, draft.quotes, draft.media, by_app=True
        )
        price = "post summoned" if called else "post"
        town.costs.write("post with URL" if has_link(draft.text) else price)
        if gate.odd("echo_before_answer"):
            town.deliver()
        data = {"id": post.id, "text": post.text, "edit_history_tweet_ids": list(post.history)}
        return shown({"data": data}), 201

    @api.delete("/2/tweets/<post_id>")
    def delete(post_id: str) -> ResponseReturnValue:
        person = gate.member("tweet.read", "tweet.write", "users.read")
        found = town.at(fields.identifier("id", post_id))
        if found is None:
            raise Refusal(404, f"Could not find tweet with id: [{post_id}].")
        if found.author != person.id:
            raise Refusal(403, "You are not authorized to delete this Tweet.")
        town.delete(post_id)
        town.costs.write("post deleted")
        return jsonify(data={"deleted": True})

    @api.get("/2/tweets/<post_id>")
    def show(post_id: str) -> ResponseReturnValue:
        answering = answers(gate.caller(), fields.OF_POSTS)
        found, problems = answering.look_up([fields.identifier("id", post_id)], "id")
        town.costs.read("post", [one.id for one in found])
        status = 404 if problems and gate.odd("missing_is_404") else 200
        return shown(answering.posts(found, problems, single=True)), status

    @api.get("/2/tweets")
    def several() -> ResponseReturnValue:
        answering = answers(gate.caller(), ("ids", *fields.OF_POSTS))
        ids = [fields.identifier("ids", one) for one in request.args.get("ids", "").split(",")]
        if len(ids) > 100:
            raise invalid("The number of values in the `ids` query parameter list is over 100")
        found, problems = answering.look_up(list(dict.fromkeys(ids)), "ids")
        town.costs.read("post", [one.id for one in found])
        return shown(answering.posts(found, problems))

    @api.get("/2/tweets/search/recent")
    def search() -> ResponseReturnValue:
        more = ("query", "next_token", "sort_order", *TIMELINE)
        answering = answers(gate.caller(), more)
        most = fields.number(request.args, "max_results", 10, 100, 10)
        since = town.clock() - SEARCHED
        after = request.args.get("since_id")
        if after and made_at(fields.identifier("since_id", after)) < since:
            raise invalid(
                f"'since_id' must be a tweet id created after {since:%Y-%m-%dT%H:%MZ}. "
                "Please use a 'since_id' that is larger",
                {"since_id": [after]},
            )
        fits = searching.condition(request.args.get("query", ""), town)
        found = [one for one in town.latest() if one.created_at >= since and fits(one)]
        return listed(answering, found, most)

    @api.get("/2/users/<person_id>/mentions")
    def mentions(person_id: str) -> ResponseReturnValue:
        """Also those whom X itself names before a reply."""
        caller = gate.caller()
        answering = answers(caller, TIMELINE)
        most = fields.number(request.args, "max_results", 5, 100, 10)
        me = town.by_id(fields.identifier("id", person_id))
        found = [
            one
            for one in town.latest()
            if me in town.named(one, explicitly=False) and one.author != person_id
            if not one.reposts
        ]
        return listed(answering, found, most, owned=_owned(caller, person_id))

    @api.get("/2/users/<person_id>/tweets")
    def timeline(person_id: str) -> ResponseReturnValue:
        caller = gate.caller()
        answering = answers(caller, ("exclude", *TIMELINE))
        most = fields.number(request.args, "max_results", 5, 100, 10)
        left_out = request.args.get("exclude", "").split(",")
        found = [
            one
            for one in town.latest()
            if one.author == fields.identifier("id", person_id)
            and not (one.in_reply_to and "replies" in left_out)
            and not (one.reposts and "retweets" in left_out)
        ]
        return listed(answering, found, most, owned=_owned(caller, person_id))

    def _owned(caller: Caller, person_id: str) -> bool:
        """https://docs.x.com/x-api/getting-started/pricing#owned-reads"""
        owner = town.known(town.app.owner) if town.app.owner else None
        return owner is not None and caller.id == owner.id == person_id

    return api
