"""What each caller is told of by `GET /v1/changes`, and what it is told to throw away."""

from app.sync.tokens import Place, Tokens
from tests.authorisation.expected import OTHER, OWNER, READS_ALL

PATHS = {
    "plan": "/v1/plans",
    "press_event": "/v1/press-events",
    "press_invitation": "/v1/press-invitations",
    "budget_estimate": "/v1/budget-estimates",
}
DELETED = {"press_event", "budget_estimate"}
"""Of these, too, the ground has deleted a draft, known to its owner and to those who read all."""


async def changes(ground, unless, callers):
    """All that lists show, and nothing that was never theirs among what is gone."""
    for slug, principal in callers.items():
        for kind, path in PATHS.items():
            standing, gone = await _told(ground, principal, kind)
            unless(f"{slug}'s changes: {kind}", standing, await _all(ground, principal, path))
            if kind == "plan":
                unless(f"{slug}'s losses: {kind}", gone, plans_lost(ground, slug))
            else:
                unless(f"{slug}'s losses: {kind}", len(gone), int(kind in DELETED and _drafts(slug)))


def _drafts(slug):
    return slug == OWNER or slug in READS_ALL


def plans_lost(ground, slug):
    """The plans that an agency knew of and no longer does."""
    if _drafts(slug):
        return {str(ground.deleted)}
    names = {"shareable, withdrawn"} | ({"asked, no more"} if slug == OTHER else set())
    return {str(ground.shared[name]) for name in names}


async def _told(ground, principal, kind):
    """The ids of a type that stand and that are gone, for a copy that was empty but not new."""
    actor = await ground.app.state.snapshot.authenticate(principal.token, "http://test")
    token = Tokens(ground.app.state.vault, actor, [kind], [kind]).write(Place())
    standing, gone = set(), set()
    while token:
        page = (await ground.send(principal, "GET", f"/v1/changes?limit=200&types={kind}&since={token}")).json()
        for item in page["items"]:
            (gone if "removed" in item else standing).add(item["id"])
        token = page.get("next_page")
    return standing, gone


async def _all(ground, principal, path):
    found, cursor = set(), ""
    while cursor is not None:
        page = (await ground.send(principal, "GET", f"{path}?limit=200{cursor}")).json()
        found |= {item["id"] for item in page["items"]}
        cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"
    return found
