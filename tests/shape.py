"""The one assertion of what a refusal looks like, applied to every way of failing."""

from app.kit.problems import CATALOGUE, MEDIA_TYPE

CANARY = "c4n4ry"
"""Put into hostile input; no answer may hold it."""


async def assert_problem(api, answer, code, language="vi"):
    """The answer is a problem document of this code, in this language, whose `type` explains itself; its document."""
    entry = CATALOGUE[code]
    assert answer.status_code == entry.status, answer.text
    assert answer.headers["Content-Type"] == MEDIA_TYPE
    assert answer.headers["Content-Language"] == language
    assert "Accept-Language" in answer.headers["Vary"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert CANARY not in answer.text
    assert CANARY not in str(answer.headers)
    document = answer.json()
    assert document["code"] == code
    assert document["status"] == entry.status
    assert document["title"] == entry.title[language]
    assert document["detail"]
    assert "{" not in document["detail"]
    assert document["instance"] == answer.headers["X-Request-Id"]
    assert document["type"].endswith(f"/problems/{code}")
    page = await api.get(document["type"], headers={"Accept-Language": language})
    assert page.status_code == 200
    assert page.json()["title"] == document["title"]
    for error in document.get("errors", []):
        assert error["detail"]
        assert len(error.keys() & {"pointer", "parameter", "header"}) == 1
    return document
