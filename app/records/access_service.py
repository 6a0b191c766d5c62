"""How the log of readings is read."""

from collections.abc import Mapping
from typing import Any

from fastapi import Response

from app.access.actor import Actor
from app.kit.pages import Paging
from app.kit.reader import Reader
from app.records.reads import ACCESSES


async def list_accesses(reader: Reader, actor: Actor, wanted: Mapping[str, Any], paging: Paging) -> Response:
    """One page, newest first."""
    return await ACCESSES.page(reader, actor.shape, {}, wanted, paging)
