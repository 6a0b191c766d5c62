"""Who must do what: the duties say what the text says, of functions and never of agencies."""

from datetime import UTC, date, datetime

import pytest

from app.kit.text import fold
from app.law.book import law
from app.law.checks import operative, printed_above
from app.law.models import AnnualBefore, SetBy

ALL = [
    f"QC.D{n}.K{k}"
    for n, count in ((7, 6), (8, 9), (9, 7), (10, 3), (11, 4), (12, 2), (13, 3))
    for k in range(1, count + 1)
]
DUTY_BEARING = ["QD.D2", "QC.D6.K1", *ALL, "QC.D14", "QC.D15.K1", "QC.D15.K2", "QC.END"]


def test_forty_provisions_bear_a_duty():
    assert len(DUTY_BEARING) == 40
    assert list(law().duty_bearing) == DUTY_BEARING


def test_provisions_that_order_several_things_are_lettered():
    lettered = {p: "".join(d.suffix or "" for d in law().duties_of(p)) for p in law().duty_bearing}
    assert {p: letters for p, letters in lettered.items() if letters} == {
        "QC.D7.K1": "abc",
        "QC.D7.K3": "ab",
        "QC.D7.K4": "ab",
        "QC.D8.K2": "abc",
        "QC.D8.K3": "ab",
        "QC.D8.K9": "abc",
        "QC.D9.K1": "abc",
        "QC.D9.K6": "abc",
        "QC.D11.K1": "ab",
        "QC.D12.K1": "ab",
    }


def test_every_duty_cites_a_provision_and_functions_that_exist():
    for duty in law().duties.values():
        assert duty.provision in law().provisions
        assert set(duty.functions()) <= set(law().functions)
        assert duty.holders


def test_no_agency_bears_a_duty():
    """Agencies come and go; a name such as «Sở Ngoại vụ» belongs to `printed`, never to `function`."""
    names = {fold(words) for f in law().functions.values() for words in f.printed}
    bearers = {fold(key) for duty in law().duties.values() for key in duty.functions()}
    assert not bearers & names
    assert bearers <= {fold(key) for key in law().functions}


@pytest.mark.parametrize(
    ("provision", "holder"),
    [
        ("QD.D2", "COORD"),
        ("QC.D6.K1", "MEMBER"),
        ("QC.D14", "BORDER"),
        *((p, {"7": "MEMBER", "8": "COORD", "9": "FOREIGN"}[p[4]]) for p in ALL if p[4] in "789" and p != "QC.D7.K4"),
        *((f"QC.D10.K{k}", "INVEST") for k in (1, 2, 3)),
        *((f"QC.D11.K{k}", "CULTURE") for k in (1, 2, 3, 4)),
        *((f"QC.D12.K{k}", "FINANCE") for k in (1, 2)),
        *((f"QC.D13.K{k}", "POLICE") for k in (1, 2, 3)),
        *((f"QC.D15.K{k}", "PRESS") for k in (1, 2)),
    ],
)
def test_each_article_binds_the_function_it_is_about(provision, holder):
    assert {h for duty in law().duties_of(provision) for h in duty.holders} == {holder}


def test_the_district_answers_for_its_culture_office():
    assert [d.holders for d in law().duties_of("QC.D7.K4")] == [("MEMBER",), ("DISTRICT",)]


def test_a_lead_stands_exactly_where_the_text_prints_one():
    """Where nobody is named to lead, nobody leads."""
    led = {d.provision for d in law().duties.values() if d.functions("lead")}
    worded = {p.id for p in law().provisions.values() if "chủ trì" in p.text.lower() or "làm đầu mối" in p.text.lower()}
    assert led == worded
    assert led == {
        "QD.D2",
        "QC.D8.K2",
        "QC.D8.K3",
        "QC.D8.K7",
        "QC.D8.K8",
        "QC.D9.K1",
        "QC.D9.K2",
        "QC.D9.K3",
        "QC.D9.K4",
        "QC.D9.K6",
        "QC.D9.K7",
        "QC.D10.K1",
        "QC.D10.K2",
        "QC.D11.K1",
        "QC.D13.K1",
    }


@pytest.mark.parametrize("id", ["QC.D8.K3-a", "QC.D10.K3", "QC.D11.K2", "QC.D14"])
def test_cooperation_without_a_named_lead_has_a_duty_holder(id):
    duty = law().duties[id]
    assert duty.functions("lead") == ()
    assert duty.functions("duty_holder") == duty.holders


def test_every_bearer_is_named_by_the_words_it_claims():
    for duty in law().duties.values():
        words = printed_above(law(), duty.provision)
        for bearer in duty.bearers:
            usual = law().functions[bearer.function].printed
            assert any(w in words for w in ([bearer.printed] if bearer.printed else usual)), (duty.id, bearer)


def test_the_annual_report_is_late_from_the_first_instant_of_15_december():
    due = law().duties["QC.D7.K3-a"].due
    assert isinstance(due, AnnualBefore)
    assert due.instant(2025) == datetime(2025, 12, 14, 17, tzinfo=UTC)
    assert due.instant(2025).isoformat() == "2025-12-15T00:00:00+07:00"
    assert due.last_day(2025) == date(2025, 12, 14)
    assert [d.id for d in law().duties.values() if isinstance(d.due, AnnualBefore)] == ["QC.D7.K3-a"]


def test_a_rule_that_is_no_day_of_every_year_is_refused():
    with pytest.raises(ValueError, match="day"):
        AnnualBefore(annual_before="02-29", zone="Asia/Ho_Chi_Minh", exclusive=True)


@pytest.mark.parametrize("id", ["QC.D7.K1-a", "QC.D7.K1-b", "QC.D8.K2-a", "QC.D8.K8", "QC.D8.K9-b", "QC.D12.K1-a"])
def test_a_yearly_duty_without_a_date_in_the_text_waits_for_the_dispatch(id):
    duty = law().duties[id]
    assert duty.cadence == "annual"
    assert duty.due == SetBy(set_by="dispatch")


def test_duties_that_recur_are_the_ones_the_text_makes_recur():
    by_cadence = {
        c: [d.id for d in law().duties.values() if d.cadence == c] for c in ("annual", "monthly", "on_request")
    }
    assert by_cadence == {
        "annual": [
            "QD.D2",
            "QC.D7.K1-a",
            "QC.D7.K1-b",
            "QC.D7.K3-a",
            "QC.D8.K2-a",
            "QC.D8.K8",
            "QC.D8.K9-b",
            "QC.D9.K3",
            "QC.D12.K1-a",
            "QC.D12.K1-b",
        ],
        "monthly": ["QC.D8.K7"],
        "on_request": ["QC.D7.K3-b"],
    }


def test_what_is_to_be_told_at_once_is_never_late():
    at_once = [d.id for d in law().duties.values() if d.due and d.due.model_dump() == {"immediate": True}]
    assert at_once == ["QC.D8.K6", "QC.D9.K2", "QC.D11.K3", "QC.END"]


def test_the_coordinator_is_told_of_a_reception_and_the_people_s_committee_of_findings():
    assert "COORD" in law().duties["QC.D9.K2"].functions("recipient")
    for id in ("QC.D8.K6", "QC.D11.K3"):
        assert law().duties[id].functions("recipient") == ("UBND",)


def test_news_from_the_ministry_goes_to_leaders_but_not_to_districts():
    bearers = {b.function: b for b in law().duties["QC.D9.K4"].bearers if b.part == "recipient"}
    assert set(bearers) == {"UBND", "MEMBER"}
    assert bearers["MEMBER"].without == ("DISTRICT",)


def test_difficulties_may_be_raised_by_every_function_but_those_that_settle_them():
    inside = {f.key for f in law().functions.values() if not f.external}
    assert set(law().duties["QC.END"].holders) == inside - {"UBND", "COORD", "DISTRICT"}
    assert law().functions["DISTRICT"].subset_of == "MEMBER"


def test_every_area_of_state_management_has_duties():
    assert {area for d in law().duties.values() for area in d.areas} == {f"QC.D5.K{k}" for k in range(1, 8)}


def test_every_operative_provision_is_a_duty_a_constraint_or_explained():
    accounts = [set(law().duty_bearing), set(law().constraining), set(law().unenforced)]
    assert len(operative(law())) == 4 + 52 + 3 + 1  # the Decision's, khoản, articles without any, the closing words
    for id in operative(law()):
        assert sum(id in account for account in accounts) == 1
    assert set(law().unenforced) == {"QD.D1", "QC.D1"}


def test_singletons_and_partners_are_the_functions_that_can_be_so():
    functions = law().functions.values()
    assert {f.key for f in functions if f.singleton} == {
        *("COORD", "UBND", "VPUBND", "FOREIGN", "INVEST", "CULTURE"),
        *("FINANCE", "POLICE", "BORDER", "CUSTOMS", "PROPAGANDA", "PORTAL"),
    }
    assert {f.key for f in functions if f.external} == {"X_MIC", "X_MOFA", "X_FPC", "X_MCST", "X_CENTRAL"}
