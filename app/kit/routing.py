"""What every operation does alike (who is asked first, what is accepted, preferred), and every path beside them."""

import re
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response, params
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import get_flat_params
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.routing import BaseRoute, Mount, compile_path
from starlette.types import Receive, Scope, Send

from app.kit.json_reader import read_json
from app.kit.negotiation import JSON, best, preferences
from app.kit.problems import InvalidParameter, NotAcceptable

Gate = Callable[[Request], Awaitable[object]]
Around = Callable[..., Awaitable[Response]]

# A parameter's name is the caller's own text: one that does not look like a name is not repeated.
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")
_MINIMAL = {200: 204, 201: 201}


class Named(APIRoute):
    """A route whose operation is called what its function is called."""

    def __init__(self, *given: Any, **facts: Any) -> None:
        super().__init__(*given, **{**facts, "generate_unique_id_function": _name})


def _name(route: APIRoute) -> str:
    return route.name


class Route(Named):
    """A route whose gate stands before everything else, and that hears what the caller accepts and prefers.

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
        # What an operation answers by its model is JSON; its `responses` say what else there is.
        modelled = [JSON] if self.response_field else []
        offered = list(dict.fromkeys([*modelled, *self.responses.get(200, {}).get("content", {})])) or [JSON]
        parameters = frozenset(
            p.alias for p in get_flat_params(self.dependant) if isinstance(p.field_info, params.Query)
        )

        async def handler(request: Request) -> Response:
            for gate in gates:
                await gate(request)
            if best(",".join(request.headers.getlist("accept")), offered) is None:
                raise NotAcceptable(offered=", ".join(offered))
            wanted = preferences(request) if "prefer" in request.headers else {}
            applied = []
            if wanted.get("handling") == "strict":
                _refuse_unknown(request, parameters)
                applied.append("handling=strict")
            answer = await serve(StrictRequest(request.scope, request.receive))
            if wanted.get("return") == "minimal" and _shorten(request, answer):
                applied.append("return=minimal")
            for preference in applied:
                answer.headers.append("Preference-Applied", preference)
            return answer

        return handler


class StrictRequest(Request):
    """A request whose JSON is read strictly."""

    async def json(self) -> Any:
        """The body as JSON."""
        return read_json(await self.body())


def path_of(scope: Scope) -> str:
    """The path as the routes know it, without the base path before it."""
    # Inside a mount Starlette keeps the base path under another name.
    base: str = scope.get("app_root_path", scope.get("root_path", ""))
    path: str = scope["path"]
    return path[len(base) :] if base and f"{path}/".startswith(f"{base}/") else path


def _refuse_unknown(request: Request, known: frozenset[str]) -> None:
    unknown = [name for name in dict.fromkeys(request.query_params) if name not in known]
    if unknown:
        shown = [name if _NAME.fullmatch(name) else "?" for name in unknown[:50]]
        raise InvalidParameter(field_errors=[({"parameter": name}, "unknown_parameter", {}) for name in shown])


def _shorten(request: Request, answer: Response) -> bool:
    """Leave out the body of what was made or changed; its ETag and Location still tell where and which it is."""
    if request.method not in {"POST", "PUT", "PATCH"} or answer.status_code not in _MINIMAL:
        return False
    if answer.headers.get("Cache-Control") == "no-store":
        return False  # it shows a secret this once
    answer.status_code = _MINIMAL[answer.status_code]
    answer.body = b""
    del answer.headers["Content-Type"], answer.headers["Content-Length"]
    if answer.status_code != 204:  # noqa: PLR2004 - "No Content" has no length either
        answer.headers["Content-Length"] = "0"
    return True


def _calls(dependant: Dependant) -> Iterator[Any]:
    for part in dependant.dependencies:
        yield part.call
        yield from _calls(part)


class Directory(APIRouter):
    """The app's router: it asks only those routes that have the method and the first words of the path.

    FastAPI by itself asks every route in turn, which takes longer than the answer where there are a hundred. The rooms'
    routes are given to it as they are: `include_router` would make each of them, and its schemas, a second time.
    """

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve by a route near at hand; what none of them answers goes the long way, past every route."""
        near = self._near.get(_place(scope["method"], path_of(scope))) if scope["type"] == "http" else None
        if near is None:
            await super().app(scope, receive, send)
        else:
            await near(scope, receive, send)

    @cached_property
    def _near(self) -> Mapping[Sequence[str | int], APIRouter]:
        found: dict[Sequence[str | int], list[BaseRoute]] = defaultdict(list)
        for route in self.routes:
            if isinstance(route, APIRoute) and ":path}" not in route.path:
                for method in route.methods or ():
                    found[_place(method, route.path)].append(route)
        wide = super().app
        return {key: APIRouter(routes=some, redirect_slashes=False, default=wide) for key, some in found.items()}


def _place(method: str, path: str) -> Sequence[str | int]:
    """Where a route stands: routes of one method with as many words, of which the first two (`v1/plans`) are alike."""
    words = path.split("/")
    return method, len(words), *words[1:3]


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
        # A path without parameters is nothing else, whatever else would match it (`/bulk` is no id).
        bare_first = sorted(found.items(), key=lambda item: "{" in item[0])
        return [(compile_path(path)[0], frozenset(methods)) for path, methods in bare_first]

    def methods(self, path: str) -> list[str]:
        """The methods of a path, for `Allow`; empty when there is no such path."""
        found = set(next((methods for pattern, methods in self._paths if pattern.match(path)), ()))
        if "GET" in found:
            found.add("HEAD")
        return sorted(found | {"OPTIONS"}) if found else []
