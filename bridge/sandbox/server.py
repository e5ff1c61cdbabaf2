"""A real HTTP/1.1 server in a thread, for stand-ins: starts on a free port, stops without a trace.

`serve(app)` answers any WSGI application over real sockets with keep-alive, one thread per
connection. `stop()` ends idle connections and waits that have not run out, joins every thread and
closes every socket, so that nothing outlives a test or the demo. Werkzeug's own server closes the
connection after each answer, which real services do not.
"""

from __future__ import annotations

import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler
from io import BytesIO
from socketserver import TCPServer, ThreadingMixIn
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, cast
from urllib.parse import unquote_to_bytes, urlsplit

from werkzeug.serving import DechunkedInput
from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

SERVER_KEY = "sandbox.server"


class Drop(Exception):
    """Raised by an application that wants the connection closed without an answer."""


class _Conversation(BaseHTTPRequestHandler):
    """One connection: quiet, and not held up by Nagle's algorithm between header and body."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Sockets

    def handle(self) -> None:
        try:
            super().handle()
        except (ConnectionError, TimeoutError):
            # The client has gone away in the middle: there is nobody left to answer.
            self.close_connection = True

    def answer(self) -> None:
        environ = self._environ()
        try:
            response = Response.from_app(self.server.app, environ, buffered=True)
        except Drop:
            self.close_connection = True
            hang_up(self.connection)
            return
        with response:
            self._send(response, environ)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = answer

    def _send(self, response: Response, environ: WSGIEnvironment) -> None:
        content = response.get_data()
        self.send_response(response.status_code)
        for name, value in response.get_wsgi_headers(environ):
            if name.lower() not in ("content-length", "connection"):
                self.send_header(name, value)
        if response.status_code not in (204, 304):
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD" and response.status_code not in (204, 304):
            self.wfile.write(content)
        self.wfile.flush()

    def _environ(self) -> WSGIEnvironment:
        """The request as PEP 3333 wants it, its body read to the end.

        What is left unread would be taken for the next request on the same connection.
        """
        address = urlsplit(self.path)
        path = unquote_to_bytes(address.path).decode("latin-1")
        environ: WSGIEnvironment = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": path,
            "QUERY_STRING": address.query,
            "REQUEST_URI": self.path,
            "SERVER_NAME": self.server.host,
            "SERVER_PORT": str(self.server.port),
            "SERVER_PROTOCOL": self.request_version,
            "REMOTE_ADDR": self.client_address[0],
            "REMOTE_PORT": str(self.client_address[1]),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            SERVER_KEY: self.server,
        }
        for name, value in self.headers.items():
            key = name.upper().replace("-", "_")
            if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
                key = f"HTTP_{key}"
            environ[key] = f"{environ[key]},{value}" if key in environ else value
        if "chunked" in environ.pop("HTTP_TRANSFER_ENCODING", "").lower():
            body = DechunkedInput(cast(IO[bytes], self.rfile)).read()
        else:
            body = self.rfile.read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["CONTENT_LENGTH"] = str(len(body))
        environ["wsgi.input"] = BytesIO(body)
        return environ

    def log_message(self, *args: Any, **kwargs: Any) -> None:
        """Nothing: the stand-ins keep their own record of requests."""


class _Sockets(ThreadingMixIn, TCPServer):
    """Knows its open connections, so that stopping does not wait for clients to hang up."""

    allow_reuse_address = True
    request_queue_size = 128
    daemon_threads = False

    def __init__(self, host: str, port: int, app: WSGIApplication) -> None:
        self.app = app
        self._guard = threading.Lock()
        self._open: set[socket.socket] = set()
        self._waits: set[threading.Event] = set()
        self._stopping = False
        super().__init__((host, port), _Conversation)
        self.host = host
        self.port = int(self.server_address[1])

    def wait(self, event: threading.Event, seconds: float) -> None:
        """Wait for `event` at most `seconds`; stopping the server ends the wait at once."""
        with self._guard:
            if self._stopping:
                return
            self._waits.add(event)
        try:
            event.wait(seconds)
        finally:
            with self._guard:
                self._waits.discard(event)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._guard:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._guard:
            self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """End every connection and every wait; their threads then finish by themselves.

        Connections first: an answer let go of before would still be sent."""
        with self._guard:
            self._stopping = True
            waits, connections = tuple(self._waits), tuple(self._open)
        for connection in connections:
            hang_up(connection)
        for event in waits:
            event.set()


def hang_up(connection: socket.socket) -> None:
    """Close a connection under the feet of whoever uses it; the client sees it as lost."""
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        # The client was faster: the connection is gone already, which is what was wanted.
        return


class Running:
    """A server that is answering. `url` has no trailing slash."""

    def __init__(self, server: _Sockets) -> None:
        self._server = server
        self.port = server.port
        self.url = f"http://{server.host}:{server.port}"
        self._thread = threading.Thread(
            target=server.serve_forever,
            kwargs={"poll_interval": 0.02},
            name=f"sandbox:{server.port}",
            daemon=True,
        )
        self._thread.start()

    def stop(self) -> None:
        """Stop answering, close every socket, join every thread. Safe to repeat."""
        if not self._thread.is_alive():
            return
        self._server.shutdown()
        self._thread.join()
        self._server.hang_up()
        self._server.server_close()

    def __enter__(self) -> Running:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def serve(app: WSGIApplication, host: str = "127.0.0.1", port: int = 0) -> Running:
    """Answer `app` on `host:port` (0: any free port) until `stop()`.

    Raises `OSError` when the port is taken.
    """
    return Running(_Sockets(host, port, app))
