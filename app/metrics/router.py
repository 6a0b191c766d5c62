"""`/metrics`: for the machine's own Prometheus, or for who has the token; for everybody else it is not there."""

import hmac
from ipaddress import ip_address

from fastapi import APIRouter, Request, Response
from fastapi.security.utils import get_authorization_scheme_param
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from app.kit.problems import NotFound
from app.metrics.service import exposition
from app.settings import Settings

router = APIRouter(tags=["probes"], include_in_schema=False)

_FORWARDED = frozenset({"forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip"})


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """What is measured, in Prometheus' text format."""
    if not _may_read(request):
        raise NotFound
    return Response(await exposition(request.app.state.reads), media_type=CONTENT_TYPE_PLAIN_0_0_4)


def _may_read(request: Request) -> bool:
    """Who has the token, where one is set; else this machine, unless it only passes on what another asks."""
    settings: Settings = request.app.state.settings
    if settings.metrics_token is not None:
        scheme, given = get_authorization_scheme_param(request.headers.get("authorization"))
        expected = settings.metrics_token.get_secret_value()
        return scheme.lower() == "bearer" and hmac.compare_digest(given.encode(), expected.encode())
    if request.client is None or not _FORWARDED.isdisjoint(request.headers.keys()):
        return False
    try:
        return ip_address(request.client.host).is_loopback
    except ValueError:  # a Unix socket: behind it stands a gateway
        return False
