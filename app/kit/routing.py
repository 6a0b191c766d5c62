"""What every path answers beside its operations: HEAD, OPTIONS, 405 with the full Allow, 304, 415."""

import re
from collections.abc import Sequence
from functools import cached_property

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import compile_path


class Allowances:
    """Which methods each path of an app has."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    @cached_property
    def _paths(self) -> Sequence[tuple[re.Pattern[str], frozenset[str]]]:
        found: dict[str, set[str]] = {}
        for route in iter_route_contexts(self._app.routes):
            if route.path and route.methods:
                found.setdefault(route.path, set()).update(route.methods)
        return [(compile_path(path)[0], frozenset(methods)) for path, methods in found.items()]

    def methods(self, path: str) -> list[str]:
        """The methods of a path, for `Allow`; empty when there is no such path."""
        found = set().union(*(methods for pattern, methods in self._paths if pattern.match(path)))
        if "GET" in found:
            found.add("HEAD")
        return sorted(found | {"OPTIONS"}) if found else []
