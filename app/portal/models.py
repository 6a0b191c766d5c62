"""The versions of what is public, and the private feeds of press bodies."""

from datetime import datetime

from sqlalchemy import BigInteger, Column
from sqlmodel import Field, SQLModel

from app.flow.procedure import Procedure
from app.kit.db import Timestamptz

ACTIVE = "active"


class PublicVersion(SQLModel, table=True):
    """One row a topic, raised by triggers with every change that could show: what every process watches.

    `changed_at` moves only with what everybody may know of.
    """

    __tablename__ = "public_version"

    topic: str = Field(primary_key=True)
    version: int = Field(sa_column=Column(BigInteger, nullable=False))
    changed_at: datetime = Field(sa_type=Timestamptz)


class PressFeed(Procedure, table=True):
    """A calendar of one press body under an address that cannot be guessed; only its SHA-256 is kept."""

    __tablename__ = "press_feed"

    name: str
    language: str
    digest: bytes = Field(unique=True)
