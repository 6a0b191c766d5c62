"""Tables for people: the same rows as CSV or as a spreadsheet, when a caller asks for that instead of JSON."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from io import BytesIO, StringIO
from typing import Annotated, Any

from fastapi import Depends, Query, Request, Response

from app.kit.clock import local
from app.kit.negotiation import JSON, best


class Format(StrEnum):
    """How a table is written."""

    json = "json"
    csv = "csv"
    xlsx = "xlsx"


MEDIA_TYPES = {
    Format.json: JSON,
    Format.csv: "text/csv",
    Format.xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
TABLE: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            kind: {"schema": {"type": "string", "maxLength": 50_000_000}}
            for kind in MEDIA_TYPES.values()
            if kind != JSON
        }
    }
}
"""For an operation's `responses`: what it answers beside JSON."""

_BOM = "\ufeff"  # without it spreadsheets take UTF-8 for something older
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under titles; `columns` maps each key of a row to its title."""

    name: str
    columns: Mapping[str, str]
    rows: Sequence[Mapping[str, Any]]

    def respond(self, format: Format) -> Response:
        """The table as a file."""
        body = self._csv() if format is Format.csv else self._xlsx()
        kind = "text/csv; charset=utf-8" if format is Format.csv else MEDIA_TYPES[format]
        disposition = f'attachment; filename="{self.name}.{format}"'
        return Response(body, media_type=kind, headers={"Content-Disposition": disposition})

    def _csv(self) -> bytes:
        text = StringIO()
        writer = csv.writer(text)
        writer.writerow(self.columns.values())
        writer.writerows([_harmless(_plain(row[key])) for key in self.columns] for row in self.rows)
        return (_BOM + text.getvalue()).encode()

    def _xlsx(self) -> bytes:
        from xlsxwriter import Workbook  # 3 MB, which only a process that is asked for a spreadsheet has to have

        file = BytesIO()
        # Texts stay texts: nothing that an agency wrote becomes a formula or a link.
        with Workbook(file, {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}) as book:
            sheet = book.add_worksheet()
            sheet.write_row(0, 0, self.columns.values(), book.add_format({"bold": True}))
            for place, row in enumerate(self.rows, 1):
                sheet.write_row(place, 0, [_plain(row[key]) for key in self.columns])
            sheet.freeze_panes(1, 0)
            sheet.autofit()
        return file.getvalue()


def _plain(value: Any) -> Any:
    """A cell as people read it: days and instants of the province, yes and no, nothing."""
    match value:
        case None:
            return ""
        case bool():
            return "x" if value else ""
        case datetime():
            return local(value).strftime("%Y-%m-%d %H:%M:%S")
        case date():
            return value.isoformat()
        case int() | float() | str():
            return value
        case _:
            return str(value)


def _harmless(value: Any) -> Any:
    """A text that a spreadsheet would run as a formula, with an apostrophe before it."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


async def wanted_format(
    request: Request,
    format: Annotated[Format | None, Query(description="How the table is written; left out, `Accept` decides.")] = None,
) -> Format:
    """The format that a caller asks for."""
    if format is not None:
        return format
    kind = best(",".join(request.headers.getlist("accept")), list(MEDIA_TYPES.values()))
    return next((f for f, media in MEDIA_TYPES.items() if media == kind), Format.json)


FormatDep = Annotated[Format, Depends(wanted_format)]
