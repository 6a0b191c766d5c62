"""The secrecy gate: what carries a marking of state secrets is refused before anything is written (QC.D4.K5, QC.D7.K6).

A marking is a whole line (or value) that reads Mật, Tối mật or Tuyệt mật, also after "Độ mật:", with or without
diacritics, in any normal form, letter-spaced or not. Running text that merely has the word in it passes.
"""

import re
import unicodedata
from typing import Any

import structlog
from pydantic import BaseModel, ConfigDict, ValidationInfo, model_validator

from app.kit.problems import StateSecretRefused

log = structlog.get_logger("app.secrecy")

PROVISIONS = ["QC.D4.K5", "QC.D7.K6"]
# Besides what is no letter: modifier apostrophes, and the Hangul fillers, letters that show nothing.
_NO_LETTER = r"[\W_\u02b0-\u02ff\u115f\u1160]"
_DECORATION = re.compile(f"{_NO_LETTER}+")
# Where `str.splitlines` ends a line.
_BREAKS = "\n\v\f\r\x1c\x1d\x1e\x85\u2028\u2029"
# Each letter with its own marks, or with some or all of them left out; `mắt`, `mất`, `mặt` are other words.
_MARKING = re.compile(r"([dđðɖ][oôọộ]m[aâạậ]t)?(t[oôóố]i|tuy[eêẹệ]t)?m[aâạậ]t")
_LONGEST = len("độmậttuyệtmật")
# What every marking ends with, and no line else but one in some thousands: the one thing to look for in long bodies.
_END = re.compile(f"m{_NO_LETTER}*+[aâạậ]{_NO_LETTER}*+t{_NO_LETTER}*?[{_BREAKS}]")


def is_marked(text: str) -> bool:
    """Whether a line of the text, or the text as a whole, is a marking."""
    plain = _plain(text)
    return any(map(_is_marking, (*plain.splitlines(), plain)))


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _is_marking(line: str) -> bool:
    letters = _DECORATION.sub("", line)
    return len(letters) <= _LONGEST and _MARKING.fullmatch(letters) is not None


def refuse_marked(body: Any) -> None:
    """Refuse a body that carries a marking anywhere; log that it happened, never what it held."""
    texts = _strings(body)
    # All at once first: nothing composes across a line break, so every marking is still there in the whole.
    if _END.search(_plain("\n".join((*texts, "")))) and any(map(is_marked, texts)):
        log.warning("state_secret.refused")
        raise StateSecretRefused(provisions=PROVISIONS)


def _strings(value: Any) -> set[str]:
    found: set[str] = set()
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            found.add(item)
        elif isinstance(item, dict):
            found.update(item)
            stack.extend(item.values())
        elif isinstance(item, list):
            stack.extend(item)
    return found


UNMARKED = object()
"""The context in which a body is validated that was looked through already, with all that stands in it."""


class Submitted(BaseModel):
    """The base of every request body: no unknown fields, no marked content."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _unmarked(cls, value: Any, info: ValidationInfo) -> Any:
        if info.context is not UNMARKED:
            refuse_marked(value)
        return value
