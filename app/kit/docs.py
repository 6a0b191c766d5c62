"""The documentation pages, served whole by this process: government networks have no internet."""

from functools import cache
from hashlib import blake2s
from importlib.resources import files

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import HTMLResponse
from pydantic_core import to_json
from starlette.staticfiles import StaticFiles

# Scripts come from this host alone, none is inline. Both pages draw their styles with script, as <style> elements and
# attributes whose content is not known beforehand: styles stay 'unsafe-inline', which lets nothing run. Redoc searches
# in a worker that it makes of its own text: blob.
CSP = (
    "default-src 'none'; script-src 'self'; worker-src blob:; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
PAGE = """<!doctype html>
<html lang="vi" data-base="{base}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="{base}/assets/ui/favicon.png">
<link rel="stylesheet" href="{base}/assets/own/docs.css">
{head}
</head>
<body>
<nav>
<a href="{base}/redoc">Đọc / Read</a>
<a href="{base}/docs">Thử / Try</a>
<a href="{base}/openapi.json">openapi.json</a>
</nav>
<div id="docs"><noscript><a href="{base}/openapi.json">openapi.json</a></noscript></div>
</body>
</html>
"""
SWAGGER = """<link rel="stylesheet" href="{base}/assets/ui/swagger-ui.css">
<script src="{base}/assets/ui/swagger-ui-bundle.js" defer></script>
<script src="{base}/assets/own/docs.js" defer></script>"""
REDOC = """<script src="{base}/assets/redoc.js" defer></script>
<script src="{base}/assets/own/redoc.js" defer></script>"""
LOGO = b"https://cdn.redoc.ly/redoc/logo-mini.svg"
BLANK = b"data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA="

router = APIRouter(include_in_schema=False)


def _page(request: Request, head: str) -> HTMLResponse:
    base = request.scope.get("root_path", "")
    page = PAGE.format(base=base, title=request.app.title, head=head.format(base=base))
    return HTMLResponse(page, headers={"Content-Security-Policy": CSP, "Cache-Control": "no-cache"})


@router.get("/docs")
async def docs(request: Request) -> HTMLResponse:
    """Show the OpenAPI document with Swagger UI, where requests can be tried."""
    return _page(request, SWAGGER)


@router.get("/redoc")
async def redoc(request: Request) -> HTMLResponse:
    """Show the OpenAPI document as one page to read."""
    return _page(request, REDOC)


def _tag(content: bytes) -> str:
    return f'"{blake2s(content, digest_size=8).hexdigest()}"'


@cache
def _redoc() -> tuple[bytes, str]:
    """Redoc from the package, but for the one picture that it would fetch from its maker's host; and its tag."""
    script = (files("fastapi_offline") / "static" / "redoc.standalone.js").read_bytes().replace(LOGO, BLANK)
    return script, _tag(script)


@router.get("/assets/redoc.js")
async def redoc_script() -> Response:
    """Serve Redoc."""
    script, tag = _redoc()
    return Response(script, headers={"ETag": tag}, media_type="text/javascript")


def install(app: FastAPI) -> None:
    """Serve the document, the pages and their assets (Swagger UI and Redoc from the `fastapi-offline` package)."""

    @cache
    def document() -> tuple[bytes, str]:
        text = to_json(app.openapi())
        app.openapi_schema = None  # in pieces it takes ten times as much as its text
        return text, _tag(text)

    # FastAPI writes the document anew for each who asks, which takes as long as fifty answers of another kind.
    @app.get("/openapi.json", include_in_schema=False)
    async def openapi() -> Response:
        text, tag = document()
        return Response(text, headers={"ETag": tag}, media_type="application/json")

    app.include_router(router)
    app.mount("/assets/ui", StaticFiles(packages=[("fastapi_offline", "static")]))
    app.mount("/assets/own", StaticFiles(directory=str(files("app.kit") / "static")))
