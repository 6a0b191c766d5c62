"""The runbook speaks of the metrics that there are, and of every one."""

import re
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

TEXT = (Path(__file__).parents[2] / "docs" / "runbook.md").read_text("utf-8")


async def test_the_runbook_names_every_metric_and_no_other(api):
    await api.get("/livez")
    shown = (await api.get("/metrics")).text
    families = {family.name for family in text_string_to_metric_families(shown) if family.name.startswith("ttdn_")}
    named = {name.removesuffix("_total") for name in re.findall(r"\b(ttdn_[a-z0-9_]+)", TEXT)}
    assert named == families


def test_every_alarm_leads_to_a_page():
    headings = {
        re.sub(r"[^a-z0-9 ]", "", h.lower()).replace(" ", "-") for h in re.findall(r"^## (.+)$", TEXT, re.MULTILINE)
    }
    assert set(re.findall(r"\]\(#([a-z-]+)\)", TEXT)) <= headings
