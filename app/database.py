"""Which database a process works on: the configured one, or the embedded PostgreSQL of the data directory."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pydantic import SecretStr

from app.kit.postgres import Server, embedded
from app.kit.vault import Vault, master_key
from app.settings import Settings


def open_vault(settings: Settings) -> Vault:
    """The vault under the configured key, or under the one in the data directory."""
    configured = settings.master_key.get_secret_value() if settings.master_key else None
    return Vault(master_key(configured, settings.data_dir))


@contextmanager
def database(
    settings: Settings, progress: Callable[[str], None] = lambda _: None
) -> Iterator[tuple[Settings, Server | None]]:
    """The settings with a database address; for an embedded one, its server too."""
    if settings.database_url is not None:
        yield settings, None
        return
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with embedded(settings.data_dir.resolve(), version=settings.postgres_version, progress=progress) as server:
        yield settings.model_copy(update={"database_url": SecretStr(server.url)}), server
