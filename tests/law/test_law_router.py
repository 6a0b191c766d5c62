"""The regulation is open to everyone, verbatim, and says of itself how long it may be kept."""

from datetime import date
from pathlib import Path

import pytest

from app.law import service
from app.law.book import law
from tests.shape import assert_problem

OFFICIAL = (Path(__file__).parent / "official.txt").read_text("utf-8")
EVERYWHERE = ["/v1/regulations", "/v1/regulations/QD26-2013", "/v1/provisions", "/v1/provisions/QC.D7.K3"]


async def got(api, path, **query):
    answer = await api.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def walked(nodes):
    for node in nodes:
        yield node
        yield from walked(node["children"])


@pytest.mark.parametrize("path", EVERYWHERE)
async def test_nobody_needs_a_token_and_anybody_may_keep_the_answer(api, path):
    answer = await api.get(path)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "public, max-age=3600"
    assert (await api.get(path)).headers["etag"] == answer.headers["etag"]


async def test_different_answers_have_different_tags(api):
    paths = [*EVERYWHERE, "/v1/provisions?q=lien%20nganh", "/v1/provisions?q=mat"]
    assert len({(await api.get(path)).headers["etag"] for path in paths}) == len(paths)


async def test_the_list_says_what_is_not_confirmed_and_leaves_out_the_text(api):
    (shown,) = (await got(api, "/v1/regulations"))["items"]
    assert shown["id"] == "QD26-2013"
    assert shown["number"] == "26/2013/QĐ-UBND"
    assert shown["title_en"].startswith("Decision issuing the Regulation")
    assert (shown["signed_on"], shown["effective_from"], shown["effective_to"]) == ("2013-10-25", "2013-11-04", None)
    assert shown["status"] == "unverified"
    assert "xác nhận" in shown["status_note_vi"]
    assert "confirmed" in shown["status_note_en"]
    assert "text" not in shown
    assert shown["legal_bases"][1] == {
        "provision": "QD.CANCU.2",
        "title": "Quy chế quản lý nhà nước về thông tin đối ngoại",
        "number": "79/2010/QĐ-TTg",
        "dated": "2010-11-30",
    }
    assert [r["provision"] for r in shown["references"]] == ["QC.D4.K4", "QC.D9.K6", "QC.D11.K4"]


async def test_the_whole_text_stands_there_as_printed(api):
    text = (await got(api, "/v1/regulations/QD26-2013"))["text"]
    assert text.split() == OFFICIAL.split()
    assert "Chủ trì phối hợp" in text  # a misprint: the comma is missing


@pytest.mark.parametrize(
    "path",
    ["/v1/regulations/QD1-1999", "/v1/provisions/QC.D99", "/v1/provisions/QC.D7.K3-c", "/v1/provisions/qc.d7.k3"],
)
async def test_what_is_not_carried_is_not_found(api, path):
    answer = await api.get(path)
    assert answer.status_code == 404
    assert answer.json()["code"] == "not-found"
    assert "public" not in answer.headers["cache-control"]


async def test_the_tree_holds_every_provision_once_in_the_order_of_the_text(api):
    items = (await got(api, "/v1/provisions"))["items"]
    assert [node["id"] for node in items] == ["QD", "QC.HEAD", "QC"]
    assert [node["id"] for node in walked(items)] == list(law().provisions)
    regulation = items[2]["children"]
    assert [node["id"] for node in regulation] == ["QC.C1", "QC.C2", "QC.C3", "QC.END"]
    articles = [node["number"] for chapter in regulation[:3] for node in chapter["children"]]
    assert articles == [f"Điều {n}." for n in range(1, 16)]
    assert all(child["parent"] == node["id"] for node in walked(items) for child in node["children"])


@pytest.mark.parametrize("q", ["bao chi nuoc ngoai", "BÁO CHÍ nước ngoài", "báo-chí nước  ngoài"])
async def test_a_search_ignores_diacritics_and_answers_a_flat_list(api, q):
    items = (await got(api, "/v1/provisions", q=q))["items"]
    assert [node["id"] for node in items] == ["QC.D8.K3", "QC.D9.K1", "QC.D9.K2", "QC.D9.K3", "QC.D13.K3"]
    assert not any(node["children"] for node in items)  # although Điều 8 khoản 3 has five
    assert items[0]["citation_vi"] == "Điều 8 khoản 3"


async def test_a_search_leaves_the_tree_whole(api):
    await got(api, "/v1/provisions", q="giao ban bao chi")
    clause = await got(api, "/v1/provisions/QC.D8.K3")
    assert [node["id"] for node in clause["children"]] == [f"QC.D8.K3.{n}" for n in range(1, 6)]


async def test_a_search_that_finds_nothing_is_an_empty_list(api):
    assert await got(api, "/v1/provisions", q="khong co chu nay") == {"items": []}
    assert await got(api, "/v1/provisions", q="-") == {"items": []}


@pytest.mark.parametrize("query", [{"regulation": "QD1-1999"}, {"q": "a" * 101}, {"q": ""}, {"q": "a\u202eb"}])
async def test_a_parameter_that_cannot_be_meant_is_refused(api, query):
    answer = await api.get("/v1/provisions", params=query)
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid-parameter"
    assert [error["parameter"] for error in answer.json()["errors"]] == list(query)


async def test_a_regulation_that_is_not_carried_is_named_as_the_reason(api):
    answer = await api.get("/v1/provisions", params={"regulation": "QD1-1999"})
    document = await assert_problem(api, answer, "invalid-parameter")
    assert [error["code"] for error in document["errors"]] == ["unknown_regulation"]


async def test_each_regulation_has_its_own_tree(monkeypatch, api):
    """A successor stands beside what it replaces, and neither answers for the other."""
    known = law()
    successor = known.instruments["QD26-2013"].model_copy(update={"id": "QD1-2027", "signed_on": date(2027, 1, 1)})
    both = type(known)(**{**known.__dict__, "instruments": {**known.instruments, "QD1-2027": successor}})
    monkeypatch.setattr(service, "law", lambda: both)
    service.tree.cache_clear()
    try:
        assert await got(api, "/v1/provisions", regulation="QD1-2027") == {"items": []}
        assert await got(api, "/v1/provisions", regulation="QD1-2027", q="bao chi") == {"items": []}
        assert len((await got(api, "/v1/provisions"))["items"]) == 3
    finally:
        service.tree.cache_clear()


async def test_a_provision_is_cited_and_says_what_it_orders_of_whom(api):
    shown = await got(api, "/v1/provisions/QC.D7.K3")
    assert shown["text"].startswith("Sơ kết, tổng kết, đánh giá hiệu quả")
    assert (shown["citation_vi"], shown["citation_en"]) == ("Điều 7 khoản 3", "Article 7(3)")
    assert (shown["kind"], shown["number"], shown["parent"]) == ("clause", "3.", "QC.D7")
    assert [duty["id"] for duty in shown["duties"]] == ["QC.D7.K3-a", "QC.D7.K3-b"]
    report = shown["duties"][0]
    assert report["bearers"] == [
        {"function": "MEMBER", "part": "duty_holder", "without": []},
        {"function": "COORD", "part": "recipient", "without": []},
    ]
    assert report["due"] == {"annual_before": "12-15", "zone": "Asia/Ho_Chi_Minh", "exclusive": True}
    assert report["produces"] == ["report.annual", "report.interim"]
    assert report["areas"] == ["QC.D5.K7"]
    assert (shown["constrains"], shown["unenforced"]) == (None, None)


async def test_a_part_that_the_text_leaves_out_is_told(api):
    (duty,) = (await got(api, "/v1/provisions/QC.D9.K4"))["duties"]
    assert duty["bearers"][2] == {"function": "MEMBER", "part": "recipient", "without": ["DISTRICT"]}


async def test_the_id_of_a_duty_answers_its_provision(api):
    assert await got(api, "/v1/provisions/QC.D7.K3-b") == await got(api, "/v1/provisions/QC.D7.K3")


async def test_an_article_shows_what_stands_below_it_and_not_the_duties_of_that(api):
    article = await got(api, "/v1/provisions/QC.D7")
    assert [node["id"] for node in article["children"]] == [f"QC.D7.K{n}" for n in range(1, 7)]
    assert article["duties"] == []


async def test_errata_stand_beside_a_text_that_is_not_corrected(api):
    shown = await got(api, "/v1/provisions/QC.D11.K1")
    assert [(e["printed"], e["reading"]) for e in shown["errata"]] == [
        ("Chủ trì phối hợp", "Chủ trì, phối hợp"),
        ("nước các nước bạn", "các nước bạn"),
    ]
    assert "Chủ trì phối hợp" in shown["text"]
    assert (await got(api, "/v1/provisions/QC.D7.K3"))["errata"] == []


async def test_what_orders_nothing_says_how_it_binds_or_why_nothing_enforces_it(api):
    assert "state secret" in (await got(api, "/v1/provisions/QC.D4.K5"))["constrains"]
    scope = await got(api, "/v1/provisions/QC.D1")
    assert scope["constrains"] is None
    assert scope["unenforced"].startswith("States the scope")
