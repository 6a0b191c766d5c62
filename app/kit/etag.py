"""Entity tags: the row's version, which a change must name, and a digest of what the answer derives beside it."""

import re
from dataclasses import dataclass
from hashlib import blake2s
from typing import Annotated, Protocol, TypeVar

from fastapi import Depends, Header, Response
from pydantic_core import to_json

from app.kit.problems import InvalidParameter, PreconditionFailed, PreconditionRequired

_TAG = re.compile(r'(?:W/)?"v(\d{1,9})(?:\.[0-9a-f]{1,16})?"')


def etag(version: int, *derived: object) -> str:
    """The tag of one representation, for example `"v7.3fa9"`."""
    return f'"v{version}.{digest(*derived)}"'


def digest(*derived: object) -> str:
    """What the tag says of everything that does not raise the version."""
    return blake2s(to_json(derived), digest_size=4).hexdigest()


@dataclass(frozen=True, slots=True)
class Expected:
    """The versions that If-Match allows; none means any (`*`)."""

    versions: frozenset[int] | None

    def check(self, version: int, tag: str) -> None:
        """Refuse unless the row is at one of these versions."""
        if self.versions is not None and version not in self.versions:
            raise PreconditionFailed(tag)


Given = Annotated[str | None, Header(alias="If-Match", description="The ETag of the version you read.")]


async def optional_if_match(if_match: Given = None) -> Expected | None:
    """Read If-Match where a change may do without it."""
    if if_match is None:
        return None
    if if_match.strip() == "*":
        return Expected(None)
    parts = [part.strip() for part in if_match.split(",")]
    found = [_TAG.fullmatch(part) for part in parts]
    if not all(found):
        raise InvalidParameter(field_errors=[({"header": "If-Match"}, "malformed_etag", {})])
    return Expected(frozenset(int(match[1]) for match in found if match))


async def if_match(expected: Annotated[Expected | None, Depends(optional_if_match)]) -> Expected:
    """Read If-Match; a change without it is refused (428)."""
    if expected is None:
        raise PreconditionRequired
    return expected


OptionalIfMatch = Annotated[Expected | None, Depends(optional_if_match)]
IfMatch = Annotated[Expected, Depends(if_match)]


class Tagged(Protocol):
    """An answer that carries its own tag."""

    @property
    def etag(self) -> str:
        """The tag, also in list items."""
        ...


T = TypeVar("T", bound=Tagged)


def tagged(response: Response, resource: T, location: str | None = None) -> T:
    """The resource, with its ETag (and for a new one its Location) in the headers."""
    response.headers["ETag"] = resource.etag
    if location:
        response.headers["Location"] = location
    return resource
