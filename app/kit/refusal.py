"""A refusal as bytes, for a request that never reaches the app."""

from collections.abc import Mapping

from pydantic_core import to_json
from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from app.kit.heads import Fields
from app.kit.ids import new_id
from app.kit.language import negotiate
from app.kit.problems import MEDIA_TYPE, Problem


def written(
    problem: Problem, base_url: str, headers: Mapping[str, str], more: Fields, asked: Fields, *, bodiless: bool
) -> bytes:
    """The whole answer, in the language asked for as far as the request had said so; the last one on its connection."""
    accepted = b",".join(value for name, value in asked if name == b"accept-language").decode("latin-1")
    language, request_id = negotiate(accepted), str(new_id())
    body = to_json(problem.document(base_url, request_id, language))
    fields = {
        **headers,
        **problem.headers,
        "Content-Type": MEDIA_TYPE,
        "Content-Length": str(len(body)),
        "Content-Language": language,
        "Vary": "Accept-Language",
        "Cache-Control": "no-store",
        "Connection": "close",
        "X-Request-Id": request_id,
    }
    lines = [*more, *((name.lower().encode(), value.encode()) for name, value in fields.items())]
    head = STATUS_LINE[problem.status_code] + b"".join(name + b": " + value + b"\r\n" for name, value in lines)
    return head + b"\r\n" + (b"" if bodiless else body)
