"""JSON is read strictly: whatever two readers could take for two things is malformed."""

import json
import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.json_reader import DEEPEST, MOST_VALUES, read_json
from app.kit.problems import MalformedJson
from tests import make

MALFORMED = {
    "a member twice": b'{"a": 1, "a": 1}',
    "a member twice, once escaped": b'{"a": 1, "\\u0061": 2}',
    "a member twice, deep inside": b'[{"x": {"a": 1, "b": 2, "a": 3}}]',
    "an empty name twice": b'{"": 1, "": 2}',
    "NaN": b'{"a": NaN}',
    "infinity": b"[Infinity]",
    "minus infinity": b"[-Infinity]",
    "a number beyond every float": b"[1e400]",
    "a negative one": b"[-1e400]",
    "nineteen digits": b"[1234567890123456789]",
    "nineteen digits below zero": b"[-1234567890123456789]",
    "five thousand digits": b"9" * 5000,
    "half a pair": b'["\\ud800"]',
    "the other half": b'["\\udc00"]',
    "the halves turned round": b'["\\udc00\\ud800"]',
    "half a pair in capitals": b'["\\uDBFF"]',
    "half a pair in a name": b'{"\\ud800": 1}',
    "half a pair behind a backslash": b'["\\\\\\ud800"]',
    "too deep": b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1),
    "too deep in both ways": b'{"a":[' * 17 + b"]}" * 17,
    "deep and never closed": b"[" * 1_000_000,
    "too many values": b"[" + b"1," * MOST_VALUES + b"1]",
    "too many members": json.dumps(dict.fromkeys(map(str, range(MOST_VALUES + 2)))).encode(),
    "too many empty lists": b"[" + b"[]," * (MOST_VALUES // 2) + b"[]]",
    "nothing but quotation marks": b'"' * 2_000_000,
    "nothing but backslashes": b"\\" * 2_000_001,
    "a string of backslashes without an end": b'"' + b"\\\\" * 1000,
    "UTF-8 with its mark": b"\xef\xbb\xbf{}",
    "UTF-16": "{}".encode("utf-16"),
    "Latin": b'["\xe9"]',
    "half a pair in bytes": b'["\xed\xa0\x80"]',
    "NUL": b'["\x00"]',
    "a line break in a string": b'["\n"]',
    "nothing": b"",
    "blanks": b"  ",
    "two": b"{}{}",
    "a comma too many": b"[1,]",
    "a comment": b"[1 /* one */]",
    "single quotes": b"['a']",
    "octal": b"[012]",
    "a plus": b"[+1]",
    "a point alone": b"[.5]",
    "mixed brackets": b"[}",
}


@pytest.mark.parametrize("name", MALFORMED)
def test_what_is_doubtful_is_malformed_and_found_out_quickly(name):
    started = time.perf_counter()
    with pytest.raises(MalformedJson) as refused:
        read_json(MALFORMED[name])
    assert time.perf_counter() - started < 0.5
    assert not refused.value.facts


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b'["\\ud83c\\udfdb"]', ["🏛"]),
        (b'["\\\\ud800"]', ["\\ud800"]),
        (b'["\\\\\\"[[[["]', ['\\"[[[[']),
        (b'{"\\"": "{", "b": "}]"}', {'"': "{", "b": "}]"}),
        (b"[999999999999999999, -999999999999999999]", [999999999999999999, -999999999999999999]),
        (b"[1e308, 1.0, -0.0]", [1e308, 1.0, -0.0]),
        (b"[" * DEEPEST + b"]" * DEEPEST, None),
        (b' \t\r\n{"a": null}\n', {"a": None}),
        ('["Đắk Lắk"]'.encode(), ["Đắk Lắk"]),
        (b"5", 5),
    ],
)
def test_what_is_sound_is_read_as_it_stands(text, value):
    assert read_json(text) == (json.loads(text) if value is None else value)


TEXT = st.text(st.characters(codec="utf-8"))
SOUND = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**18) + 1, 10**18 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXT, inner, max_size=5),
    max_leaves=40,
)


@given(SOUND, st.booleans(), st.sampled_from([None, 1]))
def test_whatever_any_writer_of_json_writes_is_read_back(value, ascii_only, indent):
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent).encode()
    assert read_json(text) == value


@given(st.binary(max_size=200) | st.text('{}[]",:\\u0de1 ', max_size=60).map(str.encode))
def test_anything_else_is_malformed_or_what_the_standard_reader_makes_of_it(data):
    try:
        value = read_json(data)
    except MalformedJson:
        return
    assert value == json.loads(data)


def test_a_plan_of_a_thousand_tasks_is_read_in_a_moment():
    tasks = [make.a_task(code=f"NV-{n:04}") for n in range(1000)]
    body = json.dumps(make.a_plan(tasks=tasks), ensure_ascii=False).encode()
    taken = []
    for _ in range(10):
        started = time.perf_counter()
        value = read_json(body)
        taken.append(time.perf_counter() - started)
    assert len(value["tasks"]) == 1000
    print(f"{len(body)} bytes in {Decimal(min(taken) * 1000):.2f} ms")
    assert min(taken) < 0.05
