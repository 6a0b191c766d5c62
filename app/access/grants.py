"""Scopes, roles and what each function allows: data in `grants.toml`, checked at import."""

import tomllib
from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files

from app.law.book import law


class Scope(StrEnum):
    """What an operation may ask of its caller."""

    registry_read = "registry:read"
    focal_points_write = "focal_points:write"
    plans_read = "plans:read"
    plans_write = "plans:write"
    plans_submit = "plans:submit"
    plans_review = "plans:review"
    plans_consolidate = "plans:consolidate"
    plans_decide = "plans:decide"
    tasks_read = "tasks:read"
    tasks_write = "tasks:write"
    tasks_check = "tasks:check"
    budgets_read = "budgets:read"
    budgets_write = "budgets:write"
    budgets_consolidate = "budgets:consolidate"
    budgets_appraise = "budgets:appraise"
    budgets_decide = "budgets:decide"
    obligations_read = "obligations:read"
    obligations_write = "obligations:write"
    obligations_manage = "obligations:manage"
    reports_read = "reports:read"
    reports_write = "reports:write"
    reports_submit = "reports:submit"
    reports_review = "reports:review"
    reports_request = "reports:request"
    reports_consolidate = "reports:consolidate"
    reports_decide = "reports:decide"
    press_read = "press:read"
    press_write = "press:write"
    press_guide = "press:guide"
    records_read = "records:read"
    records_write = "records:write"
    records_review = "records:review"
    records_audit = "records:audit"
    events_read = "events:read"
    audit_read = "audit:read"
    webhooks_manage = "webhooks:manage"


_DATA = tomllib.loads((files("app.access") / "grants.toml").read_text("utf-8"))

SCOPE_TITLES: Mapping[Scope, Mapping[str, str]] = {Scope(name): title for name, title in _DATA["scopes"].items()}
ROLES: Mapping[str, frozenset[Scope]] = {role: frozenset(map(Scope, names)) for role, names in _DATA["roles"].items()}
READS_ALL: frozenset[str] = frozenset(_DATA["reads_all"]["functions"])
_BY_FUNCTION = {key: frozenset(map(Scope, names)) for key, names in _DATA["functions"].items()}

if set(SCOPE_TITLES) != set(Scope) or not (set(_BY_FUNCTION) - {"*"} | READS_ALL) <= set(law().functions):
    msg = "grants.toml names a scope or a function that does not exist, or leaves one out"
    raise ImportError(msg)


def allowed(role: str, functions: Iterable[str]) -> frozenset[Scope]:
    """The scopes of a client with this role whose agency holds these functions."""
    return _allowed(role, frozenset(functions))


@lru_cache(maxsize=1024)
def granted(role: str, functions: frozenset[str], asked: frozenset[str]) -> frozenset[Scope]:
    """Those of the scopes named in a token that its client is still allowed."""
    return frozenset(scope for scope in _allowed(role, functions) if scope.value in asked)


@lru_cache(maxsize=1024)
def _allowed(role: str, functions: frozenset[str]) -> frozenset[Scope]:
    through = frozenset().union(*(_BY_FUNCTION.get(key, frozenset()) for key in ("*", *functions)))
    return ROLES.get(role, frozenset()) & through
