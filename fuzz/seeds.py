"""Right inputs, from which the wrong ones are made."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import strategies as st

from bridge.settings import Secret
from bridge.signing import sign
from fuzz import inputs

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SITE_SECRET = "whsec_" + base64.b64encode(b"what the shop signs with").decode()
MESSAGE = {
    "type": "message.created",
    "timestamp": "2026-11-21T12:00:00Z",
    "data": {
        "id": "m1",
        "thread_id": "t1",
        "parent_id": "p1",
        "visibility": "public",
        "author": {
            "id": 7,
            "name": "Ada",
            "handle": "@ada",
            "profile_url": "https://shop.example/ada",
            "avatar_url": "https://shop.example/ada.png",
            "language": "en",
            "followers": 12,
        },
        "text": "Where is my parcel?",
        "subject": "Parcel",
        "language": "en-GB",
        "url": "https://shop.example/m1",
        "created_at": "2026-11-21T11:59:00+01:00",
        "media": [{"url": "https://shop.example/a.png", "filename": "a.png"}],
    },
}
EVENT = {
    "id": "01HV",
    "subject": "zen:ticket:35",
    "type": "zen:event-type:ticket.comment_added",
    "detail": {"id": "35"},
    "ticket_id": 35,
}
_ADA = {
    "id": "1",
    "acct": "ada@x.example",
    "username": "ada",
    "display_name": "Ada :blobcat:",
    "url": "https://x.example/@ada",
    "avatar": "https://x.example/a.png",
    "followers_count": 12,
}
_STATUS = {
    "id": "100",
    "account": _ADA,
    "content": '<p><span class="h-card"><a href="https://x.example/@acme" class="u-url mention">'
    "@<span>acme</span></a></span> broken<br>again</p>",
    "created_at": "2026-11-21T11:59:00.000Z",
    "visibility": "public",
    "in_reply_to_id": "99",
    "in_reply_to_account_id": "900",
    "edited_at": "2026-11-21T11:59:30Z",
    "spoiler_text": "food",
    "language": "en",
    "url": "https://x.example/@ada/100",
    "uri": "https://x.example/users/ada/statuses/100",
    "media_attachments": [
        {"type": "image", "url": "https://x.example/p.png", "remote_url": None, "description": "p"}
    ],
    "mentions": [{"id": "900", "acct": "acme"}],
    "poll": {"options": [{"title": "yes"}, {"title": "no"}]},
    "quote": {
        "state": "accepted",
        "quoted_status": {"url": "https://x.example/1", "account": _ADA},
    },
}
DELIVERY = {
    "notification": {
        "id": "7",
        "type": "mention",
        "created_at": "2026-11-21T11:59:01Z",
        "status": _STATUS,
    },
    "ancestors": [{**_STATUS, "id": "99", "in_reply_to_id": None}],
    "me": {"id": "900", "domain": "x.example"},
}

_BODY = json.dumps(MESSAGE).encode()
SIGNED = sign((Secret(SITE_SECRET),), "msg_1", NOW, _BODY)


def desk_headers(body: bytes, at: str = "2026-11-21T12:00:00Z") -> dict[str, str]:
    """What Zendesk would say of these bytes."""
    digest = hmac.new(SITE_SECRET.encode(), at.encode() + body, hashlib.sha256).digest()
    return {
        "X-Zendesk-Webhook-Signature": base64.b64encode(digest).decode(),
        "X-Zendesk-Webhook-Signature-Timestamp": at,
    }


def _with_head(headers: dict[str, str], body: bytes) -> bytes:
    lines = (f"{name}: {value}\n" for name, value in headers.items())
    return "".join(lines).encode() + b"\n" + body


def with_headers(seed: dict[str, object]) -> inputs.Bytes:
    """Signed things that were changed, and unsigned ones."""
    body = json.dumps(seed).encode()
    heads = (SIGNED, desk_headers(body + b" "), {})
    whole = tuple(_with_head(head, body + b"!") for head in heads)
    changed = st.builds(
        lambda head, body: _with_head(head, body), st.sampled_from(heads), inputs.documents(seed)
    )
    return st.one_of(changed, inputs.damaged(whole))


REQUESTS = (
    b"POST /hooks/site/shop\n" + _with_head({"Content-Type": "application/json"}, _BODY),
    b"POST /hooks/site/shop sign\n\n" + _BODY,
    b"POST /hooks/mastodon/acme\n\n{}",
    b"POST /helpdesk/zendesk/events sign\n\n" + json.dumps(EVENT).encode(),
    b"GET /health\n\n",
    b"GET /ready?x=%ff\n\n",
    b"GET /metrics\nAccept: */*\n\n",
    b"OPTIONS /hooks/site/shop\nContent-Length: -1\n\n",
    b"PUT /hooks/%2e%2e/..%2f\nContent-Length: 99999999999999999999\n\nx",
    b"POST /hooks/site/shop\nTransfer-Encoding: chunked\n\nzz\r\n",
)


def requests() -> inputs.Bytes:
    """Genuine ones whose body is not as it should be."""
    return st.one_of(
        inputs.documents(MESSAGE).map(lambda body: b"POST /hooks/site/shop sign\n\n" + body),
        inputs.documents(EVENT).map(lambda body: b"POST /helpdesk/zendesk/events sign\n\n" + body),
    )


HTML = (
    b'<p>Hi <a href="https://x.example/a">x.example</a><br>there</p><ul><li>1</li></ul>',
    b"<blockquote><pre>a\n  b</pre></blockquote><img alt='x' src=x onerror=alert(1)>",
    b"<svg><math><mtext><table><mglyph><style><!--</style><img title='--&gt;'>",
    b"&#x202e;&#0;&lt;script&gt;&amp;amp;",
)
SETTINGS = b"""BRIDGE_DATABASE_URL=postgres://me:hunter2@db.example/x
BRIDGE_SECRET_KEY=hunter2,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
BRIDGE_PUBLIC_URL=https://[::1]:443
BRIDGE_WORKERS=4
BRIDGE_LEASE_SECONDS=1e3
BRIDGE_LOG_LEVEL=info
BRIDGE_MAX_BODY=2048
ZENDESK_URL=https://me:hunter2@acme.zendesk.com:443
ZENDESK_OAUTH_TOKEN=hunter2
BRIDGE_TRUSTED_HOSTS=a,b"""
FILENAMES = (
    b"attachment; filename=\"a.png\"; filename*=UTF-8''%e2%82%ac.png\nhttps://x.example/b.png",
    b"attachment; filename*0=a; filename*1=b\nhttps://x.example/..%2f..%2fetc%2fpasswd",
    b"inline; filename==?utf-8?Q?a?=\nhttps://x.example/",
)
ADDRESSES = (
    b"https://x.example:8443/a/b?c=d&e=%ff#g",
    b"http://[::ffff:127.0.0.1]/",
    "https://bücher.example/ü?ß".encode(),
    b"http://0x7f.1/\\x",
)
WAITS = (
    b"120\n1800000000",
    b"Wed, 21 Oct 2026 07:28:00 GMT\n2026-11-21T12:00:00.000Z",
    b"1.5\n0001-01-01T00:00:00+23:59",
    b"Fri, 31 Dec 9999 23:59:59 -2359\n",
)
TEXTS = (
    b"See https://x.example/a_(b)). And @ada@x.example, @ben!",
    "„https://x.example“ 我。你 👩🏽‍🚀 (http://a.b".encode(),
)
LINES = (
    b"https://me:hunter2@x.example/?access_token=hunter2 Authorization: Bearer hunter2",
    b'{"client_secret": "hunter2", "a": "b"}\r\nx',
)


def mappings() -> tuple[bytes, ...]:
    """The example, and the traps of YAML."""
    example = Path(__file__).resolve().parents[1] / "mappings" / "example.yaml"
    return (
        example.read_bytes(),
        b"rules:\n  - &a {name: x, when: &b [*a, *b], route: {group: y}}\n",
        b"a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]\n<<: *a\n",
        b"!!python/object/apply:os.system [x]",
        b"[" * 200,
    )
