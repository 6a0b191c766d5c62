"""What the portal reads without a token, and what caches are told of it (QC.D8.K3, QC.D4.K4, QC.D8.K2)."""

import pytest

from tests import make
from tests.portal.hands import EVENTS, FEED, ICS, announced, at, fresh, ids, look
from tests.press.hands import HOST, OWNER, an_event, done, moved, patched

SECRET = {
    "visibility", "embargo_until", "proceedings", "version", "allowed_moves", "series_id", "other_press",
    "announced_at", "held_at", "created_by", "invitations",
}  # fmt: skip
HANDED_OUT = [
    {"title": "Cho mọi người", "link": "https://a.example/1"},
    {"title": "Cấm đưa tin", "link": "https://a.example/2", "embargo_until": "2098-01-01T00:00:00+07:00"},
    {"title": "Nội bộ", "link": "https://a.example/3", "internal": True},
]


async def handed_out(world, event, items):
    path = f"/v1/press-events/{event['id']}/materials"
    await done((await world.as_(OWNER)).request("PUT", path, json={"items": items}, headers={"If-Match": "*"}))


async def test_what_is_public_is_read_without_a_token(world):
    host = str(await world.agency_id(HOST))
    event = await announced(world, title_en="Press briefing", summary="Tình hình tháng 2.", host_ids=[host])
    await handed_out(world, event, HANDED_OUT)
    found = (await look(world, f"{EVENTS}/{event['id']}")).json()
    same = ("id", "title", "title_en", "form", "starts_at", "ends_at", "place", "summary", "uid", "sequence")
    assert {name: found[name] for name in same} == {name: event[name] for name in same}
    assert (found["state"], found["agency"]) == ("upcoming", "Ủy ban nhân dân huyện Buôn Đôn")
    assert found["hosts"] == ["Sở Ngoại vụ"]
    assert set(found["spokesperson"]) == {"name", "title"}
    assert [set(item) for item in found["materials"]] == [{"title", "link", "sha256"}]
    assert found["materials"][0]["title"] == "Cho mọi người"
    assert not SECRET & set(found)
    (listed,) = (await look(world, EVENTS)).json()["items"]
    assert listed == {name: found[name] for name in listed}


async def test_what_came_of_an_event_stays_with_those_who_have_a_token(world):
    event = await an_event(world, "announce", "hold", "conclude")
    answer = await look(world, f"{EVENTS}/{event['id']}")
    assert answer.json()["state"] == "past"
    assert "Biên bản" not in answer.text


async def test_the_list_is_narrowed(world):
    host = str(await world.agency_id(HOST))
    first = await announced(world, host_ids=[host])
    second = await announced(
        world, make.OTHER_DISTRICT, form="other", languages=["vi", "en"],
        starts_at="2099-04-01T00:00:00+07:00", ends_at=None,
    )  # fmt: skip
    one, two = first["id"], second["id"]
    owner, other = str(await world.agency_id(OWNER)), str(await world.agency_id(make.OTHER_DISTRICT))
    for query, wanted in (
        ("", [two, one]),
        ("form=other", [two]),
        ("form=direct_supply", []),
        (f"agency={owner}", [one]),
        (f"agency={host}", [one]),
        (f"agency={other}", [two]),
        ("language=en", [two]),
        ("language=fr", []),
        ("from=2099-03-10&to=2099-03-10", [one]),
        ("from=2099-03-11", [two]),
        ("to=2099-03-31", [one]),
        ("from=2099-04-01&to=2099-04-01", [two]),
    ):
        assert await ids(world, f"{EVENTS}?{query}") == wanted, query
    page = await look(world, f"{EVENTS}?limit=1")
    following = page.headers["Link"].partition(">")[0].removeprefix("<http://test")
    assert await ids(world, following) == [one]
    await look(world, f"{EVENTS}?cursor=x", 400)
    await look(world, f"{EVENTS}?from=yesterday", 400)


async def test_a_postponed_event_is_found_by_when_it_would_have_begun(world):
    event = await an_event(world, "announce", "postpone")
    assert await ids(world, f"{EVENTS}?from=2099-03-10&to=2099-03-10") == [event["id"]]
    found = (await look(world, f"{EVENTS}/{event['id']}")).json()
    assert (found["state"], found["starts_at"]) == ("postponed", None)
    assert found["change_reason"] == "Trùng lịch họp"


@pytest.mark.parametrize("path", [EVENTS, ICS, FEED, "one"])
async def test_caches_ask_by_tag_and_by_date(world, path):
    event = await announced(world, summary="dài " * 400)
    path = f"{EVENTS}/{event['id']}" if path == "one" else path
    with at("2099-03-01T09:00:00.250000+07:00"):
        found = await look(world, path, accept_encoding="identity")
        tag, date = found.headers["ETag"], found.headers["Last-Modified"]
        assert found.headers["Cache-Control"] == "public, max-age=60"
        assert found.headers["Vary"] == "Accept-Encoding"
        assert found.headers["Access-Control-Allow-Origin"] == "*"
        assert "ETag" in found.headers["Access-Control-Expose-Headers"]
        for condition in ({"if_none_match": tag}, {"if_none_match": f'W/"x", W/{tag}'}, {"if_modified_since": date}):
            unchanged = await look(world, path, 304, accept_encoding="identity", **condition)
            assert unchanged.content == b""
            for name in ("ETag", "Cache-Control", "Vary", "Last-Modified"):
                assert unchanged.headers[name] == found.headers[name]
        for condition in (
            {"if_none_match": '"other"', "if_modified_since": date},
            {"if_modified_since": "Mon, 01 Jan 2024 00:00:00 GMT"},
            {"if_modified_since": "yesterday"},
        ):
            again = await look(world, path, accept_encoding="identity", **condition)
            assert again.content == found.content
        head = await world.api.head(path, headers={"Accept-Encoding": "identity"})
        assert (head.content, head.headers["ETag"]) == (b"", tag)
        assert head.headers["Content-Length"] == str(len(found.content))


async def test_what_is_long_goes_out_packed_under_a_tag_of_its_own(world):
    event = await announced(world, summary="dài " * 400)
    path = f"{EVENTS}/{event['id']}"
    plain = await look(world, path, accept_encoding="identity")
    packed = await look(world, path, accept_encoding="br;q=1, gzip;q=0.5")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.content == plain.content
    assert packed.headers["ETag"] != plain.headers["ETag"]
    assert int(packed.headers["Content-Length"]) < len(plain.content) / 2
    unchanged = await look(world, path, 304, accept_encoding="gzip", if_none_match=packed.headers["ETag"])
    assert "Content-Encoding" not in unchanged.headers
    for refused in ("gzip;q=0", "br", ""):
        assert "Content-Encoding" not in (await look(world, path, accept_encoding=refused)).headers


async def test_nothing_that_is_not_public_has_a_page(world):
    draft = await an_event(world)
    press = await announced(world, visibility="press")
    for event in (draft, press):
        missing = await look(world, f"{EVENTS}/{event['id']}", 404)
        assert missing.headers["Cache-Control"] == "no-store"
    await look(world, f"{EVENTS}/{draft['id'][:-1]}", 404)
    assert (await world.api.post(EVENTS, json={})).status_code == 405


async def test_a_tag_changes_with_what_is_seen_and_with_nothing_else(world):
    seen = await announced(world)
    tag = (await look(world, EVENTS)).headers["ETag"]
    hidden = await announced(world, make.OTHER_DISTRICT, embargo_until="2098-01-01T00:00:00+07:00")
    await done(patched(world, hidden, {"place": "Nơi khác"}, make.OTHER_DISTRICT))
    await done(moved(world, hidden, "cancel", make.OTHER_DISTRICT))
    assert (await look(world, EVENTS)).headers["ETag"] == tag
    await done(patched(world, seen, {"place": "Nơi khác"}))
    assert (await look(world, EVENTS)).headers["ETag"] != tag


async def test_a_date_moves_with_what_is_seen_even_if_it_is_no_longer(world):
    """Whoever asks by date alone is told of what went away, and of nothing that was never shown."""

    async def changed_at():
        rows = await world.app.state.editions.standing.fresh()
        return rows["press_event"].changed_at

    before = await changed_at()
    hidden = await announced(world, embargo_until="2098-01-01T00:00:00+07:00")
    await done(patched(world, hidden, {"place": "Nơi khác"}))
    await an_event(world)
    assert await changed_at() == before
    seen = await announced(world)
    shown = await changed_at()
    assert shown > before
    await done(patched(world, seen, {"visibility": "internal"}))
    assert await changed_at() > shown
    assert await ids(world) == []


async def test_an_end_is_seen_by_the_clock_alone(world):
    event = await announced(world)

    async def state():
        return (await look(world, f"{EVENTS}/{event['id']}")).json()["state"]

    with at("2099-03-10T10:29:30+07:00"):
        await fresh(world)
        assert await state() == "upcoming"
        assert (await look(world, EVENTS)).headers["Cache-Control"] == "public, max-age=30"
    with at("2099-03-10T10:30:00+07:00"):
        assert await state() == "past"
