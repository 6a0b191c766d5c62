"""The OpenAPI document: FastAPI's own, brought to say what the service does, in both languages.

What the code knows (paths, schemas, scopes, moves, headers asked for) is read off the routes. What only people can say
stands in data files beside this one: `operations.toml`, `samples.toml` and `bounds.toml`.
"""

from collections.abc import Sequence
from typing import Any, cast

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from app.openapi.answers import answer
from app.openapi.asking import ask
from app.openapi.events import webhooks
from app.openapi.samples import exemplify
from app.openapi.shapes import shape
from app.openapi.texts import say
from app.trail.feed import EventBody

DESCRIPTION = """\
Dịch vụ phối hợp quản lý nhà nước về thông tin đối ngoại trên địa bàn tỉnh Đắk Lắk, theo Quy chế ban hành kèm theo
Quyết định 26/2013/QĐ-UBND: danh bạ cơ quan, trách nhiệm, kế hoạch, báo cáo, dòng sự kiện và webhook.

Mọi từ chối là một tài liệu lỗi (RFC 9457) bằng tiếng Việt hoặc tiếng Anh (`Accept-Language`). Mọi thay đổi nêu phiên
bản đã đọc (`If-Match`). Danh sách đọc theo trang (`next_cursor`). `x-provisions` nêu điều khoản mà thao tác dựa vào;
`GET /v1/provisions/{id}` cho đọc nguyên văn.

---

Coordination of the state management of external information in Đắk Lắk province, as the regulation annexed to
Decision 26/2013/QĐ-UBND orders it: agencies, responsibilities, plans, reports, the feed of events, and webhooks.

Every failure is a problem document (RFC 9457) in Vietnamese or English (`Accept-Language`). Every change of a resource
names the version it saw (`If-Match`). Lists are keyset pages (`next_cursor`). `x-provisions` names the clauses that an
operation rests on; `GET /v1/provisions/{id}` reads them verbatim.
"""

SERVER = "Chính máy chủ đưa ra tài liệu này / The server that this document comes from: production, staging or local"

# In the regulation's order; what the service needs for itself comes last.
TAGS = {
    "law": "Văn bản và điều khoản / The regulation and its provisions",
    "agencies": "Cơ quan và chức năng / Agencies and functions",
    "responsibilities": "Trách nhiệm / Who must do what, by which provision",
    "obligations": "Nghĩa vụ, thời hạn, đôn đốc / Who owes what, by when (QD.D2)",
    "plans": "Kế hoạch / Plans (QC.D7.K1)",
    "budgets": "Dự toán kinh phí / Budgets (QC.D7.K1, QC.D8.K9, QC.D12)",
    "tasks": "Nhiệm vụ, tiến độ, phối hợp / Tasks, their progress, cooperation (QC.D7.K1, QC.D6.K1)",
    "reports": "Báo cáo / Reports (QC.D7.K3)",
    "press": "Báo chí / Press events, guidance, supplied information, press products (QC.D7.K2, QC.D8.K3, QC.D15)",
    "portal": "Cổng công khai, lịch và nguồn tin / What everybody may read, calendars and feeds (QC.D8.K3, QC.D4.K4)",
    "statistics": "Số liệu hoạt động / What was done, counted (QC.D8.K2)",
    "records": "Hồ sơ công việc / Records: every duty that the rest does not cover, by kind (QC.D7 to QC.D14, QC.END)",
    "events": "Dòng sự kiện / The feed of events",
    "audit": "Nhật ký / The audit: who did what, by which clause",
    "sync": "Đồng bộ / Keeping a copy",
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
    base = app.state.settings.root_path
    found = get_openapi(
        title=app.title,
        version=app.version,
        summary="Coordination of external information in Đắk Lắk province (Quyết định 26/2013/QĐ-UBND)",
        description=DESCRIPTION,
        routes=app.routes,
        tags=[{"name": name, "description": text} for name, text in TAGS.items()],
        license_info={"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        servers=[{"url": base or "/", "description": SERVER, "x-internal": False}],
    )
    for scheme in found["components"]["securitySchemes"].values():
        for flow in scheme.get("flows", {}).values():
            flow["tokenUrl"] = base + flow["tokenUrl"]
    schemas = found["components"]["schemas"]
    body = EventBody.model_json_schema(ref_template="#/components/schemas/{model}", mode="serialization")
    schemas.update(body.pop("$defs"))
    schemas["EventBody"] = body
    # FastAPI's own shape for 422, which this service never answers with.
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    found["webhooks"] = webhooks(schemas)
    ask(found, app)
    say(found)
    shape(found)
    answer(found, _open_paths(app))
    exemplify(found)
    return found


def _open_paths(app: FastAPI) -> list[str]:
    """What the outermost layer lets pages of any site read."""
    return [path for layer in app.user_middleware for path in cast("Sequence[str]", layer.kwargs.get("open_paths", ()))]
