"""What the year's money must come to, kept by hand: nothing here is read back from the service."""

from collections import Counter
from dataclasses import dataclass, field

CATEGORIES = ("programme", "facilities")
TIERS = ("requested", "appraised", "decided", "change", "spent")


@dataclass
class Line:
    """One line of one agency (or the coordinator's own), at every tier."""

    slug: str
    code: str
    category: str
    source: str
    amounts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(TIERS, 0))

    @property
    def key(self):
        return self.slug, self.code

    @property
    def current(self):
        return self.amounts["decided"] + self.amounts["change"]


class Ledger:
    """All lines, and their sums."""

    def __init__(self):
        self.lines = {}

    def ask(self, slug, lines):
        """An agency's estimate as it stands now, instead of what it asked for before."""
        self.lines = {key: line for key, line in self.lines.items() if key[0] != slug}
        for line in lines:
            found = Line(slug, line["code"], line["category"], line["funding_source"])
            found.amounts["requested"] = line["amount_vnd"]
            self.lines[found.key] = found

    def of(self, slug):
        """An agency's lines by their code."""
        return {line.code: line for line in self.lines.values() if line.slug == slug}

    def totals(self, category=None):
        """The sums of the tiers, as the service names them."""
        lines = [line for line in self.lines.values() if category in (None, line.category)]
        sums = {f"{tier}_vnd": sum(line.amounts[tier] for line in lines) for tier in TIERS}
        return sums | {"current_vnd": sum(line.current for line in lines)}

    def by_place(self):
        """What each category may get from each source: all that stands after adjustments."""
        places = Counter()
        for line in self.lines.values():
            places[line.category, line.source] += line.current
        return places
