"""What carries a marking of state secrets is refused before anything is written; prose with the word in it passes."""

import unicodedata

import pytest
from sqlalchemy import event, text
from structlog.testing import capture_logs

from app.flow.secrecy import is_marked, refuse_marked
from app.kit.problems import StateSecretRefused
from tests import make
from tests.shape import CANARY, assert_problem

MARKED = [
    "Mật",
    "MẬT",
    "mật",
    "mẬt",
    "Tối mật",
    "TỐI MẬT",
    "tối mật",
    "Tuyệt mật",
    "TUYỆT MẬT",
    "Tuyệt Mật",
    "tuyệt mật",
    "mat",
    "MAT",
    "toi mat",
    "TOI MAT",
    "tuyet mat",
    "TUYET MAT",
    "Toi Mat",
    "mât",
    "mạt",
    "Tôi mật",
    "Tối mat",
    "Tuyêt mật",
    "TUYET MẬT",
    "M Ậ T",
    "M  Ậ  T",
    "T Ố I   M Ậ T",
    "T U Y Ệ T  M Ậ T",
    "m a t",
    "M.Ậ.T",
    "M-Ậ-T",
    "M_Ậ_T",
    "T.Ố.I M.Ậ.T",
    "M\u00a0Ậ\u00a0T",
    "Độ mật: Mật",
    "Độ mật: MẬT",
    "Độ mật: Tối mật",
    "ĐỘ MẬT: TỐI MẬT",
    "Độ mật: Tuyệt mật",
    "độ mật:tuyệt mật",
    "Độ mật : Mật",
    "Độ mật - Tối mật",
    "Độ mật\tMật",
    "do mat: mat",
    "DO MAT: TOI MAT",
    "do mat: tuyet mat",
    "Đ ộ  m ậ t :  M ậ t",
    "Độ mật Mật",
    "Ðộ mật: Tối mật",
    "(Mật)",
    "[TỐI MẬT]",
    "*** TUYỆT MẬT ***",
    "--- MẬT ---",
    "“Mật”",
    "MẬT.",
    "MẬT!",
    "• Mật",
    "【MẬT】",
    "| MẬT |",
    "  Mật  ",
    "\tMẬT\t",
    "Mật\n",
    "\nMật",
    "\r\nTối mật\r\n",
    " " * 500 + "MẬT" + " " * 500,
    "=" * 400 + "TỐI MẬT",
    "Kính gửi: Sở\nMẬT\nNội dung",
    "Dòng một\r\nĐộ mật: Tối mật\r\nDòng ba",
    "a\u2028Mật\u2029b",
    "a\x0bMẬT",
    "a\x85MẬT\x85b",
    "TỐI\nMẬT",
    "TUYỆT\nMẬT",
    "M\nẬ\nT",
    "Độ mật:\nMật",
    "MẬT\n\n\nSố: 01/BC",
    "ＭẬＴ",
    "𝐌𝐀𝐓",
    "M\u200bẬ\u200bT",
    "\ufeffMẬT",
]

CLEAN = [
    "mật ong",
    "Mật ong Đắk Lắk",
    "MẬT ONG HOA CÀ PHÊ",
    "mật độ",
    "Mật độ dân số",
    "giải mật",
    "Giải mật",
    "bí mật",
    "Bí mật",
    "bí mật nghề nghiệp",
    "bí mật nhà nước",
    "Bảo vệ bí mật nhà nước",
    "Luật Bảo vệ bí mật nhà nước",
    "mật khẩu",
    "Mật khẩu",
    "mật mã",
    "Ban Cơ yếu và mật mã",
    "bảo mật",
    "Bảo mật thông tin",
    "mật thiết",
    "Quan hệ mật thiết",
    "cẩn mật",
    "thân mật",
    "Tiếp xúc thân mật",
    "mật ngữ",
    "túi mật",
    "sỏi mật",
    "đường mật",
    "ngọt như mật",
    "rừng rậm mật độ cao",
    "nằm gai nếm mật",
    "Độ mật",
    "Độ mật:",
    "Độ mật: Không",
    "Độ mật: không mật",
    "Không mật",
    "Không có tài liệu mật",
    "Tài liệu không đóng dấu mật",
    "Văn bản này không thuộc danh mục bí mật nhà nước độ Tối mật.",
    "Dấu Tuyệt mật, Tối mật, Mật theo quy định",
    "Các độ mật: Tuyệt mật, Tối mật, Mật",
    "mắt",
    "Mắt",
    "mất",
    "Mất",
    "mát",
    "Mát",
    "mặt",
    "Mặt",
    "mặt trận",
    "Mạt sát",
    "tối mắt",
    "Tối mặt",
    "tối mát",
    "tuyệt mất",
    "Mattt",
    "matt",
    "format",
    "automat",
    "MATLAB",
    "Mat-xcơ-va",
    "thảm tập yoga mat",
    "Toi mat nguoi",
    "tối",
    "Tuyệt",
    "Tuyệt vời",
    "mậ",
    "ật",
    "m",
    "t",
    "M Ậ",
    "",
    " ",
    "\n",
    "-",
    "***",
    "123",
    "Mật 1",
    "1. Mật ong",
    "Mật\tong",
    "Hội nghị\nmật ong\ncà phê",
    "Kế hoạch phát triển\nMật độ cao su",
    "Tổ yến, mật gấu, cao hổ",
    "🐝 mật 🍯 ong",
    "M A T Ậ P",
    "MÂT ONG",
    "Bí\u00a0mật",
    "Chương trình “Mật mã văn hóa Tây Nguyên”",
]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("marking", MARKED)
def test_a_marking_is_seen(marking, form):
    assert is_marked(unicodedata.normalize(form, marking))


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("prose", CLEAN)
def test_prose_passes(prose, form):
    assert not is_marked(unicodedata.normalize(form, prose))


def test_the_corpus_is_large():
    assert len(set(MARKED)) >= 60
    assert len(set(CLEAN)) >= 80


def test_a_long_text_is_looked_through_quickly():
    assert not is_marked("mật ong " * 250_000)
    assert is_marked("mật ong\n" * 250_000 + "MẬT")


@pytest.mark.parametrize(
    "body",
    [
        "Mật",
        ["Mật"],
        {"a": "Mật"},
        {"Mật": 1},
        {"a": [{"b": {"c": ["x", "Tối mật"]}}]},
        [[[[["TUYỆT MẬT"]]]]],
        {"a": None, "b": 1, "c": True, "d": "Độ mật: Mật"},
    ],
)
def test_a_marking_is_seen_wherever_it_stands(body):
    with pytest.raises(StateSecretRefused):
        refuse_marked(body)


@pytest.mark.parametrize("body", [None, 1, True, 1.5, [], {}, "x", b"Mat", {"a": ["mật ong", {"b": "giải mật"}]}])
def test_a_body_without_a_marking_passes(body):
    refuse_marked(body)


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_many_texts_are_judged_as_each_of_them(form):
    prose = [unicodedata.normalize(form, text) for text in CLEAN]
    refuse_marked([*prose, "\u0323t", "ma"])
    for marking in MARKED:
        with pytest.raises(StateSecretRefused):
            refuse_marked([*prose, unicodedata.normalize(form, marking), "\u0301", "x"])


def a_body(marking):
    """A plan with the marking in each place that takes text, one at a time."""
    yield make.a_plan(title=marking)
    yield make.a_plan(objectives=f"{CANARY}\n{marking}\nhết")
    yield make.a_plan(tasks=[make.a_task(), make.a_task(code="NV-02", title=marking)])
    yield make.a_plan(tasks=[make.a_task(channel=marking)])
    yield make.a_plan(tasks=[make.a_task(expected_output=marking)])
    yield make.a_plan(tasks=[make.a_task(code="MAT")])
    yield make.a_plan(year="wrong", unknown=CANARY, note=marking)
    yield make.a_plan(unknown={"deep": [{"er": marking}]})
    yield {marking: CANARY}
    yield [marking]


async def test_a_marked_plan_is_refused_before_anything_is_written_and_leaves_no_trace(world, engine):
    district = await world.as_(make.DISTRICT)
    statements = []

    def note(_connection, _cursor, statement, parameters, *_):
        statements.append(statement)
        assert CANARY not in str(parameters)

    for marking in ("MẬT", "Độ mật: Tối mật", unicodedata.normalize("NFD", "Tuyệt mật"), "toi mat", "M Ậ T"):
        for body in a_body(marking):
            event.listen(engine.sync_engine, "before_cursor_execute", note)
            with capture_logs() as logs:
                answer = await district.post("/v1/plans", body)
            event.remove(engine.sync_engine, "before_cursor_execute", note)
            document = await assert_problem(world.api, answer, "state-secret-refused")
            assert document["provisions"] == ["QC.D4.K5", "QC.D7.K6"]
            refusals = [line for line in logs if line["event"] == "state_secret.refused"]
            assert refusals == [{"event": "state_secret.refused", "log_level": "warning"}]
            assert CANARY not in str(logs)
            assert "title" not in str(logs)
    # What is looked up by the way (is this key known, is the snapshot fresh) is not written, and holds no content.
    written = [s for s in statements if not s.lstrip().startswith(("SELECT", "SAVEPOINT", "ROLLBACK", "RELEASE"))]
    assert [s for s in written if "rate_window" not in s] == []
    assert (await district.get("/v1/plans")).json()["items"] == []


@pytest.mark.provision("QC.D4.K5")
async def test_a_marked_change_or_move_is_refused_and_changes_nothing(world, sessions):
    district, coordinator = await world.as_(make.DISTRICT), await world.as_(make.COORDINATOR)
    plan = (await district.post("/v1/plans", make.a_plan())).json()
    path = f"/v1/plans/{plan['id']}"

    async def events():
        async with sessions() as session:
            return await session.scalar(text("SELECT count(*) FROM event"))

    before = await events()
    patch = {"Content-Type": "application/merge-patch+json", "If-Match": plan["etag"]}
    for change in (
        {"title": "MẬT"},
        {"objectives": f"{CANARY}\nTối mật"},
        {"tasks": [make.a_task(title="tuyet mat")]},
        {"unknown": {"a": ["Mật"]}},
    ):
        answer = await district.request("PATCH", path, json=change, headers=patch)
        await assert_problem(world.api, answer, "state-secret-refused")
    await assert_problem(
        world.api, await district.put(path, make.a_plan(title="Mật"), plan["etag"]), "state-secret-refused"
    )
    for body in (
        make.SUBMIT | {"signatory": {"name": "Mật", "title": "x"}},
        make.SUBMIT | {"document": {"number": "1", "issued_on": "2027-01-01", "issuer": "Độ mật: Mật"}},
    ):
        await assert_problem(world.api, await district.move(plan, "submit", body), "state-secret-refused")
    assert await events() == before
    assert (await district.get(path)).json() == plan
    sent = (await district.move(plan, "submit", make.SUBMIT)).json()
    refused = await coordinator.move(sent, "return", {"reason": "other", "note": f"{CANARY}\nMẬT"})
    await assert_problem(world.api, refused, "state-secret-refused")


async def test_a_marked_webhook_is_refused(world):
    body = {"url": "https://a.example/x", "event_types": ["*"], "description": "Tuyệt mật"}
    answer = await (await world.as_(make.DISTRICT)).post("/v1/webhook-endpoints", body)
    await assert_problem(world.api, answer, "state-secret-refused")


async def test_a_plan_that_speaks_of_secrets_in_prose_is_taken(world):
    body = make.a_plan(
        title="Quảng bá mật ong Đắk Lắk",
        objectives="Bảo vệ bí mật nhà nước\nMật độ thông tin; giải mật tài liệu.\nMặt trận",
        tasks=[make.a_task(channel="Mật khẩu", expected_output="Mắt")],
    )
    assert (await (await world.as_(make.DISTRICT)).post("/v1/plans", body)).status_code == 201
