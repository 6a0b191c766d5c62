"""An operation that is to go says so in every answer and in the document, from one declaration."""

from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import Annotated

import pytest
from fastapi import APIRouter, Response

from app.access.actor import Actor
from app.access.gate import needs
from app.access.grants import Scope
from app.kit.deprecation import deprecated
from app.kit.routing import Route
from tests import make

pytestmark = pytest.mark.own_app

GUIDE = "https://ttdn.daklak.example/docs#old"
MARK = deprecated(date(2027, 1, 1), sunset=date(2027, 12, 31), link=GUIDE)


@pytest.fixture
def old(app):
    """The app with operations of the day before yesterday."""
    router = APIRouter(prefix="/old", route_class=Route, tags=["probes"])

    @router.get("/open", dependencies=[deprecated(date(2027, 1, 1), link=GUIDE)])
    async def read_old(response: Response) -> dict[str, str]:
        response.headers["Link"] = '<http://test/next>; rel="next"'
        return {}

    @router.get("/closed", dependencies=[MARK])
    async def read_closed(_: Annotated[Actor, needs(Scope.plans_read)]) -> dict[str, str]:
        return {}

    app.include_router(router)
    return app


async def test_every_answer_says_since_when_until_when_and_what_instead(old, world):
    district = await world.as_(make.DISTRICT)
    refused = await world.api.get("/old/closed")
    given = await district.get("/old/closed")
    assert (refused.status_code, given.status_code) == (401, 200)
    for answer in (refused, given):
        since = datetime.fromtimestamp(int(answer.headers["Deprecation"].removeprefix("@")), UTC)
        assert since == datetime(2026, 12, 31, 17, tzinfo=UTC)  # midnight in the province
        assert answer.headers["Sunset"] == "Thu, 30 Dec 2027 17:00:00 GMT"
        assert parsedate_to_datetime(answer.headers["Sunset"]) == datetime(2027, 12, 30, 17, tzinfo=UTC)
        assert answer.headers["Link"] == f'<{GUIDE}>; rel="deprecation"'
    assert "RateLimit" in given.headers


async def test_it_stands_beside_a_link_of_the_answer_s_own_and_without_a_sunset(old, world):
    answer = await world.api.get("/old/open")
    assert answer.headers.get_list("Link") == ['<http://test/next>; rel="next"', f'<{GUIDE}>; rel="deprecation"']
    assert answer.headers["Deprecation"] == "@1798736400"
    assert "Sunset" not in answer.headers


async def test_no_other_operation_says_it(old, world):
    answer = await world.api.get("/v1/regulations")
    assert not answer.headers.keys() & {"deprecation", "sunset", "link"}


async def test_the_document_says_it_too(old):
    document = old.openapi()
    opened, closed = (document["paths"][f"/old/{name}"]["get"] for name in ("open", "closed"))
    assert opened["deprecated"] is closed["deprecated"] is True
    assert ("x-sunset" in opened, closed["x-sunset"]) == (False, "2027-12-31")
    assert opened["responses"]["200"]["headers"].keys() >= {"Deprecation", "Link"}
    assert "Sunset" not in opened["responses"]["200"]["headers"]
    assert closed["responses"]["200"]["headers"].keys() >= {"Deprecation", "Link", "Sunset"}
    assert document["components"]["headers"].keys() >= {"Deprecation", "Link", "Sunset"}
    assert "deprecated" not in document["paths"]["/v1/plans"]["get"]


def test_nothing_goes_before_it_is_deprecated():
    with pytest.raises(AssertionError):
        deprecated(date(2027, 2, 1), sunset=date(2027, 1, 1), link=GUIDE)
