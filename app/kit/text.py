"""Vietnamese text: one normal form, one folded form for search, one key for sorting.

Every string that enters the service passes `clean`; length limits count code points of the NFC form.
"""

import re
import unicodedata
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError
from vn_collate import collate_key

_SPACES = re.compile(r"[\u00a0\u2007\u202f]")
# C0 except tab, newline and carriage return; C1; lone surrogates; bidirectional controls; BOM and zero-width marks.
_FORBIDDEN = re.compile(
    "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ud800-\udfff\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]"
)
_BARRED = str.maketrans("đĐðÐ", "dDdD")  # the Icelandic eth stands for đ in text of old encodings
_APART = re.compile(r"[\s'’‘`´ʼ\-‐‑–—]+")  # apostrophes and hyphens as people type them


def clean(value: Any) -> Any:
    """Bring an inbound string to NFC, fold no-break spaces, trim; refuse characters nobody can see or store.

    Anything but a string passes through, for the type check that follows to refuse.
    """
    if not isinstance(value, str):
        return value
    if _FORBIDDEN.search(value):
        raise PydanticCustomError("forbidden_character", "Contains a control, bidirectional or unpaired character")
    return unicodedata.normalize("NFC", _SPACES.sub(" ", value)).strip()


def _one_line(value: str) -> str:
    if len(value.splitlines()) > 1:
        raise PydanticCustomError("forbidden_character", "Contains a control character: a line break")
    return value


def fold(value: str) -> str:
    """The search form: no diacritics, no case, đ as d, apostrophes, hyphens and blanks dropped (`M'Đrắk` → `mdrak`)."""
    bare = "".join(c for c in unicodedata.normalize("NFD", value) if not unicodedata.combining(c))
    return _APART.sub("", bare.translate(_BARRED).casefold())


def pattern(value: str) -> str:
    """The LIKE pattern that finds a text inside folded ones."""
    escaped = fold(value).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def sort_key(value: str) -> str:
    """A key whose binary order is the Vietnamese dictionary order; store it in a column with COLLATE "C"."""
    return str(collate_key(value))


# `clean` stands last and so runs first: the limits then judge the normal form, as strings.
Code = Annotated[
    str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/-]*$"), BeforeValidator(clean)
]
"""A machine's own key: Latin letters, digits and `._:/-`."""
# Blanks are trimmed before they are counted, which the document can only say by a pattern.
_INKED: Any = {"pattern": r"\S"}
Line = Annotated[
    str,
    Field(min_length=1, max_length=300, json_schema_extra=_INKED),
    AfterValidator(_one_line),
    BeforeValidator(clean),
]
"""One line of text: a title, a name."""
Prose = Annotated[str, Field(min_length=1, max_length=20_000, json_schema_extra=_INKED), BeforeValidator(clean)]
"""Running text of several paragraphs."""
Query = Annotated[str, Field(min_length=1, max_length=100, json_schema_extra=_INKED), BeforeValidator(clean)]
"""A search text; diacritics and case do not matter."""
Url = Annotated[str, Field(min_length=8, max_length=2000, pattern=r"^https?://"), BeforeValidator(clean)]
"""A web address."""
Language = Annotated[
    str, Field(max_length=35, pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$", examples=["vi"]), BeforeValidator(clean)
]
"""A language by BCP 47: `vi`, `en`, `zh-Hans`."""
