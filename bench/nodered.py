"""A small Node-RED flow that does the same: http in, genuine?, the helpdesk, http response.

Node-RED (https://nodered.org) comes by npm, once, into a cache; where it cannot be had, nothing is
measured and the report says so.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

VERSION = "4.1.15"
"""Of the last line of releases that runs on Node.js 20."""
PATIENCE = 300

GENUINE = """\
const crypto = global.get('crypto');
const key = Buffer.from(env.get('SITE_SECRET').replace('whsec_', ''), 'base64');
const head = msg.req.headers;
const signed = Buffer.concat([
  Buffer.from(head['webhook-id'] + '.' + head['webhook-timestamp'] + '.'), msg.payload]);
const mine = 'v1,' + crypto.createHmac('sha256', key).update(signed).digest('base64');
if (mine !== head['webhook-signature'] || Date.now() / 1000 - head['webhook-timestamp'] > 300) {
  msg.statusCode = 401; msg.payload = ''; return [null, null, msg];
}
msg.post = JSON.parse(msg.payload).data;
msg.headers = {'content-type': 'application/json',
               authorization: 'Bearer ' + env.get('HELPDESK_TOKEN')};
if (global.get('user_' + msg.post.author.id)) return [msg, null, null];
msg.method = 'POST';
msg.url = env.get('HELPDESK_URL') + '/api/v2/users/create_or_update';
msg.payload = {user: {name: msg.post.author.name, external_id: 'user:' + msg.post.author.id}};
return [null, msg, null];
"""
PERSON = """\
if (msg.statusCode >= 200 && msg.statusCode < 300) {
  global.set('user_' + msg.post.author.id, msg.payload.user.id);
  msg.headers = {'content-type': 'application/json',
                 authorization: 'Bearer ' + env.get('HELPDESK_TOKEN')};
  return [msg, null];
}
msg.statusCode = 502; msg.payload = ''; return [null, msg];
"""
TICKET = """\
const known = global.get('thread_' + msg.post.thread_id);
const user = global.get('user_' + msg.post.author.id);
const comment = {body: msg.post.text, author_id: user, public: true};
msg.method = known ? 'PUT' : 'POST';
msg.url = env.get('HELPDESK_URL') + '/api/v2/tickets' + (known ? '/' + known : '');
msg.payload = {ticket: known ? {comment} : {subject: msg.post.text.slice(0, 80),
  requester_id: user, external_id: 'thread:' + msg.post.thread_id, comment}};
return msg;
"""
ANSWER = """\
if (msg.statusCode >= 200 && msg.statusCode < 300) {
  global.set('thread_' + msg.post.thread_id, msg.payload.ticket.id);
  msg.statusCode = 200;
} else { msg.statusCode = 502; }
msg.payload = ''; msg.headers = {};
return msg;
"""
SETTINGS = """\
module.exports = {{
  uiPort: {port}, uiHost: '127.0.0.1', httpAdminRoot: false, flowFile: 'flow.json',
  userDir: {folder}, credentialSecret: false, telemetry: {{enabled: false}},
  contextStorage: {{default: {{module: 'localfilesystem', config: {{flushInterval: 1}}}}}},
  functionGlobalContext: {{crypto: require('crypto')}},
  logging: {{console: {{level: 'warn', metrics: false, audit: false}}}},
}};
"""


class NotToBeHad(Exception):
    """No Node.js, no npm, or it does not get Node-RED; the message says which."""


def installed() -> Path:
    """Its script, fetched if it is not here yet. Raises `NotToBeHad`."""
    if shutil.which("node") is None:
        raise NotToBeHad("there is no Node.js on this machine")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "bridge-bench" / f"node-red-{VERSION}"
    script = folder / "node_modules" / "node-red" / "red.js"
    if script.exists():
        return script
    npm = shutil.which("npm")
    if npm is None:
        raise NotToBeHad("there is no npm on this machine")
    folder.mkdir(parents=True, exist_ok=True)
    quiet = ("--no-audit", "--no-fund", "--ignore-scripts", "--silent")
    line = (npm, "install", f"--prefix={folder}", *quiet, f"node-red@{VERSION}")
    try:
        done = subprocess.run(line, check=False, capture_output=True, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        raise NotToBeHad("npm did not get Node-RED in five minutes") from None
    if done.returncode or not script.exists():
        raise NotToBeHad("npm could not get Node-RED")
    return script


def command(folder: Path, port: int) -> list[str]:
    """How it is started, with its flow and settings in `folder`. Raises `NotToBeHad`."""
    script = installed()
    settings = SETTINGS.format(port=port, folder=json.dumps(str(folder)))
    (folder / "settings.js").write_text(settings)
    (folder / "flow.json").write_text(json.dumps(_flow()))
    node = shutil.which("node") or "node"
    return [node, str(script), "--settings", str(folder / "settings.js")]


def _flow() -> list[dict[str, Any]]:
    def function(name: str, code: str, *wires: str) -> dict[str, Any]:
        outs = [[wire] for wire in wires]
        return _node(name, "function", outs, func=code, outputs=len(outs), libs=[])

    def asking(name: str, wire: str) -> dict[str, Any]:
        more = {"method": "use", "ret": "obj", "persist": True, "senderr": False}
        return _node(name, "http request", [[wire]], **more)

    return [
        {"id": "flow", "type": "tab", "label": "hook"},
        _node("in", "http in", [["genuine"]], url="/hook", method="post", skipBodyParsing=True),
        function("genuine", GENUINE, "ticket", "askperson", "out"),
        asking("askperson", "person"),
        function("person", PERSON, "ticket", "out"),
        function("ticket", TICKET, "askticket"),
        asking("askticket", "answer"),
        function("answer", ANSWER, "out"),
        _node("out", "http response", []),
    ]


def _node(name: str, kind: str, wires: list[list[str]], **more: Any) -> dict[str, Any]:
    return {"id": name, "type": kind, "z": "flow", "x": 0, "y": 0, "wires": wires, **more}
