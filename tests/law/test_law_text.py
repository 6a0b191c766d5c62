"""The regulation as stored is the regulation as issued."""

import unicodedata
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from app.law.book import law
from app.law.models import Provision

OFFICIAL = (Path(__file__).parent / "official.txt").read_text("utf-8")


def below(id: str) -> list[Provision]:
    return [p for child in law().children(id) for p in (child, *below(child.id))]


def test_the_text_put_back_together_is_the_official_text():
    assert law().text("QD26-2013").split() == OFFICIAL.split()


def test_the_tree_walked_from_its_roots_keeps_the_order_of_the_text():
    walked = [p for root in law().children(None) for p in (root, *below(root.id))]
    assert [p.id for p in walked] == list(law().provisions)


def test_every_string_is_in_nfc_without_hidden_blanks():
    for provision in law().provisions.values():
        printed = provision.printed
        assert printed == unicodedata.normalize("NFC", printed)
        assert not set(printed) & {"\u00a0", "\t", "\r"}


def test_the_instrument_has_as_many_provisions_as_were_printed():
    kinds = Counter(p.kind for p in law().provisions.values())
    assert kinds["decision_article"] == 4
    assert kinds["chapter"] == 3
    assert kinds["article"] == 15
    assert kinds["clause"] == 52
    assert kinds["point"] == 4
    assert kinds["item"] == 5
    assert kinds["closing"] == 1
    assert kinds["recital"] == 4
    assert kinds["recipient"] == 14


def test_each_article_has_its_own_number_of_clauses():
    found = {
        p.id: sum(c.kind == "clause" for c in law().children(p.id))
        for p in law().provisions.values()
        if p.kind == "article"
    }
    assert found == {
        "QC.D1": 0,
        "QC.D2": 0,
        "QC.D3": 3,
        "QC.D4": 5,
        "QC.D5": 7,
        "QC.D6": 1,
        "QC.D7": 6,
        "QC.D8": 9,
        "QC.D9": 7,
        "QC.D10": 3,
        "QC.D11": 4,
        "QC.D12": 2,
        "QC.D13": 3,
        "QC.D14": 0,
        "QC.D15": 2,
    }


def test_chapters_hold_the_articles_printed_under_them():
    found = {c: [p.id.removeprefix("QC.D") for p in law().children(c)] for c in ("QC.C1", "QC.C2", "QC.C3")}
    assert found == {
        "QC.C1": ["1", "2", "3", "4"],
        "QC.C2": ["5", "6"],
        "QC.C3": ["7", "8", "9", "10", "11", "12", "13", "14", "15"],
    }


def test_a_clause_keeps_its_second_paragraph_before_its_dashes():
    clause = law().provisions["QC.D8.K3"]
    assert clause.text.split("\n")[1].startswith("Chủ trì cung cấp thông tin đối ngoại")
    assert [item.printed for item in law().children("QC.D8.K3")] == [
        "- Giao ban báo chí định kỳ;",
        "- Họp báo;",
        "- Cung cấp trực tiếp;",
        "- Hệ thống cổng thông tin điện tử của tỉnh;",
        "- Các hình thức khác.",
    ]


def test_the_closing_paragraph_belongs_to_the_regulation_and_not_to_article_15():
    assert law().provisions["QC.END"].parent == "QC"
    assert list(law().provisions)[-1] == "QC.END"


def test_the_instrument_says_what_is_not_confirmed():
    instrument = law().instruments["QD26-2013"]
    assert instrument.number == "26/2013/QĐ-UBND"
    assert instrument.signed_on == date(2013, 10, 25)
    assert instrument.effective_from == date(2013, 11, 4)
    assert instrument.status == "unverified"
    assert instrument.signatory in law().provisions["QD.KY"].printed


def test_instruments_cited_are_dated_as_printed():
    instrument = law().instruments["QD26-2013"]
    dated = [r for r in (*instrument.legal_bases, *instrument.references) if r.dated]
    assert len(dated) == 5
    for reference in dated:
        day = reference.dated
        assert f"{day.day}/{day.month}/{day.year}" in law().provisions[reference.provision].text


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("bao chi nuoc ngoai", ["QC.D8.K3", "QC.D9.K1", "QC.D9.K2", "QC.D9.K3", "QC.D13.K3"]),
        ("BÁO CHÍ  nước ngoài", ["QC.D8.K3", "QC.D9.K1", "QC.D9.K2", "QC.D9.K3", "QC.D13.K3"]),
        ("dieu 14.", ["QC.D14"]),
        ("36 nq/tw", ["QC.D9.K6"]),
        ("không có chữ này", []),
        (" - ", []),
    ],
)
def test_search_ignores_diacritics_case_and_blanks(wanted, found):
    assert [p.id for p in law().search(wanted)] == found


def test_errata_stand_apart_from_the_text_they_speak_of():
    assert {e.provision for e in law().errata} >= {"QC.D7.K4", "QC.D9.K1", "QC.D11.K1", "QC.D11.K4"}
    for erratum in law().errata:
        printed = law().provisions[erratum.provision].printed
        assert erratum.printed in printed
        assert erratum.reading not in printed.replace(erratum.printed, "")
        assert erratum.printed in OFFICIAL
