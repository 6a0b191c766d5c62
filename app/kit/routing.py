"""What every path answers beside its operations (OPTIONS, 405 with the full Allow), and who is asked first."""

import json
import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from functools import cached_property, partial
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.routing import Mount, compile_path

Gate = Callable[[Request], Awaitable[object]]
Around = Callable[..., Awaitable[Response]]


class Route(APIRoute):
    """A route whose gate stands before everything else.

    FastAPI by itself reads and parses the whole body, and checks whatever an operation names before its actor, for
    callers it has never seen. A dependency that is a gate carries, as `gate`, what must be asked first; one that stands
    round the whole operation carries it as `around`.
    """

    def get_route_handler(self) -> Callable[[Request], Any]:
        """Ask the gates, then do as FastAPI does."""
        serve: Callable[[Request], Awaitable[Response]] = super().get_route_handler()
        calls = list(_calls(self.dependant))
        gates: list[Gate] = [call.gate for call in calls if hasattr(call, "gate")]
        arounds: list[Around] = [call.around for call in calls if hasattr(call, "around")]
        for around in arounds:
            serve = partial(around, serve=serve)

        async def handler(request: Request) -> Response:
            for gate in gates:
                await gate(request)
            return await serve(Utf8Request(request.scope, request.receive))

        return handler


class Utf8Request(Request):
    """JSON is UTF-8 without a mark (RFC 8259 §8.1); Python by itself would also read UTF-16 and UTF-32."""

    async def json(self) -> Any:
        """The body as JSON."""
        return json.loads((await self.body()).decode())


def _calls(dependant: Dependant) -> Iterator[Any]:
    for part in dependant.dependencies:
        yield part.call
        yield from _calls(part)


class Allowances:
    """Which methods each path of an app has."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    @cached_property
    def _paths(self) -> Sequence[tuple[re.Pattern[str], frozenset[str]]]:
        found: dict[str, set[str]] = {}
        for route in iter_route_contexts(self._app.routes):
            if isinstance(route.original_route, Mount):
                found[f"{route.path}/{{path:path}}"] = {"GET"}
            elif route.path and route.methods:
                found.setdefault(route.path, set()).update(route.methods)
        return [(compile_path(path)[0], frozenset(methods)) for path, methods in found.items()]

    def methods(self, path: str) -> list[str]:
        """The methods of a path, for `Allow`; empty when there is no such path."""
        found = set().union(*(methods for pattern, methods in self._paths if pattern.match(path)))
        if "GET" in found:
            found.add("HEAD")
        return sorted(found | {"OPTIONS"}) if found else []
