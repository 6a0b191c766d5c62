"""`ttdn audit`: the sealed log, and the checkpoints that prove it."""

from pathlib import Path
from typing import Annotated

import typer

from app.commands import as_owner, fail, settings_now

audit = typer.Typer(help="The sealed log.", no_args_is_help=True)


@audit.command("verify")
def audit_verify(
    checkpoints: Annotated[
        Path | None, typer.Option(help="A folder of kept checkpoints, as a copy from elsewhere. Default: the worker's.")
    ] = None,
    key: Annotated[
        list[Path] | None,
        typer.Option(help="A public key to trust too (`ttdn audit key`), from before a change of it."),
    ] = None,
) -> None:
    """Recompute the whole log, hold it against its checkpoints; exit 1 and name the first row that does not fit."""
    from app.database import open_vault
    from app.trail.checkpoints import FaultError, Signer
    from app.trail.checkpoints import audit as audited
    from app.trail.notary import kept

    settings = settings_now()
    try:
        signer = Signer(open_vault(settings), [path.read_text() for path in key or ()])
        found = kept(checkpoints or settings.checkpoints)
    except (FaultError, OSError, ValueError) as error:
        raise fail(error) from error
    verdict = as_owner(lambda session: audited(session, signer, found))
    typer.echo(f"{verdict.verified} events verified, head {verdict.head[:16]}…, {len(found)} kept checkpoints")
    if verdict.fault:
        raise fail(ValueError(verdict.fault))


@audit.command("checkpoint")
def audit_checkpoint() -> None:
    """Sign the log as it stands now, as the worker does every hour; exit 1 when what was added does not fit."""
    from app.database import open_vault
    from app.trail.checkpoints import FaultError, Signer, make, shown
    from app.trail.notary import FILE, keep

    settings = settings_now()
    signer = Signer(open_vault(settings))
    try:
        made = as_owner(lambda session: make(session, signer))
    except FaultError as error:
        raise fail(error) from error
    if made is None:
        raise fail(ValueError("The log is empty"))
    keep(settings.checkpoints / FILE, shown(made))
    typer.echo(f"sequence {made.sequence}, {made.made_at.isoformat(timespec='seconds')}, key {made.kid}")


@audit.command("key")
def audit_key() -> None:
    """Print the public key of the checkpoints, for who keeps copies of them."""
    from app.database import open_vault
    from app.trail.checkpoints import Signer

    typer.echo(Signer(open_vault(settings_now())).public_pem().strip())
