"""Every setting of the service, from the environment (prefix `TTDN_`) or a `.env` file."""

from functools import lru_cache
from pathlib import Path
from typing import Annotated

from pydantic import Field, NonNegativeInt, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


class Settings(BaseSettings):
    """Settings with defaults that serve a first `make run`; `.env.example` lists each one."""

    model_config = SettingsConfigDict(env_prefix="TTDN_", env_file=".env", env_ignore_empty=True, extra="ignore")

    host: str = Field("127.0.0.1", description="Address the API listens on.")
    port: int = Field(8000, ge=1, le=65535, description="Port the API listens on.")
    base_url: str | None = Field(
        None, description="Public address of the service (issuer, links). Default: http://127.0.0.1:<port>."
    )
    root_path: str = Field(
        "",
        pattern=r"^(/[A-Za-z0-9._~-]+)*$",
        description="Base path behind a gateway, as in /ttdn: in every link, whether or not the gateway cuts it off.",
    )
    trusted_proxies: Annotated[list[str], NoDecode] = Field(
        default_factory=list,
        description="Addresses or networks (CIDR) of gateways whose X-Forwarded-For and -Proto are believed, "
        "separated by commas. Empty: nobody's.",
    )
    checkpoint_dir: Path | None = Field(
        None,
        description="Where the worker keeps signed checkpoints of the log beside the database, best on another disk. "
        "Empty: <data dir>/checkpoints.",
    )
    data_dir: Path = Field(Path(".data"), description="Where the embedded database, keys and demo credentials live.")
    database_url: SecretStr | None = Field(
        None,
        description="postgresql://user:password@host/database. Empty: an embedded PostgreSQL in the data directory.",
    )
    postgres_version: int = Field(18, description="Major version of the embedded PostgreSQL: 16 or 18.")
    master_key: SecretStr | None = Field(
        None,
        description="Encrypts what is stored secret and signs cursors (44 characters, `ttdn key`). "
        "Empty: <data dir>/master.key, made once. Machines that share a database share it.",
    )
    pool_size: int = Field(10, ge=4, le=200, description="Database connections of one process; half of them only read.")
    token_minutes: int = Field(10, ge=1, le=15, description="Life of an access token, in minutes.")
    rate_limit: int = Field(
        1200, ge=0, description="Requests one client may send in a minute, over all processes. 0: no limit."
    )
    connection_limit: int = Field(
        2000, ge=10, le=100_000, description="Connections of one process; beyond it, the slowest senders make room."
    )
    shutdown_seconds: int = Field(20, ge=1, le=300, description="How long running requests may finish after SIGTERM.")
    body_limit: int = Field(2_097_152, ge=1024, description="Largest request body, in bytes.")
    log_level: str = Field("info", description="debug, info, warning or error.")
    metrics_token: SecretStr | None = Field(
        None,
        min_length=16,
        description="Who sends it as a bearer token may read /metrics. Empty: this machine alone, past any gateway.",
    )
    dev: bool = Field(
        default=False, description="Development: webhooks may go to this machine over plain http. `make run` sets it."
    )
    webhook_allow: Annotated[list[str], NoDecode] = Field(
        default_factory=list,
        description="Networks (CIDR) that webhooks may reach, separated by commas. Everything else is refused.",
    )
    webhook_hosts: Annotated[list[str], NoDecode] = Field(
        default_factory=list,
        description="Receivers allowed by name, whatever their network, separated by commas: tiepnhan.vn, "
        "https://tiepnhan.vn:9443, or http://… where there is no TLS.",
    )
    webhook_ports: Annotated[list[int], NoDecode] = Field(
        default_factory=list, description="Ports that webhooks may go to beside 443 and 8443, separated by commas."
    )
    webhook_ca_file: Path | None = Field(
        None, description="Certificates (PEM) of authorities to believe beside the public ones."
    )
    webhook_in_flight: int = Field(4, ge=1, le=32, description="Deliveries under way to one endpoint at a time.")
    webhook_rate: int = Field(200, ge=1, le=10_000, description="Deliveries to one endpoint in a second.")
    webhook_give_up_hours: int = Field(
        120, ge=1, le=8760, description="After so many hours of nothing but failures an endpoint is disabled."
    )
    webhook_retry_seconds: Annotated[list[NonNegativeInt], NoDecode] = Field(
        min_length=1,
        default_factory=lambda: [0, 5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400],
        description="Seconds before each delivery attempt, separated by commas (±20 %); the first is made at once.",
    )
    webhook_timeout_seconds: float = Field(15.0, gt=0, le=60, description="Deadline round one whole delivery attempt.")
    worker_poll_seconds: float = Field(0.2, gt=0, le=10, description="How often the worker looks when nobody pokes it.")

    @field_validator(
        "trusted_proxies", "webhook_allow", "webhook_hosts", "webhook_ports", "webhook_retry_seconds", mode="before"
    )
    @classmethod
    def _split(cls, value: object) -> object:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @property
    def checkpoints(self) -> Path:
        """The folder of the checkpoints."""
        return self.checkpoint_dir or self.data_dir / "checkpoints"

    @property
    def public_url(self) -> str:
        """The public address with the base path, once; without a slash at the end."""
        base = (self.base_url or f"http://127.0.0.1:{self.port}").rstrip("/")
        return base if base.endswith(self.root_path) else base + self.root_path


@lru_cache
def get_settings() -> Settings:
    """The process's settings, read once."""
    return Settings()
