"""HTTP/1.1 on the wire: uvicorn's protocol, with deadlines and bounds for whoever sends slowly, too much, or nonsense.

uvicorn by itself waits for ever for the rest of a head or a body, and counts whoever it waits for against everybody
(https://github.com/encode/uvicorn/issues/157).
"""

import asyncio
from typing import Any, NoReturn

import httptools
import structlog
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from app.kit import heads
from app.kit.crowd import Door, Patience, Rules, Stage
from app.kit.heads import HeadersTooLarge, MalformedRequest, UriTooLong
from app.kit.problems import Problem, RequestTimeout, Unavailable
from app.kit.refusal import written

log = structlog.get_logger("app.wire")


class _StopError(Exception):
    """Ends the parsing of a head that was refused."""


class Wire(HttpToolsProtocol):
    """One connection. The stages and what ends each are in `crowd.Stage`."""

    def __init__(self, *, rules: Rules, **uvicorns: Any) -> None:
        super().__init__(**uvicorns)
        self._rules = rules
        self._stage = Stage.head
        self._timer: asyncio.TimerHandle | None = None
        self._held = False  # what was asked behind an answer waits until that is read
        self._begun = False  # a request, of which the first byte is here and the last is not
        self._last = False  # the next answer is the last: the server is stopping
        self._heads = 0
        self._head_bytes = self._field_bytes = self._body_bytes = self._framed_bytes = self._dropped = 0
        self._since = 0.0  # when the body began
        self._problem: Problem | None = None
        self._again: bytes | None = None
        self._running: RequestResponseCycle | None = None
        self._raw: asyncio.Transport
        self._patience: Patience

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a head."""
        self._raw, self._patience = transport, Patience(transport, self._rules)
        super().connection_made(Door(transport, self))  # type: ignore[arg-type]
        super().on_message_begin()  # what is refused before it began has a scope too
        if self._rules.crowd.admit(self):
            self._await(Stage.head, self._rules.head)
        else:
            self._begun = True
            self._refuse(Unavailable())

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        super().connection_lost(exc)
        self._await(None)
        self._patience.end()
        self._rules.crowd.remove(self)

    def data_received(self, data: bytes) -> None:
        """Parse what arrived."""
        if self._stage is Stage.leaving:
            self._dropped += len(data)
            if self._dropped > self._rules.leaving_bytes:
                self._raw.abort()
            return
        self._unset_keepalive_if_required()
        before = self._heads
        try:
            self._feed(data)
        except httptools.HttpParserError:
            self._refuse(self._problem or MalformedRequest())
            return
        self._count(len(data), new_head=self._heads != before)

    def _count(self, size: int, *, new_head: bool) -> None:
        """Bound what the parser keeps to itself, and who sends it nothing that counts."""
        if self._stage is Stage.idle:  # blank lines between two requests are no reason to wait for ever
            self._await(Stage.head, self._rules.head)
        elif self._stage is Stage.head:
            self._head_bytes = 0 if new_head else self._head_bytes + size
            if self._head_bytes > heads.LARGEST_HEAD:
                self._refuse(HeadersTooLarge())
        elif self._stage is Stage.body and not new_head:
            self._framed_bytes += size
            if self._framed_bytes - self._body_bytes > self._rules.framing:
                self._refuse(MalformedRequest())

    def _feed(self, data: bytes) -> None:
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            # The offer of another protocol is not taken. httptools then takes the body for that protocol (Java's
            # client offers h2c with any request), so the request is read again without the offer.
            if self._again is None:
                raise httptools.HttpParserError from upgrade
            again, self._again = self._again, None
            self.parser = httptools.HttpRequestParser(self)
            self.parser.feed_data(again + data[upgrade.args[0] :])

    def on_message_begin(self) -> None:
        """Begin a head."""
        super().on_message_begin()
        self._begun, self._field_bytes = True, 0
        if self._stage is not Stage.head:
            self._await(Stage.head, self._rules.head)

    def on_url(self, url: bytes) -> None:
        """Take a piece of the target."""
        super().on_url(url)
        if len(self.url) > heads.LONGEST_TARGET:
            self._stop(UriTooLong())

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a field of the head; fields behind a body are nobody's business and could only deceive."""
        if self._stage is Stage.head:
            super().on_header(name, value)
            self._field_bytes += len(name) + len(value) + 4
            if self._field_bytes > heads.LARGEST_FIELDS or len(self.headers) > heads.MOST_FIELDS:
                self._stop(HeadersTooLarge())

    def on_headers_complete(self) -> None:
        """Judge the head; hand the request to the app."""
        self._heads += 1
        method = self.parser.get_method().decode("ascii")
        self.scope["method"] = method
        fault = heads.form_fault(method, self.parser.get_http_version(), self.headers)
        if fault or len(self.pipeline) >= self._rules.queued:
            self._stop(fault or Unavailable())
        if self.parser.should_upgrade():
            self._again = heads.without_offer(method, self.url, self.headers)
            return
        self._body_bytes = self._framed_bytes = 0
        self._since = self.loop.time()
        self._await(Stage.body, min(self._rules.grace, self._rules.body))
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body."""
        self._body_bytes += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Wait for nothing more of this request."""
        if self._again is None:
            self._begun = False
            self._await(Stage.served)
            super().on_message_complete()

    def on_response_complete(self) -> None:
        """Wait for the next request, or for the client to read what it has been answered."""
        self._running = None
        self._held = self.flow.write_paused and self._stage is not Stage.leaving
        if self._held:
            # Its next answer would be one more to keep for it; nor does it get anything by sending more.
            self.flow.pause_reading()
            self._take_place()
        else:
            self._go_on()

    def _go_on(self) -> None:
        if self._stage is not Stage.leaving:
            super().on_response_complete()
            if self._stage is Stage.served and self._running is None:
                self._await(Stage.idle)  # its deadline is uvicorn's own keep-alive
            self._take_place()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._running = cycle

        async def watched(scope: Any, receive: Any, send: Any) -> None:
            async def heard(message: Any) -> None:
                # What is still being sent is not read to its end.
                if message["type"] == "http.response.start" and (cycle.more_body or self._last):
                    cycle.keep_alive = False
                while self.flow.write_paused and not cycle.disconnected:
                    await self.flow.drain()  # here, so that nothing comes between the next look and the write
                if self._raw.is_closing():
                    cycle.disconnected = True  # aborted a moment ago: the loop has yet to say so, and refuses writes
                await send(message)

            await app(scope, receive, heard)

        super()._start_asgi_task(cycle, watched)

    def _stop(self, problem: Problem) -> NoReturn:
        self._problem = problem
        raise _StopError

    def _await(self, stage: Stage | None, seconds: float | None = None) -> None:
        """Note what is awaited, and until when."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if stage is not None:
            self._stage = stage
            self._take_place()
        if seconds is not None:
            self._timer = self.loop.call_later(seconds, self._late)

    def _take_place(self) -> None:
        # While a request is being answered, the next one's slowness costs nobody anything.
        answering = self._running is not None and (self._stage is Stage.head or self._running is not self.cycle)
        stage = Stage.served if answering else self._stage
        unread = self.flow.write_paused and stage is not Stage.leaving
        self._rules.crowd.move(self, Stage.unread if unread else stage)

    def _late(self) -> None:
        """A deadline has passed."""
        left = 0.0
        if self.flow.read_paused:
            left = 1.0  # it is we who do not read
        elif self._stage is Stage.body:
            earned = self._rules.grace + self._body_bytes / self._rules.rate
            left = self._since + min(self._rules.body, earned) - self.loop.time()
        if left > 0:
            self._await(self._stage, left)
        elif self._begun:
            self._refuse(RequestTimeout())
        else:  # it never said a word
            self.leave()

    def pause_writing(self) -> None:
        """The client reads more slowly than we write."""
        super().pause_writing()
        self._patience.begin()
        self._take_place()
        self._rules.crowd.burden(self, self._raw.get_write_buffer_size())

    def resume_writing(self) -> None:
        """It has caught up."""
        super().resume_writing()
        self._patience.end()
        self._rules.crowd.relieve(self)
        self._take_place()
        if self._held:
            self._held = False
            self._go_on()

    def shutdown(self) -> None:
        """Finish what is being answered; whoever still sends, or is about to, gets a little time and a last answer."""
        self._last = True
        if self._stage in {Stage.head, Stage.idle} and self._running is None:
            self._await(self._stage, self._rules.leaving)
            return
        super().shutdown()
        if self._stage is Stage.body:
            self._since = self.loop.time() + self._rules.leaving - self._rules.body
            self._await(Stage.body, self._rules.leaving)

    def make_room(self) -> None:
        """Close it, for another connection."""
        if self._stage is Stage.body and not self.flow.write_paused:
            self._refuse(Unavailable())
        elif self._stage is Stage.idle and not self.flow.write_paused:
            self.leave()
        else:
            self._raw.abort()

    def leave(self) -> None:
        """Close the connection when its answers are sent; first hear out who is still sending, but not for long."""
        if self._stage is Stage.leaving or self._raw.is_closing():
            return
        still_sending, self._begun = self._begun and self._stage in {Stage.head, Stage.body}, False
        self._await(Stage.leaving)
        if still_sending and self._raw.can_write_eof():
            self._raw.write_eof()
            self.flow.resume_reading()
            self._timer = self.loop.call_later(self._rules.leaving, self._raw.abort)
        else:
            self._raw.close()
            self._patience.begin()

    def _refuse(self, problem: Problem) -> None:
        """Answer a request that no app will see, or see to its end."""
        running = self._running
        log.info("request.refused", code=problem.code)
        if running is not None and (self._stage is not Stage.body or running is not self.cycle):
            # What is wrong comes behind a request that is being answered: that answer is the last.
            running.keep_alive = False
            self.pipeline.clear()
            self._await(Stage.served)
            self.flow.pause_reading()
            return
        if running is None or not running.response_started:
            bodiless = self.scope.get("method") == "HEAD"
            more, asked, rules = self.server_state.default_headers, self.headers, self._rules
            self._raw.write(written(problem, rules.base_url, rules.headers, more, asked, bodiless=bodiless))
        if running is not None:
            running.disconnected = True
            running.message_event.set()
        self.leave()
