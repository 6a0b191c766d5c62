"""Statements over the log of readings; each starts at `visible`."""

from sqlalchemy import false, true
from sqlmodel import select
from sqlmodel.sql.expression import SelectOfScalar

from app.access.actor import Actor
from app.law.functions import F
from app.records.models import RecordAccess

AUDITORS = frozenset({F.POLICE, F.COORD})


def visible(actor: Actor) -> SelectOfScalar[RecordAccess]:
    """All of it, for who follows up secrecy and who works with them on it (QC.D13.K1); nothing for others."""
    return select(RecordAccess).where(false() if AUDITORS.isdisjoint(actor.functions) else true())
