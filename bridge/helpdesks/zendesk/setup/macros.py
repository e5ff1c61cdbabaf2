"""Macros: answer privately, answer in public, ask for the order number privately.

Actions: https://developer.zendesk.com/documentation/ticketing/reference-guides/actions-reference/

The word at the head of the comment decides, because the agent sees it in what is about to be sent.
It ends with a colon: the blank after it may be lost on the way, and `#dmHello` would be no word of
ours but a public answer. The private ones set the field as well, for the agent who has begun to
write before; the public one does not, because whoever takes its word out again must not have said
"in public" all the same.
"""

from __future__ import annotations

from bridge.errors import Misconfigured
from bridge.helpdesks.zendesk.compose import REPLY_AS
from bridge.helpdesks.zendesk.setup.model import Ids, Kind, Wanted, Wishes, canonical, mark_of
from bridge.helpdesks.zendesk.setup.wording import texts

PRIVATELY, IN_PUBLIC = "#dm: ", "#public: "


def wanted(wishes: Wishes) -> tuple[Wanted, ...]:
    say = texts(wishes.language)
    return (
        _macro("private", say["macro.private"], say["says.private"], PRIVATELY, private=True),
        _macro("public", say["macro.public"], say["says.private"], IN_PUBLIC, private=False),
        _macro(
            "order_number",
            say["macro.order_number"],
            say["says.private"],
            PRIVATELY + say["text.order_number"],
            private=True,
        ),
    )


def _macro(name: str, title: str, says: str, words: str, *, private: bool) -> Wanted:
    def text(ids: Ids) -> str:
        actions = [
            {"field": "comment_mode_is_public", "value": "true"},
            {"field": "comment_value", "value": words},
        ]
        if private:
            field = dict(ids).get("reply_as")
            if field is None:
                raise Misconfigured("it needs the ticket field in which agents choose")
            actions.append({"field": f"custom_fields_{field}", "value": REPLY_AS["private"]})
        return canonical(
            {
                "title": title,
                "description": f"{says} {mark_of(name)}",
                "active": True,
                "actions": actions,
            }
        )

    return Wanted(Kind.MACRO, name, title, text)
