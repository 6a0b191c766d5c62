"""Feeds as other programs read them: what stands in a calendar, and that no text of ours can become a line of it."""

import re
from xml.etree import ElementTree as ET

import icalendar

from app.portal.entries import address, line, plain
from tests import make
from tests.portal.hands import ATOM, EVENTS, FEED, ICS, announced, at, calendar, entries, fresh, look, subscribed
from tests.press.hands import OWNER, an_event, done, patched

EVIL = "a\r\nATTENDEE:mailto:x@y.example\nBEGIN:VEVENT\u2028X-EVIL:1\x85END:VCALENDAR"
LONG = "Đắk Lắk – cà phê Buôn Ma Thuột; «Ngày hội», \\ 100 % " * 8


async def test_an_event_stands_in_a_calendar_with_all_that_calendars_follow(world):
    event = await announced(
        world, title_en="Press briefing", summary="Tình hình tháng 2.", agenda=["Một", "Hai"],
        online_link="https://hop.example/a b?x=1",
    )  # fmt: skip
    found = (await subscribed(world))[event["uid"]]
    assert found.dtstart.value.isoformat() == "2099-03-10T08:30:00+07:00"
    assert found.dtend.value.isoformat() == "2099-03-10T10:30:00+07:00"
    assert found.dtstart.params["X-VOBJ-ORIGINAL-TZID"] == ["Asia/Ho_Chi_Minh"]
    assert (found.status.value, found.sequence.value) == ("CONFIRMED", "0")
    assert found.summary.value == event["title"]
    assert found.location.value == "Trung tâm báo chí"
    assert found.categories.value == ["Giao ban báo chí"]
    assert found.url.value == f"http://test{EVENTS}/{event['id']}"
    assert found.organizer.value == f"urn:uuid:{event['agency_id']}"
    assert found.organizer.params["CN"] == ["Ủy ban nhân dân huyện Buôn Đôn"]
    assert "mailto" not in str(found)
    assert found.description.value.split("\n")[:3] == ["Tình hình tháng 2.", "Một", "Hai"]
    assert found.conference.value == "https://hop.example/a%20b?x=1"
    english = (await subscribed(world, f"{ICS}?language=en"))[event["uid"]]
    assert (english.summary.value, english.categories.value) == ("Press briefing", ["Press briefing"])


async def test_the_file_is_one_that_strict_readers_take(world):
    await announced(world, title=LONG[:290], summary=LONG)
    answer = await look(world, ICS)
    whole = answer.content
    lines = whole.split(b"\r\n")
    assert whole.endswith(b"END:VCALENDAR\r\n")
    assert all(len(one) <= 75 for one in lines)
    for one in lines:
        one.decode()  # no character is cut in two
    assert b"\n" not in whole.replace(b"\r\n", b"")
    read = icalendar.Calendar.from_ical(whole)
    assert [zone["TZID"] for zone in read.walk("VTIMEZONE")] == ["Asia/Ho_Chi_Minh"]
    assert read.walk("VEVENT")[0]["SUMMARY"] == line(LONG[:290])
    for name in ("VERSION", "PRODID", "NAME", "REFRESH-INTERVAL", "SOURCE", "X-WR-CALNAME"):
        assert name in read, name
    assert (await look(world, ICS)).content == whole


def test_no_text_ends_its_line():
    assert plain(EVIL).splitlines() == plain(EVIL).split("\n")
    assert len(line(EVIL).splitlines()) == 1
    assert not re.search(r"[\r\n\u2028\x85 ]", address(f"https://x.example/{EVIL}"))


async def test_a_text_with_line_breaks_stays_a_text(world):
    event = await announced(world, summary=EVIL.replace("\x85", " "), online_link="https://x.example/\nATTENDEE:y")
    answer = await look(world, ICS)
    found = calendar(answer)
    assert set(found) == {event["uid"]}
    assert "attendee" not in found[event["uid"]].contents
    names = {one.split(b":")[0].split(b";")[0] for one in answer.content.split(b"\r\n") if one[:1] != b" "}
    assert not {b"ATTENDEE", b"X-EVIL"} & names
    assert answer.text.count("BEGIN:VEVENT\r\n") == 1
    assert set(await entries(world)) == {event["id"]}


async def test_feeds_are_narrowed_as_lists_are(world):
    host = str(await world.agency_id("so-ngoai-vu"))
    first = await announced(world, host_ids=[host])
    second = await announced(
        world, make.OTHER_DISTRICT, form="other", starts_at="2099-06-01T08:00:00+07:00", ends_at=None
    )
    for query, wanted in (
        ("", {first["uid"], second["uid"]}),
        ("?form=other", {second["uid"]}),
        (f"?agency={host}", {first["uid"]}),
        ("?from=2099-05-01", {second["uid"]}),
    ):
        assert set(await subscribed(world, f"{ICS}{query}")) == wanted, query
        assert set(await entries(world, f"{FEED}{query}")) == wanted, query
    await look(world, f"{ICS}?language=fr", 400)


async def test_what_is_past_leaves_a_feed_after_a_while(world):
    event = await announced(world)
    with at("2099-06-08T00:00:00+07:00"):
        await fresh(world)
        assert set(await subscribed(world)) == {event["uid"]}
    with at("2099-06-09T00:00:00+07:00"):
        assert set(await subscribed(world)) == set()
        assert set(await subscribed(world, f"{ICS}?from=2099-03-01")) == {event["uid"]}


async def test_the_feed_is_atom_as_its_rfc_has_it(world):
    await announced(world, title="Một & <hai>", summary="a < b\nc")
    later = await an_event(world, "announce", "postpone", slug=make.OTHER_DISTRICT)
    answer = await look(world, f"{FEED}?language=en")
    root = ET.fromstring(answer.content)
    assert root.tag == f"{ATOM}feed"
    for name in ("id", "title", "updated", "author", "subtitle"):
        assert len(root.findall(f"{ATOM}{name}")) == 1, name
    links = {one.get("rel"): one.get("href") for one in root.findall(f"{ATOM}link")}
    assert links["self"] == "http://test/v1/public/press-events.atom?language=en"
    assert root.find(f"{ATOM}id").text == links["self"]
    earlier = links["previous"].removeprefix("http://test").partition("from=")[2]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", earlier)
    assert await entries(world, links["previous"].removeprefix("http://test"))
    found = root.findall(f"{ATOM}entry")
    updated = [one.find(f"{ATOM}updated").text for one in found]
    assert updated == sorted(updated, reverse=True)
    assert root.find(f"{ATOM}updated").text == updated[0]
    assert found[0].find(f"{ATOM}id").text.endswith(later["id"])
    assert found[0].find(f"{ATOM}title").text == "[POSTPONED] Giao ban báo chí tháng 3"
    assert found[1].find(f"{ATOM}title").text == "Một & <hai>"
    assert "<p>a &lt; b</p><p>c</p>" in found[1].find(f"{ATOM}summary").text
    for one in found:
        for name in ("id", "title", "updated", "published", "author", "summary", "link"):
            assert one.find(f"{ATOM}{name}") is not None, name


async def test_an_empty_feed_is_a_feed(world):
    assert await entries(world) == {}
    assert (await look(world, FEED)).content == (await look(world, FEED)).content
    assert await subscribed(world) == {}


async def test_one_entry_follows_an_event_from_poll_to_poll(world):
    """Created, edited, moved, postponed, given a time again, cancelled: the same entry all along."""
    event = await announced(world)
    seen = []

    async def poll():
        ((uid, found),) = (await subscribed(world)).items()
        assert uid == event["uid"]
        seen.append(int(found.sequence.value))
        return found.dtstart.value.isoformat(), found.status.value, found.summary.value

    caller = await world.as_(OWNER)

    async def move(name, **body):
        await done(caller.post(f"/v1/press-events/{event['id']}/{name}", body | {"reason": "Trùng lịch"}, "*"))

    title = event["title"]
    assert await poll() == ("2099-03-10T08:30:00+07:00", "CONFIRMED", title)
    await done(patched(world, event, {"place": "Hội trường"}))
    assert await poll() == ("2099-03-10T08:30:00+07:00", "CONFIRMED", title)
    await move("reschedule", starts_at="2099-03-12T14:00:00+07:00", ends_at="2099-03-12T15:00:00+07:00")
    assert await poll() == ("2099-03-12T14:00:00+07:00", "CONFIRMED", title)
    await move("postpone")
    assert await poll() == ("2099-03-12T14:00:00+07:00", "TENTATIVE", f"[HOÃN] {title}")
    await move("reschedule", starts_at="2099-03-20T08:00:00+07:00")
    assert await poll() == ("2099-03-20T08:00:00+07:00", "CONFIRMED", title)
    await move("cancel")
    assert await poll() == ("2099-03-20T08:00:00+07:00", "CANCELLED", f"[HỦY] {title}")
    assert seen == sorted(set(seen))
