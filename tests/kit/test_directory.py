"""The app's router finds a route by the words of the path, and answers as one that asks every route."""

import httpx
import pytest
from cryptography.fernet import Fernet
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from app.kit.routing import Directory
from app.kit.vault import Vault
from app.main import create_app
from app.settings import Settings

ROUTES = (
    ("GET", "/v1/plans"),
    ("POST", "/v1/plans"),
    ("GET", "/v1/plans/bulk"),
    ("GET", "/v1/plans/{id}"),
    ("PUT", "/v1/plans/{id}"),
    ("GET", "/v1/plans/{id}/versions/{version}"),
    ("GET", "/v1/{anything}/tasks/x"),
    ("GET", "/files/{path:path}"),
    ("GET", "/livez"),
)
ASKED = (
    *("/v1/plans", "/v1/plans/", "/v1//plans", "/v1/plans/bulk", "/v1/plans/7", "/v1/plans/7/", "/v1/plan", "/v1", "/"),
    *("/v1/plans/7/versions/2", "/v1/plans/tasks/x", "/files/a", "/files/a/b/c", "/files/", "/livez", "/livez/"),
    *("/v1/plans%0A", "/v1/plans/%2F", "/v1/plans/{id}", "/V1/plans"),
)


def routes():
    router = APIRouter()
    for method, path in ROUTES:

        async def told(said=f"{method} {path}"):
            return said

        router.add_api_route(path, told, methods=[method])
    return router.routes


def served_by(router):
    app = FastAPI()
    app.router = router
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "OPTIONS"])
async def test_it_answers_as_a_router_that_asks_every_route(method):
    near, far = Directory(routes=routes(), redirect_slashes=False), APIRouter(routes=routes(), redirect_slashes=False)
    async with served_by(near) as ours, served_by(far) as theirs:
        for path in ASKED:
            mine, other = await ours.request(method, path), await theirs.request(method, path)
            assert (mine.status_code, mine.content) == (other.status_code, other.content), path


def test_no_operation_of_the_service_has_many_beside_it():
    app = create_app(Settings(_env_file=None), Vault(Fernet.generate_key().decode()))
    operations = [route for route in app.routes if isinstance(route, APIRoute) and route.path.startswith("/v1/")]
    together = [router.routes for router in app.router._near.values()]
    for route in operations:
        assert all(len(some) <= 12 for some in together if route in some), route.path
        assert sum(route in some for some in together) == len(route.methods), route.path
    assert len(operations) > 150
