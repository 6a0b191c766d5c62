"""The proof of coverage itself: what it must not let pass."""

from pathlib import Path

import pytest

from app.coverage import Evidence, cited_by_tests, coverage, leading_nowhere, missing

WHOLE = Evidence(("POST /v1/plans",), (), ("plan.submitted",), ("tests/test_x.py::test_x",))
UNTESTED = Evidence(("POST /v1/plans",), (), (), ())
UNANSWERED = Evidence((), (), (), ("tests/test_x.py::test_x",))


@pytest.mark.parametrize(
    ("found", "problem"),
    [
        (WHOLE, None),
        (Evidence((), (), ("plan.submitted",), ("test",)), None),
        (UNTESTED, "QC.D7.K1: no test plays it"),
        (UNANSWERED, "QC.D7.K1: no operation and no event cites it"),
    ],
)
def test_a_provision_needs_something_that_can_be_done_and_a_test_that_does_it(found, problem):
    assert list(missing({"QC.D7.K1": found})) == ([problem] if problem else [])


def test_recording_a_kind_and_its_moves_answer_the_provisions_of_the_kind():
    found = coverage({"paths": {}}, (), Path(__file__).parents[2]).evidence
    for id in ("QC.D13.K2", "QC.D8.K4"):
        assert {"POST /v1/records (rebuttal)", "POST /v1/records (media_item)"} <= set(found[id].operations)
        assert "rebuttal: publish" in found[id].moves
    assert found["QC.D12.K1"].operations == ()


@pytest.fixture
def checkout(tmp_path):
    for folder in ("app", "docs", "migrations", "tests"):
        (tmp_path / folder).mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("place", "text", "wrong"),
    [
        ("app/x.py", '"""A rule (QC.D7.K1-a, QC.D3.K3.d, QC.END.)."""', None),
        ("app/x.py", 'f"QC.D7.K{n} {QC.D5.K{n}"', None),
        ("app/x.toml", 'provision = "QC.D7.K9"', "app/x.toml:1: cites QC.D7.K9, which does not exist"),
        ("docs/x.md", "\nas QC.D8.K3-c says", "docs/x.md:2: cites QC.D8.K3-c, which does not exist"),
        ("tests/test_x.py", 'INVENTED = "QC.D99"', None),
        ("tests/test_x.py", 'MISTAKEN = "QC.D98"', "tests/test_x.py:1: cites QC.D98, which does not exist"),
        ("app/x.py", 'INVENTED = "QC.D99"', "app/x.py:1: cites QC.D99, which does not exist"),
    ],
)
def test_a_citation_that_leads_nowhere_is_found_wherever_it_stands(checkout, place, text, wrong):
    (checkout / place).write_text(text, "utf-8")
    assert list(leading_nowhere(checkout, ["QC.D99"])) == ([wrong] if wrong else [])


def test_marks_are_read_from_the_sources_of_tests_without_running_them(checkout):
    (checkout / "tests" / "test_x.py").write_text(
        "import nothing_of_the_kind\n"
        "@pytest.mark.provision('QC.D7.K1-a', 'QC.D9.K2')\n"
        "async def test_one(world): ...\n"
        "@pytest.mark.provision('QC.D98', K)\n"
        "async def test_two(world): ...\n"
        "def helper(): ...\n",
        "utf-8",
    )
    found, wrong = cited_by_tests(checkout / "tests", checkout)
    assert found == {"QC.D7.K1": ("tests/test_x.py::test_one",), "QC.D9.K2": ("tests/test_x.py::test_one",)}
    assert wrong == [
        "tests/test_x.py::test_two: is marked with QC.D98",
        "tests/test_x.py::test_two: is marked with what is no literal",
    ]


def test_marks_of_a_whole_file_count_for_each_of_its_tests(checkout):
    (checkout / "tests" / "test_x.py").write_text(
        "pytestmark = pytest.mark.provision('QC.END')\n"
        "async def test_one(world): ...\n"
        "async def test_two(world): ...\n",
        "utf-8",
    )
    assert cited_by_tests(checkout / "tests", checkout)[0] == {
        "QC.END": ("tests/test_x.py::test_one", "tests/test_x.py::test_two")
    }
