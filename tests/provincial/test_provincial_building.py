"""One plan of many, made without clock or database: no source stands twice, none is lost, the same in any order."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from app.kit.canonical import hashed
from app.obligations.absent import Absent
from app.provincial.building import Source, SourceTask, absorbed, gathered, kept, misplaced, proposed, unplaced

NAMES = ("UBND huyện Buôn Đôn", "Sở Y tế", "Sở Ngoại vụ", "Ban Dân tộc", "Đài PTTH", "Ủy ban X", "Sở Y tế")


def a_source(number, tasks):
    """An accepted plan with this many tasks."""
    words = [SourceTask(UUID(int=number * 1000 + n), {"code": f"N{n}", "title": f"{number}.{n}"}) for n in range(tasks)]
    said = {"title": "x", "objectives": None}
    return Source(UUID(int=number), UUID(int=500 + number), NAMES[number % 7], said, words)


PLANS = st.dictionaries(st.integers(1, 40), st.integers(0, 6), min_size=1, max_size=8).map(
    lambda found: [a_source(number, tasks) for number, tasks in found.items()]
)
TASKS = PLANS.map(lambda sources: (sources, [task.id for source in sources for task in source.tasks]))


def placed(sources):
    """The sources of each proposed task, as lists."""
    return [task["sources"] for task in proposed(sources, ())]


@given(st.data())
def test_the_same_in_any_order_gives_the_same_hash(data):
    sources = data.draw(PLANS)
    absent = [Absent(UUID(int=900 + n), NAMES[n % 7], "missing") for n in range(5)]
    excluded = {source.plan_id: "Trùng" for source in sources[::3]}
    first = gathered(sources, absent, excluded)
    again = gathered(data.draw(st.permutations(sources)), data.draw(st.permutations(absent)), excluded)
    assert again == first
    assert hashed(again) == hashed(first)
    assert list(proposed(data.draw(st.permutations(sources)), ())) == list(proposed(sources, ()))
    ids = [item["plan_id"] for part in ("absorbed", "excluded") for item in first[part]]
    assert sorted(ids) == sorted(str(source.plan_id) for source in sources)


@given(TASKS)
def test_every_source_is_proposed_once_under_a_code_of_its_own(found):
    sources, known = found
    tasks = list(proposed(sources, ()))
    assert misplaced(placed(sources), [], set(known)) is None
    assert unplaced(placed(sources), [], known) == []
    assert len({task["code"] for task in tasks}) == len(tasks)
    leads = {task.id: source.agency_id for source in sources for task in source.tasks}
    assert all([task["lead_agency_id"]] == [leads[id] for id in task["sources"]] for task in tasks)


@given(TASKS, st.data())
def test_whatever_is_merged_kept_and_dropped_no_source_stands_twice_and_none_is_lost(found, data):
    """Each source goes to one of a few tasks, or is dropped: a partition, however it is drawn, is taken as it is."""
    _, known = found
    choices = [data.draw(st.integers(0, 4)) for _ in known]
    tasks = [[id for id, choice in zip(known, choices, strict=True) if choice == number] for number in range(1, 5)]
    dropped = [id for id, choice in zip(known, choices, strict=True) if choice == 0]
    assert misplaced(tasks, dropped, set(known)) is None
    assert unplaced(tasks, dropped, known) == []
    for number, id in enumerate(known):
        lost = [[one for one in task if one != id] for task in tasks]
        assert unplaced(lost, [one for one in dropped if one != id], known) == [id]
        where = data.draw(st.integers(0, 4))
        twice = [[*task, id] if at + 1 == where else task for at, task in enumerate(tasks)]
        wrong = misplaced(twice, [*dropped, id] if where == 0 else dropped, set(known))
        assert wrong is not None, number
        assert wrong[0] == "placed_twice"
    assert misplaced([*tasks, [UUID(int=1)]], dropped, set(known)) == ("unknown_task", ("tasks", 4, "sources", 0))


@given(TASKS, st.data())
def test_gathering_again_keeps_what_is_still_there_and_proposes_what_is_new(found, data):
    sources, known = found
    staying = [source for source in sources if data.draw(st.booleans())]
    coming = [a_source(number, data.draw(st.integers(0, 4))) for number in (50, 51)]
    still = {task.id for source in (*staying, *coming) for task in source.tasks}
    cut = data.draw(st.integers(0, len(known)))
    tasks, dropped = [known[:cut], []], known[cut:]
    left = [sources for task in tasks if (sources := kept(task, still)) is not None]
    gone = [id for id in dropped if id in still]
    new = [task["sources"] for task in proposed(coming, ())]
    assert misplaced([*left, *new], gone, still) is None
    order = [task.id for source in absorbed([*staying, *coming], ()) for task in source.tasks]
    assert unplaced([*left, *new], gone, order) == []
    assert [] in left  # the coordinator's own task stands on nothing and stays


def test_proposed_codes_pass_over_those_that_are_taken():
    source = a_source(1, 3)
    assert [task["code"] for task in proposed([source], {"NV-001", "NV-003"})] == ["NV-002", "NV-004", "NV-005"]


def test_whatever_an_agency_writes_changes_its_hash():
    plain = a_source(1, 2)
    others = [
        a_source(1, 3),
        Source(plain.plan_id, plain.agency_id, plain.agency, {"title": "y", "objectives": None}, plain.tasks),
        Source(plain.plan_id, plain.agency_id, plain.agency, plain.words, plain.tasks[::-1]),
    ]
    assert len({source.digest for source in (plain, *others)}) == 4
