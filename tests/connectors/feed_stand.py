"""A change feed over HTTP, as small as can be: a compacted log in memory, cursors that are
positions, and whatever goes wrong by name."""

from __future__ import annotations

from datetime import timedelta

from connectors.samples import NOON
from connectors.stand import Stand
from flask import Response, jsonify, request

from bridge.crm.schemas import NO_SUCH_RECORD, row
from bridge.records import RECORDS, Change, Record, Resource

TOKEN = "feed-token"


class FeedStand(Stand):
    def __init__(self) -> None:
        super().__init__()
        self.log: dict[str, Change] = {}
        self.number = 0
        self.horizon = 0
        self.app.add_url_rule("/api/v1/changes", view_func=self._changes)
        self.app.add_url_rule("/api/v1/<kind>/<record_id>", view_func=self._one)

    def tell(self, *records: Record) -> None:
        """These changed, in this order."""
        for record in records:
            self.number += 1
            kind = next(each for each, shape in RECORDS.items() if isinstance(record, shape))
            self.log.pop(record.id, None)
            at = NOON + timedelta(seconds=self.number)
            self.log[record.id] = Change(self.number, at, Resource(kind), record)

    def forget(self, record_id: str) -> None:
        """Its tombstone, too: cursors of before are good no more."""
        del self.log[record_id]
        self.horizon = self.number

    def _changes(self) -> Response:
        if self.calls[-1].authorization != f"Bearer {TOKEN}":
            return Response(status=401)
        after = int(request.args.get("cursor") or -1)
        if 0 <= after < self.horizon:
            return Response(status=410)
        limit = int(request.args["limit"])
        only = request.args.get("resource", "")
        left = [
            each
            for each in self.log.values()
            if each.change_id > after and only in ("", each.resource)
        ]
        page, more = left[:limit], len(left) > limit
        end = str(page[-1].change_id) if more else str(max(self.number, 0))
        return jsonify(
            data=[row(each) for each in page],
            next_cursor=end if more else None,
            resume_cursor=end,
            has_more=more,
        )

    def _one(self, kind: str, record_id: str) -> Response:
        found = self.log.get(record_id)
        if found:
            return jsonify(row(found))
        answer = jsonify(error="there is no such record, or no longer", code=NO_SUCH_RECORD)
        answer.status_code = 404
        return answer
