"""Small wrong versions of the functions that decide who may see and do what.

A mutant replaces a function's code in place, so that everybody who holds the function already meets it.
"""

import ast
import inspect
import textwrap
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from types import CodeType, FunctionType

from app.budgets import budget_reads as budgets
from app.budgets import reads as estimates
from app.flow import machine
from app.kit.reads import Shape
from app.obligations import matrix
from app.obligations import reads as obligations
from app.plans import reads as plans
from app.portal.published import PLANS, PRESS_EVENTS, PRESS_PRODUCTS
from app.portal.published_records import RECORDS
from app.press import event_reads as events
from app.press import guidance_service, invitation_service, product_service, series_service, supply_service
from app.provincial import reads as provincial
from app.records import reads as records
from app.reports import consolidated_reads as consolidated
from app.reports import reads as reports
from app.reports import request_reads as requests
from app.tasks import reads as tasks

PRESS = (events, guidance_service, invitation_service, product_service, series_service, supply_service)
READS = (plans, provincial, tasks, estimates, budgets, reports, requests, consolidated, obligations, records, *PRESS)
SHAPES = [shape for reads in READS for shape in vars(reads).values() if isinstance(shape, Shape)]
SHAPES += [shape for public in (PLANS, PRESS_EVENTS, PRESS_PRODUCTS, RECORDS) for shape in (public.listed, public.one)]
COMPILED = []
"""What the app of this folder keeps of its statements over the log."""
CONDITION = "ColumnElement[bool]"
SWAPPED = {ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot,
           ast.IsNot: ast.Is, ast.LtE: ast.Gt, ast.Lt: ast.GtE, ast.Gt: ast.LtE, ast.GtE: ast.Lt}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """One wrong version: of which function, what is wrong, and its code."""

    function: FunctionType
    wrong: str
    code: CodeType

    @property
    def name(self):
        return f"{self.function.__module__.removeprefix('app.')}.{self.function.__qualname__}: {self.wrong}"

    @contextmanager
    def standing(self, app):
        """The service with this mistake."""
        kept, self.function.__code__ = self.function.__code__, self.code
        forget(app)
        try:
            yield
        finally:
            self.function.__code__ = kept
            forget(app)


def forget(app):
    """Let go of what was worked out, or compiled, by the functions as they were a moment ago."""
    machine._marks.cache_clear()
    matrix.statement.cache_clear()
    app.state.feed._statement.cache_clear()
    for shape in SHAPES:
        shape._one.cache_clear()
        shape._some.cache_clear()
        shape._page.cache_clear()
    for statement in COMPILED:
        statement.cache_clear()


def mutants(function):
    """Every mutant of a function."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    for wrong, mutated in _mutations(tree):
        yield Mutant(function, wrong, _code(function, mutated))


def closures(function, inner):
    """Mutants of a function made inside another; their code fits every one that was made."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    for wrong, mutated in _mutations(tree, inner):
        code = next(c for c in _code(function, mutated).co_consts if isinstance(c, CodeType) and c.co_name == inner)
        yield wrong, code


def _code(function, tree):
    (node,) = tree.body
    node.decorator_list = []
    module = compile(ast.fix_missing_locations(tree), f"<mutant of {function.__qualname__}>", "exec")
    return next(c for c in module.co_consts if isinstance(c, CodeType) and c.co_name == function.__name__)


def _mutations(tree, inner=None):
    (function,) = tree.body
    if inner:
        function = next(n for n in ast.walk(tree) if getattr(n, "name", None) == inner)
    places = [n for n in ast.walk(function) if n is not function]
    for number, node in enumerate(places):
        for wrong, change in _changes(node, function):
            copy = deepcopy(tree)
            root = copy.body[0]
            if inner:
                root = next(n for n in ast.walk(copy) if getattr(n, "name", None) == inner)
            twin = [n for n in ast.walk(root) if n is not root][number]
            before = ast.unparse(twin)
            change(twin)
            yield f"{_short(before)} → {wrong}", copy


def _short(text):
    line = " ".join(text.split())
    return line if len(line) <= 70 else f"{line[:67]}..."


def _changes(node, function):  # noqa: C901, PLR0912 - one case for each kind of mistake
    """The ways of getting one place wrong."""
    match node:
        case ast.Call(func=ast.Name(id="or_" | "and_" as joined), args=args) if not _starred(args):
            other = "and_" if joined == "or_" else "or_"
            yield other, lambda n: setattr(n.func, "id", other)
            for at in range(len(args)):
                yield f"without part {at + 1}", lambda n, at=at: n.args.pop(at)
        case ast.Call(func=ast.Attribute(attr="where"), args=args):
            for at in range(len(args)):
                yield (
                    f"without condition {at + 1}",
                    lambda n, at=at: _replace(n.args, at, "__import__('sqlalchemy').true()"),
                )
        case ast.BoolOp(values=values):
            other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
            yield "and/or swapped", lambda n: setattr(n, "op", other)
            for at in range(len(values)):
                yield f"without part {at + 1}", lambda n, at=at: _replace(n.values, at, str(isinstance(n.op, ast.And)))
        case ast.Compare(ops=ops):
            for at, op in enumerate(ops):
                if type(op) in SWAPPED:
                    yield (
                        f"comparison {at + 1} inverted",
                        lambda n, at=at: n.ops.__setitem__(at, SWAPPED[type(n.ops[at])]()),
                    )
        case ast.If() | ast.IfExp():
            for value in ("True", "False"):
                yield f"if {value}", lambda n, value=value: setattr(n, "test", _expression(value))
        case ast.comprehension(ifs=[_, *_]):
            yield "every one", lambda n: n.ifs.clear()
        case ast.UnaryOp(op=ast.Not()):
            yield "not left out", lambda n: setattr(n, "operand", ast.UnaryOp(ast.Not(), n.operand))
        case ast.BinOp(op=ast.BitAnd()):
            yield "any instead of both", lambda n: setattr(n, "op", ast.BitOr())
        case ast.Return(value=ast.expr()) if function.returns is not None:
            kind = ast.unparse(function.returns)
            values = {
                "bool": ("True", "False"),
                CONDITION: tuple(f"__import__('sqlalchemy').{v}()" for v in ("true", "false")),
            }
            said = ast.unparse(node.value)
            for value in (v for v in values.get(kind, ()) if not v.endswith(said)):
                yield value.rpartition(".")[2], lambda n, value=value: setattr(n, "value", _expression(value))


def _starred(args):
    return any(isinstance(argument, ast.Starred) for argument in args)


def _expression(text):
    return ast.parse(text, mode="eval").body


def _replace(items, at, text):
    items[at] = _expression(text)
