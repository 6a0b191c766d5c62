"""Every text of the corpus, in both normal forms; a part of it through the API, in a place that is stored."""

import unicodedata

import pytest

from app.flow.secrecy import is_marked
from tests import make
from tests.secrecy.corpus import PASSED, REFUSED
from tests.shape import assert_problem

FORMS = ("NFC", "NFD")


def test_the_corpus_holds_two_hundred_different_texts_of_each_kind():
    assert len(set(REFUSED.values())) >= 200
    assert len(set(PASSED.values())) >= 200
    assert not set(REFUSED.values()) & set(PASSED.values())


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_a_marked_text_is_seen(text, form):
    assert is_marked(unicodedata.normalize(form, text))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("text", PASSED.values(), ids=PASSED)
def test_a_text_without_a_marking_passes(text, form):
    assert not is_marked(unicodedata.normalize(form, text))


async def test_the_service_refuses_what_is_marked_and_takes_what_is_not(world):
    """Every fourth text, as the running text of a plan that is written again and again."""
    district = await world.as_(make.DISTRICT)
    path = f"/v1/plans/{(await district.post('/v1/plans', make.a_plan())).json()['id']}"
    for text in list(REFUSED.values())[::4]:
        answer = await district.put(path, make.a_plan(objectives=text), "*")
        await assert_problem(world.api, answer, "state-secret-refused")
    for text in [text for text in PASSED.values() if text.strip()][::4]:
        answer = await district.put(path, make.a_plan(objectives=text), "*")
        assert answer.status_code == 200, (text, answer.text)
        assert answer.json()["objectives"] == unicodedata.normalize("NFC", text.replace("\u00a0", " ")).strip()
