"""Data that contradict themselves do not load, and the error says where."""

import shutil
from importlib.resources import as_file, files
from pathlib import Path

import pytest

from app.law.book import LawDataError, law, read


@pytest.fixture
def folder(tmp_path):
    with as_file(files("app.law") / "data") as data:
        return Path(shutil.copytree(data, tmp_path / "data"))


def change(folder, name, old, new):
    path = folder / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_an_unchanged_copy_is_the_same_law(folder):
    assert read(folder) == law()


@pytest.mark.parametrize(
    ("name", "old", "new", "says"),
    [
        ("qd-26-2013.toml", 'id = "QC.D2"', 'id = "QC.D1"', "id twice: QC.D1"),
        ("qd-26-2013.toml", 'parent = "QC.D7"', 'parent = "QC.D77"', "QC.D7.K1: its parent QC.D77 does not stand"),
        ("qd-26-2013.toml", 'parent = "QC.D7"', 'parent = "QC.END"', "QC.D7.K1: its parent QC.END does not stand"),
        ("qd-26-2013.toml", "Phạm vi điều chỉnh", "Pha\u0323m vi điều chỉnh", "QC.D1: its text is not in NFC"),
        ("qd-26-2013.toml", 'kind = "closing"', 'kind = "ending"', "kind"),
        ("qd-26-2013.toml", 'title = "Luật Điện ảnh"', 'title = "Luật Báo chí"', "does not print Luật Báo chí"),
        ("qd-26-2013.toml", 'provision = "QD.CANCU.1"', 'provision = "QD.CANCU.9"', "cites QD.CANCU.9"),
        ("duties.toml", '[duty."QC.D7.K2"]', '[duty."QC.D7.K7"]', "cites QC.D7.K7, which does not exist"),
        ("duties.toml", '[duty."QC.D7.K1-c"]', '[duty."QC.D7.K1-d"]', "QC.D7.K1: its duties are lettered"),
        ("duties.toml", '[duty."QC.D7.K2"]', '[duty."QC.D7.K2-a"]', "QC.D7.K2: its duties are lettered"),
        ("duties.toml", 'function = "FINANCE", part', 'function = "TREASURY", part', "the function TREASURY"),
        ("duties.toml", 'without = ["DISTRICT"]', 'without = ["TOWN"]', "the function TOWN"),
        ("duties.toml", 'function = "CUSTOMS"', 'function = "BORDER"', "QC.D8.K6: the text does not print"),
        ("duties.toml", 'printed = "các ngành"', 'printed = "mọi ngành"', "«mọi ngành» for MEMBER"),
        (
            "duties.toml",
            '{ function = "PRESS", part = "duty_holder" }',
            '{ function = "PRESS", part = "recipient" }',
            "nobody must",
        ),
        ("duties.toml", 'areas = ["QC.D5.K4"]', 'areas = ["QC.D4.K4"]', "QC.D4.K4 is no area"),
        ("duties.toml", 'met_with = "QC.D8.K8"', 'met_with = "QC.D8.K9"', "met with QC.D8.K9"),
        ("duties.toml", 'cadence = "monthly"', 'cadence = "weekly"', "cadence"),
        ("duties.toml", '"QC.D1" = "States', '"QC.D14" = "States', "QC.D14: stands in duty and unenforced"),
        ("duties.toml", '"QC.D1" = "States', '"QC.D99" = "States', "QC.D1: stands in none"),
        ("duties.toml", '"QC.D1" = "States', '"QC.D99" = "States', "unenforced: QC.D99 does not exist"),
        (
            "duties.toml",
            '{ function = "COORD", part = "cooperate" },\n]',
            '{ function = "COORD", part = "recipient" },\n]',
            "twice",
        ),
        ("functions.toml", 'printed = ["Cục Hải quan tỉnh"]', 'printed = ["Chi cục Hải quan"]', "«Chi cục Hải quan»"),
        ("functions.toml", 'subset_of = "MEMBER"', 'subset_of = "ALL"', "part of ALL, which does not exist"),
        ("errata.toml", 'provision = "QC.D11.K4"', 'provision = "QC.D11.K3"', "QC.D11.K3 does not print «Bộ Văn hóa"),
        ("errata.toml", 'provision = "QC.D11.K4"', 'provision = "QC.D11.K5"', "QC.D11.K5 does not exist"),
        ("errata.toml", 'reading = "các nước bạn"', 'reading = "nước các nước bạn"', "as it is printed"),
        ("errata.toml", "[[erratum]]", "[[mistake]]", "holds mistake, erratum"),
    ],
)
def test_a_contradiction_is_refused_and_named(folder, name, old, new, says):
    change(folder, name, old, new)
    with pytest.raises(LawDataError) as refused:
        read(folder)
    assert says in str(refused.value)


def test_every_contradiction_is_named_at_once(folder):
    change(folder, "errata.toml", 'reading = "các nước bạn"', 'reading = "nước các nước bạn"')
    change(folder, "functions.toml", 'subset_of = "MEMBER"', 'subset_of = "ALL"')
    with pytest.raises(LawDataError) as refused:
        read(folder)
    assert len(str(refused.value).splitlines()) == 3


def test_a_successor_stands_beside_the_instrument_it_replaces(folder):
    (folder / "qd-99-2030.toml").write_text(
        """
        [instrument]
        id = "QD99-2030"
        number = "99/2030/QĐ-UBND"
        title_vi = "Quyết định thử"
        title_en = "A decision for a test"
        signed_on = 2030-01-02
        issuer = "Ủy ban nhân dân tỉnh"
        signatory = "Nguyễn Văn A"
        effective_from = 2030-02-01
        effective_note_vi = "-"
        effective_note_en = "-"
        status = "unverified"
        status_note_vi = "-"
        status_note_en = "-"

        [[provision]]
        id = "QD99"
        kind = "decision"
        number = "QUYẾT ĐỊNH"

        [[provision]]
        id = "QD99.D1"
        kind = "decision_article"
        parent = "QD99"
        number = "Điều 1."
        text = "Thay thế."
        """,
        "utf-8",
    )
    change(folder, "duties.toml", "[unenforced]\n", '[unenforced]\n"QD99.D1" = "Replaces."\n')
    both = read(folder)
    assert list(both.instruments) == ["QD26-2013", "QD99-2030"]
    assert both.text("QD26-2013") == law().text("QD26-2013")
    assert both.text("QD99-2030") == "QUYẾT ĐỊNH\nĐiều 1. Thay thế."
    change(folder, "qd-99-2030.toml", 'parent = "QD99"', 'parent = "QD"')
    with pytest.raises(LawDataError, match="QD belongs to another instrument"):
        read(folder)
