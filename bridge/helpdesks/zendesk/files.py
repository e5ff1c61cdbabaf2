"""Files to and from tickets.

https://developer.zendesk.com/api-reference/ticketing/tickets/ticket-attachments/
An upload lives three days unused and is visible to any signed-in user until then, so it is made
right before the comment. An attachment's address may lie outside Zendesk: our token goes to our
own Zendesk over the scheme of the settings, and nowhere else.
"""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import quote, urlsplit

from requests.utils import requote_uri

from bridge.addresses import door_of
from bridge.helpdesks.zendesk import answers
from bridge.helpdesks.zendesk.client import Lines
from bridge.model import Attachment, File
from bridge.outside import Timeout, download

OPAQUE = "application/octet-stream"
_CONTENT_TYPE = re.compile(r"[\w.+-]{1,80}/[\w.+-]{1,80}", re.ASCII)


def upload(lines: Lines, file: File) -> str:
    """A token for a comment's `uploads`. An upload that is repeated is forgotten by Zendesk."""
    # zenpy puts the name into the address as it is.
    name = quote(file.filename.encode("utf-8", "replace") or b"file", safe="")
    kind = file.content_type.split(";")[0].strip()
    kind = kind if _CONTENT_TYPE.fullmatch(kind) else OPAQUE
    (uploaded,) = lines.ask(
        lambda zenpy: zenpy.attachments.upload(file.content, target_name=name, content_type=kind),
        answers.upload,
    )
    return uploaded.token


def fetch(
    attachment: Attachment,
    most: int,
    *,
    address: str,
    token: str,
    timeout: Timeout,
    trusted_hosts: frozenset[str],
) -> File:
    """Raises `Refused` (too large, forbidden), `Gone`, `Again`."""
    ours, theirs = urlsplit(address), urlsplit(attachment.url)
    credentials = None
    if ours.scheme == theirs.scheme:
        credentials = {ours.netloc: {"Authorization": f"Bearer {token}"}}
    file = download(
        # Zendesk writes the file's name into the address as it is, spaces and all.
        requote_uri(attachment.url),
        most=most,
        timeout=timeout,
        trusted_hosts=trusted_hosts | {door_of(address)},
        credentials=credentials,
    )
    return replace(
        file,
        filename=attachment.filename or file.filename,
        content_type=attachment.content_type or file.content_type,
    )
