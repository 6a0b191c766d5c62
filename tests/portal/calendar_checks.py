"""The calendar as a JavaScript program reads it (ical.js): moved, postponed, cancelled. `make test-calendar`."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.portal.hands import ICS, announced, look
from tests.press.hands import OWNER, done, patched

NODE = Path(os.environ.get("TTDN_NODE", ".venv/node"))
HERE = Path(__file__).parent

pytestmark = pytest.mark.skipif(not (NODE / "node_modules" / "ical.js").exists(), reason="Node.js is not installed")


def read(home, files):
    """What each file shows."""
    script = NODE / "follow.mjs"  # beside its modules, where Node looks for them
    shutil.copy(HERE / "follow.mjs", script)
    said = subprocess.run(["node", str(script), *map(str, files)], capture_output=True, text=True, check=True)
    return [json.loads(line) for line in said.stdout.splitlines()]


async def test_another_language_s_parser_follows_one_entry_from_poll_to_poll(world, tmp_path):
    evil = "Họp báo về «Ngày hội cà phê»; a, b \\ c " * 5
    event = await announced(world, title=evil, summary="Dòng một\r\nATTENDEE:mailto:x@y.example")
    caller, files = await world.as_(OWNER), []

    async def poll():
        files.append(tmp_path / f"{len(files)}.ics")
        files[-1].write_bytes((await look(world, ICS)).content)

    async def move(name, **body):
        await done(caller.post(f"/v1/press-events/{event['id']}/{name}", body | {"reason": "Trùng lịch"}, "*"))

    await poll()
    await move("reschedule", starts_at="2099-03-12T14:00:00+07:00", ends_at="2099-03-12T15:00:00+07:00")
    await poll()
    await move("postpone")
    await poll()
    await move("cancel")
    await poll()
    await done(patched(world, await announced(world, form="other"), {"place": "Nơi khác"}))
    await poll()
    polls = read(tmp_path, files)
    mine = [[one for one in shown if one["uid"] == event["uid"]] for shown in polls]
    assert [len(shown) for shown in mine] == [1] * 5
    found = [shown[0] for shown in mine]
    first, later = "2099-03-10T01:30:00.000Z", "2099-03-12T07:00:00.000Z"
    assert [(one["start"], one["status"], one["sequence"]) for one in found] == [
        (first, "CONFIRMED", 0),
        (later, "CONFIRMED", 1),
        (later, "TENTATIVE", 2),
        (later, "CANCELLED", 3),
        (later, "CANCELLED", 3),
    ]
    assert found[0]["summary"] == event["title"]
    assert {one["attendees"] for one in found} == {0}
    assert [len(shown) for shown in polls] == [1, 1, 1, 1, 2]
