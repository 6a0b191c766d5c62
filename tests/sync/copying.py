"""A system that keeps a copy of what it may read."""

from tests.trail.hands import seal_here


class Copy:
    """What a system has of the service, kept by its changes alone."""

    def __init__(self, caller, world, **query):
        self.caller, self.world, self.query = caller, world, {"limit": 3, **query}
        self.token, self.has, self.told = None, {}, []

    async def pull(self):
        await seal_here(self.world.sessions)
        since, self.told = self.token, []
        while True:
            asked = self.query | ({"since": since} if since else {})
            answer = await self.caller.get("/v1/changes", params=asked)
            assert answer.status_code == 200, answer.text
            page = answer.json()
            assert ("next_page" in page) != ("sync_token" in page)
            assert len(page["items"]) <= self.query["limit"]
            for item in page["items"]:
                self.told.append((item["type"], item["id"], item.get("removed", {}).get("reason")))
                if "removed" in item:
                    assert set(item) == {"type", "id", "removed"}
                    self.has.pop(item["id"], None)
                else:
                    self.has[item["id"]] = item
            if "sync_token" in page:
                self.token = page["sync_token"]
                return self
            since = page["next_page"]

    def titles(self):
        return sorted(item["resource"]["title"] for item in self.has.values())

    def of(self, kind):
        """What it has of a type, as lists show it."""
        return {id: item["resource"] for id, item in self.has.items() if item["type"] == kind}

    async def check(self, paths):
        """What the copy has of these types is what their lists show."""
        for kind, path in paths.items():
            answer = await self.caller.get(f"{path}?limit=200")
            assert answer.status_code == 200, answer.text
            listed = {item["id"]: item for item in answer.json()["items"]}
            assert self.of(kind) == listed, (self.caller, kind)
