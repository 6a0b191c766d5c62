"""The operator's commands about the regulation: `ttdn law --help`."""

from pathlib import Path
from typing import Annotated

import typer

law = typer.Typer(help="The regulation.", no_args_is_help=True)


@law.callback()
def _group() -> None:
    """Keep `coverage` a command of its own, though it is the only one."""


@law.command("coverage")
def law_coverage(
    root: Annotated[Path, typer.Option(help="A checkout: its tests are read, its docs written.")] = Path(),
    *,
    check: Annotated[bool, typer.Option(help="Write nothing; fail when the page differs.")] = False,
) -> None:
    """Show what answers each provision that bears a duty, and write docs/law-coverage.md; exit 1 on a gap."""
    from app.contract import document
    from app.coverage import coverage, page
    from app.rooms import ROOMS

    found, target = coverage(document(), ROOMS, root), root / "docs" / "law-coverage.md"
    for id, one in found.evidence.items():
        typer.echo(f"{id}\t{'covered' if one.complete else 'missing'}\t{one.counts}")
    problems = list(found.problems)
    if not check:
        target.write_text(page(found), "utf-8")
    elif not target.exists() or target.read_text("utf-8") != page(found):
        problems.append(f"{target} differs from the code: run `make coverage`")
    for problem in problems:
        typer.echo(problem, err=True)
    typer.echo(found.score)
    if problems:
        raise typer.Exit(1)
