"""The matrix of a year, counted again by hand from the list of obligations; and read back from its files."""

import csv
from collections import defaultdict
from io import BytesIO, StringIO

from openpyxl import load_workbook

from tests.obligations.hands import all_of

RECEIVED = {"received_on_time", "received_late", "accepted", "nil_return"}
TITLES = {
    "expected": "Phải gửi", "received": "Đã nhận", "on_time": "Đúng hạn", "late": "Trễ hạn",
    "nil_return": "Không phát sinh", "missing": "Còn thiếu", "accepted": "Đã tiếp nhận", "waived": "Được miễn",
    "received_rate": "Tỷ lệ đã nhận", "on_time_rate": "Tỷ lệ đúng hạn",
}  # fmt: skip


def counted(obligations):
    """What one cell must say of these obligations."""
    owed = [one for one in obligations if one["state"] != "waived"]
    received = [one for one in owed if one["state"] in RECEIVED]
    late = [one for one in received if one["late"]]
    counts = {
        "expected": len(owed),
        "received": len(received),
        "on_time": len(received) - len(late),
        "late": len(late),
        "nil_return": sum(one["state"] == "nil_return" for one in owed),
        "missing": sum(one["state"] == "overdue" for one in owed),
        "accepted": sum(one["state"] == "accepted" for one in owed),
        "waived": len(obligations) - len(owed),
    }
    for rate in ("received", "on_time"):
        counts[f"{rate}_rate"] = round(counts[rate] / len(owed), 4) if owed else None
    return counts


async def recounted(caller, year):
    """Counts by agency and duty, by agency, by duty, and over all (None where it is summed over)."""
    groups = defaultdict(list)
    listed = await all_of(caller, f"/v1/obligations?year={year}") + await all_of(
        caller, "/v1/obligations?period=standing"
    )
    for one in listed:
        if one["state"] != "lapsed":
            for agency in (one["agency_id"], None):
                for duty in (one["duty"], None):
                    groups[agency, duty].append(one)
    return {key: counted(found) for key, found in groups.items()}


def laid_out(matrix):
    """The matrix in the same shape."""
    found = {(None, None): matrix["total"]}
    for duty in matrix["duties"]:
        found[None, duty["duty"]] = duty["total"]
    for item in matrix["items"]:
        found[item["agency"]["id"], None] = item["total"]
        for cell in item["cells"]:
            found[item["agency"]["id"], cell["duty"]] = {name: cell[name] for name in TITLES}
    return found


def cells(matrix):
    """The cells as a table would show them: agency and duty, then the figures; rates that are null are empty."""
    return [
        (item["agency"]["name_vi"], cell["duty"], *("" if cell[name] is None else cell[name] for name in TITLES))
        for item in matrix["items"]
        for cell in item["cells"]
    ]


def read_csv(content):
    """The rows of a CSV file with their figures, by title."""
    return list(csv.DictReader(StringIO(content.decode("utf-8-sig"))))


def read_xlsx(content):
    """The rows of a spreadsheet, by title; an empty cell is an empty text."""
    rows = load_workbook(BytesIO(content)).active.iter_rows()
    titles = [cell.value for cell in next(rows)]
    return [{t: "" if c.value is None else c.value for t, c in zip(titles, row, strict=True)} for row in rows]


def as_cells(rows):
    """The rows of a file in the shape of `cells`."""
    return [
        (row["Cơ quan"], row["Điều khoản"], *(float(row[t]) if row[t] != "" else "" for t in TITLES.values()))
        for row in rows
    ]
