"""Clients, their secrets, the signing keys, and the functions that agencies hold from a date to a date."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, Column
from sqlmodel import Field, SQLModel

from app.kit.clock import now
from app.kit.db import Timestamptz
from app.kit.ids import new_id


class Client(SQLModel, table=True):
    """A registered system of one agency."""

    id: UUID = Field(default_factory=new_id, primary_key=True)
    agency_id: UUID = Field(foreign_key="agency.id", index=True)
    name: str
    role: str
    revoked_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    created_at: datetime = Field(default_factory=now, sa_type=Timestamptz)


class ClientSecret(SQLModel, table=True):
    """A secret of a client: 256 random bits, kept only as their SHA-256."""

    __tablename__ = "client_secret"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id", index=True)
    digest: bytes
    created_at: datetime = Field(default_factory=now, sa_type=Timestamptz)
    expires_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    last_used_at: datetime | None = Field(default=None, sa_type=Timestamptz)


class RevokedToken(SQLModel, table=True):
    """A token that its client took back before its time; a trigger throws away what has expired anyway."""

    __tablename__ = "revoked_token"

    jti: str = Field(primary_key=True)
    client_id: UUID = Field(foreign_key="client.id")
    expires_at: datetime = Field(sa_type=Timestamptz, index=True)


class SigningKey(SQLModel, table=True):
    """An ES256 key; its private part is encrypted under the master key.

    It is published as soon as it stands here, signs from an instant on, and verifies until `retired_at`.
    """

    __tablename__ = "signing_key"

    kid: str = Field(primary_key=True)
    private_locked: str
    created_at: datetime = Field(default_factory=now, sa_type=Timestamptz)
    signs_from: datetime = Field(default_factory=now, sa_type=Timestamptz)
    retired_at: datetime | None = Field(default=None, sa_type=Timestamptz)


class FunctionHeld(SQLModel, table=True):
    """An agency holds a function from a date (included) to a date (excluded); null: until further notice."""

    __tablename__ = "function_held"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    function: str = Field(index=True)
    agency_id: UUID = Field(foreign_key="agency.id", index=True)
    valid_from: date
    valid_to: date | None = None
    singleton: bool
    legal_document: str | None = None


class AccessVersion(SQLModel, table=True):
    """One row, raised by triggers whenever anything above changes: what every process watches."""

    __tablename__ = "access_version"

    id: int = Field(default=1, primary_key=True)
    version: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
