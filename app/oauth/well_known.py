"""Where everything is, for programs that look before they ask: RFC 8414 and RFC 9727."""

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from app.access.grants import Scope
from app.kit.routing import Route

router = APIRouter(tags=["oauth"], route_class=Route)

CACHED = "public, max-age=3600"
CATALOG = "/.well-known/api-catalog"
LINKSET = 'application/linkset+json; profile="https://www.rfc-editor.org/info/rfc9727"'
BASIC = ["client_secret_basic"]


class ServerMetadata(BaseModel):
    """What this authorization server offers (RFC 8414)."""

    issuer: str = Field(max_length=2000)
    token_endpoint: str = Field(max_length=2000)
    revocation_endpoint: str = Field(max_length=2000)
    introspection_endpoint: str = Field(max_length=2000)
    jwks_uri: str = Field(max_length=2000)
    service_documentation: str = Field(max_length=2000)
    scopes_supported: list[str] = Field(max_length=100)
    grant_types_supported: list[str] = Field(max_length=10)
    response_types_supported: list[str] = Field(
        max_length=10, description="None: nobody is sent to this service to consent to anything."
    )
    token_endpoint_auth_methods_supported: list[str] = Field(max_length=10)
    revocation_endpoint_auth_methods_supported: list[str] = Field(max_length=10)
    introspection_endpoint_auth_methods_supported: list[str] = Field(max_length=10)


class Link(BaseModel):
    """One target of a link (RFC 9264)."""

    href: str = Field(max_length=2000)
    type: str = Field(max_length=100)


class LinkContext(BaseModel):
    """What is linked from the API as a whole."""

    anchor: str = Field(max_length=2000)
    service_desc: list[Link] = Field(max_length=10, alias="service-desc")
    service_doc: list[Link] = Field(max_length=10, alias="service-doc")
    status: list[Link] = Field(max_length=10)


class Linkset(BaseModel):
    """The catalogue of the APIs at this host (RFC 9727)."""

    linkset: list[LinkContext] = Field(max_length=10)


class LinksetResponse(JSONResponse):
    """JSON of the linkset kind."""

    media_type = LINKSET


@router.get("/.well-known/oauth-authorization-server")
async def get_server_metadata(request: Request, response: Response) -> ServerMetadata:
    """Where tokens are given, taken back and looked into, and how a client proves itself there."""
    url = request.app.state.settings.public_url
    response.headers["Cache-Control"] = CACHED
    return ServerMetadata(
        issuer=url,
        token_endpoint=f"{url}/oauth/token",
        revocation_endpoint=f"{url}/oauth/revoke",
        introspection_endpoint=f"{url}/oauth/introspect",
        jwks_uri=f"{url}/oauth/jwks.json",
        service_documentation=f"{url}/docs",
        scopes_supported=sorted(scope.value for scope in Scope),
        grant_types_supported=["client_credentials"],
        # §2 wants it named; libraries that insist on it take an empty list, none takes its absence.
        response_types_supported=[],
        token_endpoint_auth_methods_supported=BASIC,
        revocation_endpoint_auth_methods_supported=BASIC,
        introspection_endpoint_auth_methods_supported=BASIC,
    )


@router.get(
    CATALOG,
    response_class=LinksetResponse,
    response_model=Linkset,
)
async def get_api_catalog(request: Request) -> LinksetResponse:
    """Which API is here: its description for programs, its documentation for people, and whether it is ready."""
    url = request.app.state.settings.public_url
    context: dict[str, Any] = {
        "anchor": f"{url}/",
        "service-desc": [{"href": f"{url}/openapi.json", "type": "application/json"}],
        "service-doc": [{"href": f"{url}/docs", "type": "text/html"}],
        "status": [{"href": f"{url}/readyz", "type": "application/json"}],
    }
    headers = {"Cache-Control": CACHED, "Link": f'<{url}{CATALOG}>; rel="api-catalog"'}
    return LinksetResponse({"linkset": [context]}, headers=headers)
