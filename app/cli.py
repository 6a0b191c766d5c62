"""The operator's commands: `ttdn --help`."""

import asyncio
import ctypes
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Annotated, TypeVar
from uuid import UUID

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from app.settings import Settings, get_settings

T = TypeVar("T")
Lifetime = Annotated[int | None, typer.Option(min=1, max=3650, help="The secret ends after so many days.")]

cli = typer.Typer(help="Coordination service for external information.", no_args_is_help=True, add_completion=False)
db = typer.Typer(help="The database: schema and register.", no_args_is_help=True)
client = typer.Typer(help="Client systems of agencies.", no_args_is_help=True)
keys = typer.Typer(help="The keys that sign access tokens.", no_args_is_help=True)
agency = typer.Typer(help="The register of agencies.", no_args_is_help=True)
audit = typer.Typer(help="The sealed log.", no_args_is_help=True)
cli.add_typer(db, name="db")
cli.add_typer(client, name="client")
# Not `keys`: `ttdn key` makes a master key, which is another thing.
cli.add_typer(keys, name="signing-keys")
cli.add_typer(agency, name="agency")
cli.add_typer(audit, name="audit")


def _fail(error: Exception) -> typer.Exit:
    typer.echo(f"ttdn: {error}", err=True)
    return typer.Exit(1)


def _die_with_parent() -> None:
    """End when the process that started this one is gone, even by kill -9 (Linux)."""
    parent = os.environ.get("TTDN_PARENT")
    if parent and sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)
        if os.getppid() != int(parent):
            raise typer.Exit(0)


def _settings() -> Settings:
    from app.kit import logs

    settings = get_settings()
    logs.configure(settings.log_level, readable=settings.dev)
    return settings


def _as_owner(task: Callable[[AsyncSession], Awaitable[T]]) -> T:
    """Run one task of the operator's in one transaction."""
    from app.database import database
    from app.kit.db import make_engine, make_sessions, transaction
    from app.kit.postgres import PostgresError
    from app.kit.roles import Role
    from app.oauth.service import OperatorError

    async def run(url: str) -> T:
        engine = make_engine(url, role=Role.owner, pool_size=1, name="ttdn-cli")
        try:
            async with transaction(make_sessions(engine)) as session:
                return await task(session)
        finally:
            await engine.dispose()

    try:
        with database(_settings()) as (settings, _):
            assert settings.database_url is not None
            return asyncio.run(run(settings.database_url.get_secret_value()))
    except (OperatorError, PostgresError) as error:
        raise _fail(error) from error


@cli.command()
def up(*, dev: Annotated[bool, typer.Option(help="Demo clients; webhooks to this machine.")] = False) -> None:
    """Bring up everything and keep it running: database, schema, register, API and worker."""
    from app.kit.postgres import PostgresError
    from app.up import GivenUpError
    from app.up import up as bring_up

    settings = _settings()
    if dev:
        settings = settings.model_copy(update={"dev": True})
    try:
        bring_up(settings, typer.echo)
    except (GivenUpError, PostgresError) as error:
        raise _fail(error) from error


@cli.command()
def serve(
    fd: Annotated[
        int | None, typer.Option(min=3, help="Listen on this inherited socket instead: see the README.")
    ] = None,
) -> None:
    """Serve the API."""
    from app.database import database
    from app.serve import inherited
    from app.serve import serve as serve_api

    _die_with_parent()
    try:
        listening = None if fd is None else inherited(fd)
    except OSError as error:
        raise _fail(error) from error
    with database(_settings()) as (settings, _):
        serve_api(settings, listening)


@cli.command()
def worker() -> None:
    """Seal the log and deliver webhooks."""
    from app.database import database, open_vault
    from app.worker import work

    _die_with_parent()
    with database(_settings()) as (settings, _):
        asyncio.run(work(settings, open_vault(settings)))


@cli.command()
def key() -> None:
    """Make a value for TTDN_MASTER_KEY."""
    from cryptography.fernet import Fernet

    typer.echo(Fernet.generate_key().decode())


@cli.command()
def openapi(
    target: Annotated[Path, typer.Option(help="Folder to write to.")] = Path("openapi"),
    *,
    check: Annotated[bool, typer.Option(help="Write nothing; fail when the files differ.")] = False,
) -> None:
    """Write the OpenAPI document and the problem catalogue."""
    from app.contract import documents

    different = []
    for name, text in documents().items():
        path = target / name
        if not path.exists() or path.read_text("utf-8") != text:
            different.append(name)
            if not check:
                path.write_text(text, "utf-8")
    if check and different:
        raise _fail(ValueError(f"{', '.join(different)} differ from the code: run `make openapi`"))


@cli.command()
def kinds(
    page: Annotated[Path, typer.Option(help="The page that describes them.")] = Path("docs/records.md"),
    *,
    check: Annotated[bool, typer.Option(help="Write nothing; fail when the page differs.")] = False,
) -> None:
    """Describe the kinds of record, from their declarations."""
    from app.records.describe import check as checked
    from app.records.kinds import KINDS

    if not checked(page, KINDS.values(), write=not check) and check:
        raise _fail(ValueError(f"{page} differs from the code: run `make openapi`"))


@db.command("upgrade")
def db_upgrade() -> None:
    """Create the roles and bring the schema to this version."""
    from app import migrate
    from app.database import database
    from app.kit.revision import head

    with database(_settings()) as (settings, _):
        assert settings.database_url is not None
        asyncio.run(migrate.upgrade(settings.database_url.get_secret_value()))
    typer.echo(f"The schema is at {head()}")


@db.command("seed")
def db_seed() -> None:
    """Load the register of 2013 and make the first signing key; run again, it changes nothing."""
    from app import migrate
    from app.database import database, open_vault

    with database(_settings()) as (settings, _):
        assert settings.database_url is not None
        count = asyncio.run(migrate.seed(settings.database_url.get_secret_value(), open_vault(settings)))
    typer.echo(f"{count} agencies added")


@client.command("create")
def client_create(
    slug: Annotated[str, typer.Argument(help="The agency: see `ttdn agency list`.")],
    role: Annotated[str, typer.Argument(help="reader, drafter, submitter, integration or administrator.")],
    name: Annotated[str, typer.Option(help="What the system is called.")] = "",
    expires_days: Lifetime = None,
) -> None:
    """Register a system of an agency; its secret is printed this once."""
    from app.oauth.service import create_client

    life = timedelta(days=expires_days) if expires_days else None
    made = _as_owner(lambda session: create_client(session, slug, role, name or f"{slug} {role}", life))
    typer.echo(json.dumps({"client_id": str(made.client_id), "client_secret": made.client_secret}))


@client.command("rotate")
def client_rotate(
    client_id: UUID,
    overlap_hours: Annotated[int, typer.Option(min=0, max=720, help="How long the last secret still works.")] = 24,
    expires_days: Lifetime = None,
) -> None:
    """Give a client a new secret; the last one ends after the overlap, any older one now."""
    from app.oauth.service import rotate_secret

    life = timedelta(days=expires_days) if expires_days else None
    made = _as_owner(lambda session: rotate_secret(session, client_id, timedelta(hours=overlap_hours), life))
    typer.echo(json.dumps({"client_id": str(made.client_id), "client_secret": made.client_secret}))


@client.command("revoke")
def client_revoke(client_id: UUID) -> None:
    """End a client: its tokens stop working within a second."""
    from app.oauth.service import revoke_client

    _as_owner(lambda session: revoke_client(session, client_id))
    typer.echo(f"{client_id} is revoked")


@client.command("list")
def client_list() -> None:
    """List the clients: how many secrets work, when one was last used (to the hour), when the next one ends."""
    from app.oauth.service import list_clients

    for found in _as_owner(list_clients):
        typer.echo("\t".join(found.words()))


@keys.command("list")
def keys_list() -> None:
    """List the keys: what each does now, from when it signs, until when it verifies."""
    from app.oauth.keys import list_keys

    for row in _as_owner(list_keys):
        typer.echo("\t".join(row))


@keys.command("rotate")
def keys_rotate() -> None:
    """Make the next key: published at once, it signs a few seconds later; the old one verifies till its tokens end."""
    from app.database import open_vault
    from app.oauth.keys import rotate_key

    vault = open_vault(_settings())
    made = _as_owner(lambda session: rotate_key(session, vault))
    typer.echo(f"{made.kid} signs from {made.signs_from.isoformat(timespec='seconds')}")


# A key's id may begin with a hyphen.
@keys.command("retire", context_settings={"ignore_unknown_options": True})
def keys_retire(kid: str) -> None:
    """End a key before its own time, as when it was stolen: what it signed is refused within a second."""
    from app.oauth.keys import retire_key

    _as_owner(lambda session: retire_key(session, kid))
    typer.echo(f"{kid} is retired")


@agency.command("list")
def agency_list() -> None:
    """List the agencies of the register."""
    from app.agencies.service import list_slugs

    for slug, name in _as_owner(list_slugs):
        typer.echo(f"{slug}\t{name}")


@audit.command("verify")
def audit_verify() -> None:
    """Recompute the whole chain of the log; exit 1 and name the first row that does not fit."""
    from app.trail.audit import verify

    verdict = _as_owner(verify)
    typer.echo(f"{verdict.verified} events verified, head {verdict.head[:16]}…")
    if verdict.fault:
        raise _fail(ValueError(verdict.fault))


def main() -> None:
    """Run the command line."""
    cli()


if __name__ == "__main__":
    main()
