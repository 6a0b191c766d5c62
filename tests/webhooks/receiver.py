"""A real receiver: an HTTP server in threads of its own that keeps what it got and answers as it is told."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CHALLENGE = b'"type":"webhook_endpoint.challenge"'


@dataclass
class Got:
    """One request."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self):
        return self.headers["webhook-id"]


def reply(status=204, body=b"", **headers):
    """An answer that is the same each time."""

    def answer(handler, _):
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def raw(*chunks):
    """Bytes as they stand, in place of an HTTP answer."""

    def answer(handler, _):
        for chunk in chunks:
            handler.wfile.write(chunk)

    return answer


@dataclass
class Receiver:
    """Listens on 127.0.0.1; `answer(handler, number)` is called for each request but a challenge, which it echoes.

    `keep`: connections stay open, and `connections` counts them.
    """

    answer: Callable = field(default_factory=reply)
    tls: object = None
    keep: bool = False
    echo: Callable = field(default_factory=lambda: lambda text: json.dumps({"challenge": text}))

    def __enter__(self):
        self.got, self.asked, self.under_way, self.most, self.connections = [], [], 0, 0, 0
        self.closing = threading.Event()
        self._lock = threading.Lock()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                if CHALLENGE in body:
                    receiver.asked.append(Got(self.command, self.path, headers, body))
                    text = json.loads(body)["data"]["challenge"]
                    reply(200, receiver.echo(text).encode())(self, 0)
                    self.close_connection = True
                    return
                with receiver._lock:
                    receiver.got.append(Got(self.command, self.path, headers, body))
                    number = len(receiver.got)
                    receiver.under_way += 1
                    receiver.most = max(receiver.most, receiver.under_way)
                try:
                    receiver.answer(self, number)
                finally:
                    with receiver._lock:
                        receiver.under_way -= 1
                self.close_connection = not receiver.keep

            do_GET = do_HEAD = do_POST  # noqa: N815 - a redirect that is followed would arrive as one of these

            def log_message(self, *_):
                """Say nothing."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 100

            def finish_request(self, request, address):
                receiver.connections += 1
                if receiver.tls is not None:
                    request.do_handshake()
                super().finish_request(request, address)

            def handle_error(self, *_):
                """The other side went away: so it should."""

        self._server = Server(("127.0.0.1", 0), Handler)
        if self.tls is not None:
            self._server.socket = self.tls.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        return self

    def __exit__(self, *_):
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def port(self):
        return self._server.server_address[1]

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/hook"

    def drip(self, handler):
        """Answer 200, a byte every 50 ms, until the test ends."""
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while not self.closing.wait(0.05):
            handler.wfile.write(b"x")
            handler.wfile.flush()

    def hang(self, *_):
        """Answer nothing until the test ends."""
        self.closing.wait(30)


def verified(secret, got):
    """The signature as a receiver without any library would check it."""
    key = base64.b64decode(secret.split("_", 1)[1])
    told = f"{got.headers['webhook-id']}.{got.headers['webhook-timestamp']}.".encode() + got.body
    expected = base64.b64encode(hmac.new(key, told, hashlib.sha256).digest())
    version, _, signature = got.headers["webhook-signature"].partition(",")
    return version == "v1" and hmac.compare_digest(signature.encode(), expected)
