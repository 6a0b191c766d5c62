"""The documentation pages, served whole by this process: government networks have no internet."""

from importlib.resources import files

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'"
)
PAGE = """<!doctype html>
<html lang="vi" data-base="{base}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="{base}/assets/ui/favicon.png">
<link rel="stylesheet" href="{base}/assets/ui/swagger-ui.css">
<script src="{base}/assets/ui/swagger-ui-bundle.js" defer></script>
<script src="{base}/assets/own/docs.js" defer></script>
</head>
<body><div id="docs"><noscript><a href="{base}/openapi.json">openapi.json</a></noscript></div></body>
</html>
"""

router = APIRouter(include_in_schema=False)


@router.get("/docs")
async def docs(request: Request) -> HTMLResponse:
    """Show the OpenAPI document with Swagger UI."""
    page = PAGE.format(base=request.scope.get("root_path", ""), title=request.app.title)
    return HTMLResponse(page, headers={"Content-Security-Policy": CSP, "Cache-Control": "no-cache"})


def install(app: FastAPI) -> None:
    """Serve the pages and their assets (Swagger UI from the `fastapi-offline` package)."""
    app.include_router(router)
    app.mount("/assets/ui", StaticFiles(packages=[("fastapi_offline", "static")]))
    app.mount("/assets/own", StaticFiles(directory=str(files("app.kit") / "static")))
