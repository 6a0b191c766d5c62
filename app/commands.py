"""What the commands have in common: settings, one task as the operator, an error that ends the command."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from app.settings import Settings, get_settings

T = TypeVar("T")


def fail(error: Exception) -> typer.Exit:
    """Say what is wrong; the exit that the command is to raise."""
    typer.echo(f"ttdn: {error}", err=True)
    return typer.Exit(1)


def settings_now() -> Settings:
    """The settings of the environment, with logging as they say."""
    from app.kit import logs

    settings = get_settings()
    logs.configure(settings.log_level, readable=settings.dev)
    return settings


def as_owner(task: Callable[[AsyncSession], Awaitable[T]]) -> T:
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
        with database(settings_now()) as (settings, _):
            assert settings.database_url is not None
            return asyncio.run(run(settings.database_url.get_secret_value()))
    except (OperatorError, PostgresError) as error:
        raise fail(error) from error
