"""What submissions say of themselves: the declaration, the signatory, the signed document behind them."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field

from app.flow.secrecy import Submitted
from app.kit.clock import Day
from app.kit.text import Line


def _truth(value: Any) -> Any:
    # 1 equals True to Python, but declares nothing.
    return value if isinstance(value, bool) else None


class NoStateSecret(Submitted):
    """The base of what is sent: its sender declares that it holds no state secret."""

    no_state_secret: Annotated[Literal[True], BeforeValidator(_truth)] = Field(
        description="Declared by the sender: it contains no state secret (QC.D4.K5, QC.D7.K6)."
    )


class Signatory(Submitted):
    """Who signed, in which capacity (NĐ 30/2020)."""

    name: Line
    title: Line = Field(examples=["Phó Chủ tịch"])
    capacity: Literal["direct", "TM.", "KT.", "TL.", "TUQ.", "Q."] = "direct"


class DocumentRef(Submitted):
    """The signed document that the submission repeats; its number as printed."""

    number: Line = Field(examples=["15/KH-UBND"])
    issued_on: Day
    issuer: Line
    sha256: str | None = Field(None, pattern=r"^[0-9a-f]{64}$", description="SHA-256 of the signed file.")


class SignatoryRead(BaseModel):
    """Who signed."""

    name: str = Field(max_length=300)
    title: str = Field(max_length=300)
    capacity: str = Field(max_length=16)


class DocumentRead(BaseModel):
    """The signed document."""

    number: str = Field(max_length=300)
    issued_on: date
    issuer: str = Field(max_length=300)
    sha256: str | None = Field(max_length=64)
