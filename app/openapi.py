"""The OpenAPI document: FastAPI's own, put right where its defaults do not say what the service does."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from app.kit.problems import MEDIA_TYPE
from app.trail.feed import EventBody

DESCRIPTION = """\
Dịch vụ phối hợp quản lý nhà nước về thông tin đối ngoại trên địa bàn tỉnh Đắk Lắk, theo Quy chế ban hành kèm theo
Quyết định 26/2013/QĐ-UBND: danh bạ cơ quan, trách nhiệm, kế hoạch, dòng sự kiện và webhook.

Coordination of the state management of external information in Đắk Lắk province, as the regulation annexed to
Decision 26/2013/QĐ-UBND orders it: agencies, responsibilities, plans, the feed of events, and webhooks.

Every failure is a problem document (RFC 9457) in Vietnamese or English (`Accept-Language`). Every change of a resource
names the version it saw (`If-Match`). Lists are keyset pages (`next_cursor`).
"""

TAGS = {
    "law": "Văn bản và điều khoản / The regulation and its provisions",
    "agencies": "Cơ quan và chức năng / Agencies and functions",
    "responsibilities": "Trách nhiệm / Who must do what, by which provision",
    "plans": "Kế hoạch / Plans (QC.D7.K1)",
    "events": "Dòng sự kiện / The feed of events",
    "webhooks": "Webhook / Endpoints and deliveries",
    "oauth": "Xác thực / Tokens and keys",
    "problems": "Lỗi / Every way of failing",
    "probes": "Kiểm tra / Probes",
}


def describe(app: FastAPI) -> None:
    """Make the app answer with this document, made once."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # FastAPI's documented way


def _document(app: FastAPI) -> dict[str, Any]:
    found = get_openapi(
        title=app.title,
        version=app.version,
        description=DESCRIPTION,
        routes=app.routes,
        tags=[{"name": name, "description": text} for name, text in TAGS.items()],
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        servers=[{"url": "/"}],
    )
    schemas = found["components"]["schemas"]
    body = EventBody.model_json_schema(ref_template="#/components/schemas/{model}", mode="serialization")
    schemas.update(body.pop("$defs"))
    schemas["EventBody"] = body
    for operations in found["paths"].values():
        for operation in operations.values():
            _say_problems(operation)
    # FastAPI's own shape for 422, which this service never answers with.
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    return found


def _say_problems(operation: dict[str, Any]) -> None:
    """Refusals are problem documents, in their own media type."""
    responses = operation["responses"]
    for status, response in list(responses.items()):
        content = response.get("content", {})
        schema = content.get("application/json", {}).get("schema", {})
        if schema.get("$ref", "").endswith("/HTTPValidationError"):
            del responses[status]
        elif schema.get("$ref", "").endswith("/ProblemDocument"):
            content[MEDIA_TYPE] = content.pop("application/json")
