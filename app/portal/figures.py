"""The released figures of foreign capital as a series: by type of capital, district and period (QC.D10.K2)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from app.kit.clock import Day
from app.kit.problems import InvalidParameter, problems
from app.kit.routing import Route
from app.kit.tables import TABLE, Format, FormatDep, Table
from app.kit.text import Line
from app.law.citing import clauses
from app.portal import day, record_queries
from app.portal.editions import Built, answer, key_of
from app.portal.publishing import editions_of
from app.portal.record_schemas import MOST_FIGURES, InvestmentFigures, InvestmentSeries
from app.records.kinds.investment_details import CapitalType, Frequency

router = APIRouter(prefix="/v1/public", tags=["portal"], route_class=Route)
CITED = {"x-provisions": list(clauses("QC.D10.K2"))}
TOPICS = ("record",)
TITLES = {
    "capital_type": "Loại vốn",
    "area": "Địa bàn",
    "frequency": "Kỳ",
    "starts_on": "Từ ngày",
    "ends_on": "Đến ngày",
    "projects": "Số dự án",
    "registered_amount": "Vốn đăng ký, cam kết",
    "registered_currency": "Loại tiền của vốn đăng ký",
    "disbursed_amount": "Vốn thực hiện",
    "disbursed_currency": "Loại tiền của vốn thực hiện",
    "source": "Nguồn số liệu",
    "as_of": "Số liệu đến ngày",
    "id": "Hồ sơ",
}


@router.get(
    "/investment-statistics",
    response_model=InvestmentSeries,
    responses=TABLE | problems(InvalidParameter),
    openapi_extra=CITED,
)
async def list_public_investment_statistics(
    request: Request,
    format: FormatDep,
    capital_type: Annotated[CapitalType | None, Query(description="Only this type of capital.")] = None,
    frequency: Annotated[Frequency | None, Query(description="Only such periods.")] = None,
    area: Annotated[Line | None, Query(description="Only this district, by its name as entered.")] = None,
    first: Annotated[Day | None, Query(alias="from", description="Periods that end on this day or later.")] = None,
    last: Annotated[Day | None, Query(alias="to", description="Periods that begin on this day or before.")] = None,
) -> Response:
    """Read the released figures of foreign capital as a series: by type of capital, district and period.

    The latest 10,000 periods; those of the whole province have no district.
    """
    asked = {"capital_type": capital_type, "frequency": frequency, "area": area, "from": first, "to": last}
    wanted = {name: value for name, value in asked.items() if value is not None}

    async def build(moment: datetime) -> Built:
        return await _built(request, wanted, format, moment)

    return answer(request, await editions_of(request).edition(TOPICS, key_of(request, wanted, format), build))


async def _built(request: Request, wanted: Mapping[str, Any], format: Format, moment: datetime) -> Built:
    statement = record_queries.figures(wanted, MOST_FIGURES)
    async with request.app.state.reads() as session:
        found = await session.execute(statement, {f"wanted_{name}": value for name, value in wanted.items()})
        rows = sorted(found.mappings(), key=_order)
    since, until = await day.span(request.app.state.reader, None, moment)
    # The format may have been asked for by `Accept`: a cache must keep one answer for each.
    headers = {"Vary": "Accept"}
    if format is Format.json:
        series = InvestmentSeries(items=[InvestmentFigures(**row) for row in rows])
        return Built(series.model_dump_json().encode(), "application/json", since, until, headers)
    made = Table("von-nuoc-ngoai", TITLES, rows).respond(format)
    headers["Content-Disposition"] = made.headers["Content-Disposition"]
    return Built(bytes(made.body), made.headers["Content-Type"], since, until, headers)


def _order(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return (row["capital_type"], row["area"] or "", row["starts_on"], row["ends_on"], row["id"])
