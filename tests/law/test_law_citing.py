"""A citation leads somewhere or fails where it is written."""

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from app.law.book import law
from app.law.citing import Citation, Clause, UnknownCitationError, citation, clause, clauses
from app.law.functions import F, FunctionKey, UnknownFunctionError


@pytest.mark.parametrize("id", ["QC.D7.K9", "QC.D16", "QC.D7.K3-c", "qc.d7.k3", "QC.D7.K3 ", ""])
def test_a_wrong_citation_fails(id):
    with pytest.raises(UnknownCitationError):
        clause(id)
    with pytest.raises(UnknownCitationError):
        clauses("QC.D7.K3", id)
    with pytest.raises(UnknownCitationError):
        citation(id, "vi")


def test_a_citation_is_its_id_and_knows_its_provision_and_duties():
    whole, part = clauses("QC.D7.K3", "QC.D7.K3-b")
    assert (whole, part) == ("QC.D7.K3", "QC.D7.K3-b")
    assert whole.provision is part.provision is law().provisions["QC.D7.K3"]
    assert [d.id for d in whole.duties] == ["QC.D7.K3-a", "QC.D7.K3-b"]
    assert [d.id for d in part.duties] == ["QC.D7.K3-b"]
    assert clause("QC.D3.K1").duties == ()


@pytest.mark.parametrize(
    ("id", "vi", "en"),
    [
        ("QC.D8.K3", "Điều 8 khoản 3", "Article 8(3)"),
        ("QC.D8.K3-b", "Điều 8 khoản 3", "Article 8(3)"),
        ("QC.D8.K3.2", "Điều 8 khoản 3 gạch đầu dòng thứ 2", "Article 8(3), dash 2"),
        ("QC.D3.K3.d", "Điều 3 khoản 3 điểm d", "Article 3(3)(d)"),
        ("QC.D14", "Điều 14", "Article 14"),
        ("QC.C3", "Chương 3", "Chapter 3"),
        ("QC.END", "Đoạn cuối Quy chế", "Closing paragraph of the Regulation"),
        ("QC", "Quy chế", "Regulation"),
        ("QD.D2", "Điều 2 Quyết định", "Decision, Article 2"),
        ("QD.CANCU.4", "Quyết định, căn cứ thứ 4", "Decision, recital 4"),
    ],
)
def test_people_read_a_citation_as_they_would_write_it(id, vi, en):
    assert (citation(id, "vi"), citation(id, "en")) == (vi, en)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_no_two_provisions_are_cited_alike(language):
    cited = [citation(id, language) for id in law().provisions]
    assert len(set(cited)) == len(cited)


def test_an_answer_carries_its_citation_for_people_and_machines():
    assert Citation.of("QC.D9.K2").model_dump(mode="json") == {
        "id": "QC.D9.K2",
        "instrument": "26/2013/QĐ-UBND",
        "citation_vi": "Điều 9 khoản 2",
        "citation_en": "Article 9(2)",
    }


def test_a_body_with_a_wrong_citation_or_function_is_refused():
    class Body(BaseModel):
        provision: Clause
        function: FunctionKey

    good = Body.model_validate_json('{"provision": "QC.D7.K3", "function": "COORD"}')
    assert type(good.provision) is Clause
    assert good.model_dump_json() == '{"provision":"QC.D7.K3","function":"COORD"}'
    with pytest.raises(ValidationError) as refused:
        Body.model_validate_json('{"provision": "QC.D99", "function": "BOSS"}')
    assert [e["loc"] for e in refused.value.errors()] == [("provision",), ("function",)]


def test_a_function_is_written_by_its_key_and_an_unknown_one_fails():
    assert F.COORD == "COORD"
    assert F.COORD.function.singleton
    with pytest.raises(AttributeError, match="BOSS"):
        F.BOSS  # noqa: B018
    with pytest.raises(UnknownFunctionError):
        FunctionKey("Sở Ngoại vụ")


def test_the_docs_list_every_function():
    assert TypeAdapter(FunctionKey).json_schema()["enum"] == list(law().functions)
