"""One report of many, made without clock or database: exact, with its origins, the same in any order of reading."""

from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from app.kit.canonical import hashed
from app.obligations.absent import Absent
from app.reports.consolidation import Source, consolidated
from app.reports.schemas import AREAS

NAMES = ("UBND huyện Buôn Đôn", "Sở Y tế", "Sở Ngoại vụ", "Ban Dân tộc", "Đài PTTH", "Ủy ban X", "Sở Y tế")


def a_source(number, **changes):
    facts = {
        "report_id": UUID(int=number),
        "agency_id": UUID(int=1000 + number),
        "agency": NAMES[number % len(NAMES)],
        "late": False,
        "sections": [],
        "effect_evaluation": None,
        "indicators": [],
        "difficulties": [],
    }
    return Source(**facts | changes)


def a_figure(number, unit="bài", code="TIN-BAI", title="Tin, bài"):
    return {"code": code, "title": title, "number": number, "unit": unit}


def a_difficulty(description):
    return {"kind": "budget", "provision": None, "description": description, "proposal": None}


def made(sources, absent=(), excluded=None):
    return consolidated(2027, sources, absent, excluded or {}, AREAS)


def written(value, places):
    """An integer as a decimal number with this many places, as reports write it."""
    return f"{Decimal(value).scaleb(-places):f}"


FIGURES = st.builds(
    lambda value, places, unit, code: a_figure(written(value % 10**15, places), unit, code),
    st.integers(min_value=0, max_value=10**15),
    st.integers(min_value=0, max_value=6),
    st.sampled_from(["bài", "đoàn", "triệu đồng"]),
    st.sampled_from(["A", "B", "C"]),
)
SOURCES = st.lists(st.integers(min_value=1, max_value=60), unique=True, min_size=1, max_size=12).flatmap(
    lambda numbers: st.tuples(
        *(
            st.builds(
                lambda figures, texts, late, number=number: a_source(
                    number,
                    late=late,
                    indicators=figures,
                    sections=[{"area": area, "text": text} for area, text in zip(AREAS, texts, strict=False)],
                    difficulties=[a_difficulty(text) for text in texts],
                    effect_evaluation=texts[0] if texts else None,
                ),
                st.lists(FIGURES, max_size=4, unique_by=lambda figure: figure["code"]),
                st.lists(st.text(min_size=1, max_size=8), max_size=3),
                st.sampled_from([True, False, None]),
            )
            for number in numbers
        )
    )
)
STATES = ("missing", "not_accepted", "nil_return", "waived")


@given(sources=SOURCES, data=st.data())
def test_the_same_inputs_give_the_same_hash_in_whatever_order_they_were_read(sources, data):
    absent = [Absent(UUID(int=n), NAMES[n % len(NAMES)], STATES[n % 4], None) for n in range(9)]
    left_out = [source.report_id for source in sources[::3]]
    excluded = {id: f"Lý do {place}" for place, id in enumerate(left_out)}
    first = made(sources, absent, excluded)
    others, gone = data.draw(st.permutations(sources)), data.draw(st.permutations(absent))
    reasons = dict(data.draw(st.permutations(list(excluded.items()))))
    again = made(others, gone, reasons)
    assert again == first
    assert hashed(again) == hashed(first)


@given(sources=SOURCES)
def test_every_sum_is_the_exact_sum_of_its_origins_and_every_figure_is_in_one(sources):
    content = made(sources)
    for row in content["indicators"]:
        assert Fraction(row["total"]) == sum(Fraction(origin["number"]) for origin in row["origins"])
    shown = sorted(
        (origin["report_id"], row["code"], row["unit"], origin["number"])
        for row in content["indicators"]
        for origin in row["origins"]
    )
    assert shown == sorted(
        (str(source.report_id), item["code"], item["unit"], item["number"])
        for source in sources
        for item in source.indicators
    )


def test_the_largest_figures_of_two_thousand_agencies_are_summed_to_the_last_digit():
    most = "999999999999999.999999"
    content = made([a_source(n, indicators=[a_figure(most)]) for n in range(2000)])
    assert content["indicators"][0]["total"] == "1999999999999999999.998000"
    small = made([a_source(1, indicators=[a_figure(most)]), a_source(2, indicators=[a_figure("0.000001")])])
    assert small["indicators"][0]["total"] == "1000000000000000.000000"


def test_figures_of_different_units_are_never_added_up():
    content = made(
        [
            a_source(1, indicators=[a_figure("12.5", "triệu đồng", "KP")]),
            a_source(2, indicators=[a_figure("3", "đồng", "KP")]),
            a_source(3, indicators=[a_figure("0.75", "triệu đồng", "KP")]),
        ]
    )
    assert [(row["code"], row["unit"], row["total"]) for row in content["indicators"]] == [
        ("KP", "triệu đồng", "13.25"),
        ("KP", "đồng", "3"),
    ]
    assert [len(row["origins"]) for row in content["indicators"]] == [2, 1]


def test_what_is_left_out_stands_with_its_reason_and_is_summed_nowhere():
    sections, evaluation = [{"area": "QC.D5.K1", "text": "Một"}], "Tốt"
    more = {"sections": sections, "effect_evaluation": evaluation, "difficulties": [a_difficulty("Thiếu")]}
    sources = [a_source(n, indicators=[a_figure("1")], **more) for n in (1, 2)]
    content = made(sources, excluded={UUID(int=2): "Trùng số liệu"})
    assert [item["report_id"] for item in content["included"]] == [str(UUID(int=1))]
    (excluded,) = content["excluded"]
    assert (excluded["report_id"], excluded["reason"]) == (str(UUID(int=2)), "Trùng số liệu")
    (row,) = content["indicators"]
    assert (row["total"], [origin["report_id"] for origin in row["origins"]]) == ("1", [str(UUID(int=1))])
    for gathered in (content["evaluations"], content["difficulties"], content["sections"][0]["entries"]):
        assert [item["report_id"] for item in gathered] == [str(UUID(int=1))]


def test_difficulties_are_gathered_with_who_met_them_in_the_order_each_wrote_them():
    sources = [
        a_source(2, difficulties=[a_difficulty("Ba")]),
        a_source(1, difficulties=[a_difficulty("Một"), a_difficulty("Hai")]),
    ]
    found = [(item["agency"], item["description"]) for item in made(sources)["difficulties"]]
    assert found == [("Sở Ngoại vụ", "Ba"), ("Sở Y tế", "Một"), ("Sở Y tế", "Hai")]


def test_every_area_of_the_regulation_stands_in_it_even_an_empty_one():
    content = made([a_source(1, sections=[{"area": "QC.D5.K2", "text": "Hai"}])])
    assert [(part["area"], len(part["entries"])) for part in content["sections"]] == [
        (area, int(area == "QC.D5.K2")) for area in AREAS
    ]


def test_agencies_stand_in_vietnamese_order():
    sources = [a_source(n) for n in range(6)]
    assert [item["agency"] for item in made(sources)["included"]] == [
        "Ban Dân tộc", "Đài PTTH", "Sở Ngoại vụ", "Sở Y tế", "UBND huyện Buôn Đôn", "Ủy ban X",
    ]  # fmt: skip


def test_whatever_was_written_differently_gives_another_hash():
    plain = a_source(1, indicators=[a_figure("1")], effect_evaluation="Tốt")
    others = [
        a_source(1, indicators=[a_figure("1.0")], effect_evaluation="Tốt"),
        a_source(1, indicators=[a_figure("1", title="Tin")], effect_evaluation="Tốt"),
        a_source(1, indicators=[a_figure("1")], effect_evaluation="Khá"),
        a_source(1, indicators=[a_figure("1")], effect_evaluation="Tốt", late=True),
        a_source(2, indicators=[a_figure("1")], effect_evaluation="Tốt", agency=plain.agency),
    ]
    assert len({hashed(made([source])) for source in (plain, *others)}) == 1 + len(others)
    assert hashed(made([plain], [Absent(UUID(int=9), "Sở Y tế", "missing")])) != hashed(made([plain]))
