"""Who somebody is: their profile, as far as they let the account see it.

- https://developers.facebook.com/docs/messenger-platform/identity/user-profile
- https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/messaging-api/user-profile
"""

from __future__ import annotations

from bridge.sandbox.meta.api_messages import inbox_of
from bridge.sandbox.meta.graph import Answer, Call, Graph
from bridge.sandbox.meta.refusals import refuse
from bridge.sandbox.meta.selection import Known, picked
from bridge.sandbox.meta.town import Profile, SystemUser


def people_api(graph: Graph) -> None:
    @graph.on(Profile, "", "GET")
    def profile(call: Call, profile: Profile) -> Answer:
        inbox = inbox_of(call, profile.account_id)
        if inbox.id_of(profile.person.handle) != profile.id or inbox.heard_at(profile.id) is None:
            raise refuse("consent")  # who never wrote has not agreed to be looked up
        person = profile.person
        first, _, last = person.name.partition(" ")
        known: Known = {
            "id": lambda _: profile.id,
            "name": lambda _: person.name,
            "profile_pic": lambda _: f"{call.town.url}/avatars/{person.handle}.svg",
        }
        usual: tuple[str, ...]
        if inbox.network == "messenger":
            known |= {"first_name": lambda _: first, "last_name": lambda _: last}
            usual = ("first_name", "last_name", "profile_pic")
        else:
            known |= {
                "username": lambda _: person.username,
                "follower_count": lambda _: person.followers,
                "is_verified_user": lambda _: False,
                "is_user_follow_business": lambda _: False,
                "is_business_follow_user": lambda _: False,
            }
            usual = ("name", "username")
        return picked(known, call.wants, usual, "User")

    @graph.on(SystemUser, "", "GET")
    def system_user(call: Call, user: SystemUser) -> Answer:
        known: Known = {"id": lambda _: user.id, "name": lambda _: user.name}
        return picked(known, call.wants, ("id", "name"), "User")
