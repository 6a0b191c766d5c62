"""Press events: what they hold, what a calendar follows, and what hangs on them (QC.D8.K3)."""

import pytest

from tests import make
from tests.press.hands import (
    BECAUSE,
    CAME,
    HOST,
    LATER,
    OTHER_PRESS,
    OWNER,
    PRESS,
    an_event,
    done,
    moved,
    patched,
    read,
    recorded,
    scheduled,
    seen,
)
from tests.shape import assert_problem

WHOLE = {
    "title_en": "Press briefing",
    "summary": "Tình hình tháng 2.",
    "period_from": "2099-02-01",
    "period_to": "2099-02-28",
    "extraordinary": True,
    "online_link": "https://hop.daklak.example/1",
    "languages": ["vi", "en"],
    "content_categories": ["image_promotion"],
    "audiences": ["domestic_press", "foreign_press"],
    "directions": ["outward", "inward"],
    "agenda": ["Mở đầu", "Trao đổi"],
    "embargo_until": "2099-01-01T00:00:00+07:00",
}


async def refused(world, answer, code, *at):
    document = await assert_problem(world.api, answer, "validation-failed")
    assert [(error["code"], error["pointer"]) for error in document["errors"]] == [
        (code, "".join(f"/{part}" for part in at))
    ]


@pytest.mark.parametrize(
    "form", ["periodic_briefing", "press_conference", "direct_supply", "provincial_portal", "other"]
)
async def test_each_of_the_five_forms_is_taken_as_it_was_written(world, form):
    host = str(await world.agency_id(HOST))
    document = {"number": "5/QĐ", "issued_on": "2099-01-01", "issuer": "UBND huyện", "sha256": None}
    speaker = make.SPEAKER | {"authorisation": "ad_hoc_written", "document": document}
    event = await scheduled(world, form=form, host_ids=[host], spokesperson=speaker, **WHOLE)
    assert event["form"] == form
    assert event["host_ids"] == [host]
    assert event["spokesperson"] == speaker
    assert {name: event[name] for name in WHOLE} == WHOLE
    assert (event["state"], event["public_state"], event["sequence"]) == ("draft", "hidden", 0)
    assert event["uid"] == event["id"]
    assert {item["move"] for item in event["allowed_moves"]} == {"announce"}
    assert "QC.D8.K3" in event["provisions"]
    assert (await done(read(world, OWNER, f"/v1/press-events/{event['id']}"))) == event


@pytest.mark.parametrize(
    ("change", "code", "at"),
    [
        ({"period_from": "2099-02-01"}, "half_a_period", ()),
        ({"period_from": "2099-02-02", "period_to": "2099-02-01"}, "period_reversed", ()),
        ({"ends_at": "2099-03-10T08:00:00+07:00"}, "period_reversed", ()),
        (
            {"spokesperson": make.SPEAKER | {"authorisation": "ad_hoc_written"}},
            "authorisation_needed",
            ("spokesperson",),
        ),
        ({"host_ids": ["01a00000-0000-7000-8000-000000000000"]}, "unknown_agency", ("host_ids", 0)),
        ({"languages": ["tiếng Việt"]}, "string_pattern_mismatch", ("languages", 0)),
    ],
)
async def test_what_contradicts_itself_is_refused(world, change, code, at):
    caller = await world.as_(OWNER)
    await refused(world, await caller.post("/v1/press-events", make.a_press_event(**change)), code, *at)


@pytest.mark.parametrize(
    ("change", "code", "at"),
    [
        ({"starts_at": None, "ends_at": None}, "no_start", "starts_at"),
        ({"spokesperson": None}, "no_spokesperson", "spokesperson"),
        ({"place": None}, "no_place", "place"),
    ],
)
async def test_nothing_is_announced_that_nobody_could_come_to_or_speaks_for(world, change, code, at):
    event = await scheduled(world, **change)
    await refused(world, await moved(world, event, "announce"), code, at)
    assert (await done(read(world, OWNER, f"/v1/press-events/{event['id']}")))["state"] == "draft"


async def test_the_sequence_rises_with_what_a_calendar_must_follow_and_the_uid_stays(world):
    event = await scheduled(world)
    event = await done(patched(world, event, {"title": "Tên khác"}))
    assert event["sequence"] == 0  # nobody follows it yet
    event = await done(moved(world, event, "announce"))
    assert event["sequence"] == 0
    steps = [
        lambda: patched(world, event, {"place": "Hội trường"}),
        lambda: moved(world, event, "postpone"),
        lambda: patched(world, event, {"agenda": ["Một việc"]}),
        lambda: moved(world, event, "reschedule"),
        lambda: moved(world, event, "cancel"),
    ]
    for number, step in enumerate(steps, 1):
        event = await done(step())
        assert event["sequence"] == number
        assert event["uid"] == event["id"]
    told = [(row.type.partition(".")[2], row.previous_state, row.state) for row in await recorded(world, event)]
    assert told == [
        ("scheduled", None, "draft"),
        ("updated", None, "draft"),
        ("announced", "draft", "announced"),
        ("updated", None, "announced"),
        ("postponed", "announced", "postponed"),
        ("updated", None, "postponed"),
        ("rescheduled", "postponed", "announced"),
        ("cancelled", "announced", "cancelled"),
    ]


async def test_postponed_has_no_time_and_rescheduled_has_another(world):
    event = await an_event(world, "announce", "postpone")
    assert (event["starts_at"], event["ends_at"]) == (None, None)
    assert event["postponed_from"] == "2099-03-10T08:30:00+07:00"
    assert (event["change_reason"], event["public_state"]) == (BECAUSE["reason"], "postponed")
    event = await done(moved(world, event, "reschedule"))
    assert (event["starts_at"], event["postponed_from"]) == (LATER["starts_at"], None)
    assert event["public_state"] == "upcoming"
    event = await done(moved(world, event, "cancel"))
    assert (event["public_state"], event["starts_at"]) == ("cancelled", LATER["starts_at"])


async def test_what_was_announced_gets_another_time_only_with_a_reason(world):
    event = await an_event(world, "announce")
    answer = await patched(world, event, {"starts_at": LATER["starts_at"], "ends_at": None})
    await refused(world, answer, "reschedule_instead", "starts_at")
    await refused(world, await patched(world, event, {"spokesperson": None}), "no_spokesperson", "spokesperson")
    answer = await moved(world, event, "reschedule", reason=None)
    assert answer.status_code == 422


async def test_the_same_again_is_no_change(world):
    event = await an_event(world, "announce")
    again = await done(patched(world, event, {"title": event["title"]}))
    assert (again["version"], again["sequence"]) == (event["version"], 0)


async def test_only_what_was_never_announced_is_deleted(world):
    caller = await world.as_(OWNER)
    for moves, status in (((), 204), (("announce",), 409), (("announce", "cancel"), 409)):
        event = await an_event(world, *moves)
        answer = await caller.request("DELETE", f"/v1/press-events/{event['id']}", headers={"If-Match": "*"})
        assert answer.status_code == status, answer.text
        assert await seen(world, OWNER, event) == (404 if status == 204 else 200)


async def test_what_came_of_it_is_written_down_and_corrected(world):
    event = await an_event(world, "announce", "hold")
    await refused(world, await moved(world, event, "conclude", attendance=[], minutes=None), "no_proceedings")
    event = await done(moved(world, event, "conclude"))
    whole = CAME | {"questions": [], "minutes_document": None}
    assert event["proceedings"] == whole
    caller = await world.as_(OWNER)
    question = {"asked_by": "Báo Đắk Lắk", "question": "Khi nào?", "answer": "Quý II."}
    path = f"/v1/press-events/{event['id']}/proceedings"
    event = await done(caller.put(path, CAME | {"questions": [question]}, "*"))
    assert event["proceedings"] == whole | {"questions": [question]}
    assert event["sequence"] == 0  # calendars need not know
    coming = await an_event(world, "announce")
    path = f"/v1/press-events/{coming['id']}/proceedings"
    await assert_problem(world.api, await caller.put(path, CAME, "*"), "wrong-state")


async def test_who_is_invited_answers_until_the_accreditation_closes(world):
    owner, press = await world.as_(OWNER), await world.as_(PRESS)
    event = await scheduled(world, visibility="internal")
    body = {"agency_ids": [str(await world.agency_id(PRESS))], "accredit_before": "2099-03-09T17:00:00+07:00"}
    event = await done(owner.post(f"/v1/press-events/{event['id']}/invitations", body, event["etag"]))
    assert (await done(press.get("/v1/press-invitations")))["items"] == []  # it is not announced
    await done(moved(world, event, "announce"))
    (invitation,) = (await done(press.get("/v1/press-invitations")))["items"]
    path = f"/v1/press-invitations/{invitation['id']}"
    people = [{"name": "H'Linh Niê", "position": "phóng viên"}]
    answer = await done(press.post(f"{path}/accept", {"people": people}, "*"))
    assert (answer["state"], answer["coming"], answer["people"]) == ("accepted", 1, people)
    assert (await done(owner.get(path)))["people"] == people
    assert (await done(press.post(f"{path}/decline", {"reason": "Trùng lịch"}, "*")))["people"] == []
    assert (await read(world, OTHER_PRESS, path)).status_code == 404
    assert (await done(read(world, OTHER_PRESS, "/v1/press-invitations")))["items"] == []
    told = [row.type for row in await recorded(world, invitation)]
    # To the hosts when it was written, to the press body when the event was announced.
    assert told == ["accreditation.invited"] * 2 + ["accreditation.answered"] * 2
    await done(moved(world, event, "cancel"))
    await assert_problem(world.api, await press.post(f"{path}/accept", {"people": people}, "*"), "conflict")


async def test_more_may_be_invited_and_answers_stay(world):
    owner, press = await world.as_(OWNER), await world.as_(PRESS)
    event = await an_event(world, "announce")
    path = f"/v1/press-events/{event['id']}/invitations"
    body = {"agency_ids": [str(await world.agency_id(PRESS))], "accredit_before": "2099-03-09T17:00:00+07:00"}
    await done(owner.post(path, body, "*"))
    (invitation,) = (await done(press.get("/v1/press-invitations")))["items"]
    await done(press.post(f"/v1/press-invitations/{invitation['id']}/decline", {}, "*"))
    await done(owner.post(path, {"all_press": True, "accredit_before": "2099-03-10T07:00:00+07:00"}, "*"))
    found = (await done(owner.get(f"/v1/press-invitations?event={event['id']}")))["items"]
    assert sorted(item["state"] for item in found) == ["declined", "invited"]
    assert {item["accredit_before"] for item in found} == {"2099-03-10T07:00:00+07:00"}
    for wrong, code, at in (
        ({"agency_ids": [str(await world.agency_id(HOST))]}, "not_a_press_body", ("agency_ids", 0)),
        ({}, "nobody_invited", ()),
        (
            {"all_press": True, "accredit_before": "2020-01-01T00:00:00+07:00"},
            "not_in_the_future",
            ("accredit_before",),
        ),
    ):
        await refused(world, await owner.post(path, body | {"agency_ids": []} | wrong, "*"), code, *at)


async def test_supplied_information_is_recorded_once_and_corrected_by_a_new_version(world):
    owner = await world.as_(OWNER)
    bodies = [str(await world.agency_id(PRESS))]
    supply = await done(owner.post("/v1/information-supplies", make.a_supply(press_body_ids=bodies)), 201)
    path = f"/v1/information-supplies/{supply['id']}"
    again = await done(owner.put(path, make.a_supply(press_body_ids=bodies), supply["etag"]))
    assert again["version"] == 1
    changed = await done(owner.put(path, make.a_supply(topic="Chủ đề khác"), supply["etag"]))
    assert (changed["version"], changed["topic"], changed["press_body_ids"]) == (2, "Chủ đề khác", [])
    assert [row.type for row in await recorded(world, supply)] == [
        "information_supply.recorded", "information_supply.corrected",
    ]  # fmt: skip
    for slug in (PRESS, "ubnd-tinh"):
        answer = await (await world.as_(slug)).post("/v1/information-supplies", make.a_supply())
        await assert_problem(world.api, answer, "not-permitted")


async def test_products_are_the_press_s_and_everybody_reads_them(world):
    press = await world.as_(PRESS)
    product = await done(press.post("/v1/press-products", make.a_product()), 201)
    path = f"/v1/press-products/{product['id']}"
    changed = await done(press.put(path, make.a_product(frequency="hằng tuần"), product["etag"]))
    assert changed["frequency"] == "hằng tuần"
    assert (await read(world, "tt-cong-ttdt", path)).json() == changed
    await assert_problem(
        world.api, await (await world.as_(OTHER_PRESS)).put(path, make.a_product(), "*"), "not-permitted"
    )
    answer = await (await world.as_(OWNER)).post("/v1/press-products", make.a_product())
    await assert_problem(world.api, answer, "not-permitted")
    assert [row.type for row in await recorded(world, product)] == ["press_product.published", "press_product.changed"]
