"""Reading the law: answers that are the same for the life of the process, so each is made once."""

from functools import cache
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from app.law.book import law
from app.law.citing import citation
from app.law.models import Provision
from app.law.schemas import (
    DutyRead,
    ErratumRead,
    ProvisionDetail,
    ProvisionNode,
    ProvisionTree,
    RegulationList,
    RegulationRead,
    RegulationText,
)


def _carried(id: str) -> str:
    if id not in law().instruments:
        raise PydanticCustomError("unknown_regulation", "No such regulation")
    return id


RegulationId = Annotated[str, Field(max_length=64, examples=["QD26-2013"]), AfterValidator(_carried)]
"""The id of a regulation that this service carries."""


@cache
def regulations() -> RegulationList:
    """Every regulation, without its text."""
    return RegulationList(
        items=[RegulationRead.model_validate(i, from_attributes=True) for i in law().instruments.values()]
    )


@cache
def regulation(id: str) -> RegulationText:
    """One regulation with its text."""
    (shown,) = (item for item in regulations().items if item.id == id)
    return RegulationText(**dict(shown), text=law().text(id))


@cache
def tree(regulation: str) -> ProvisionTree:
    """Every provision of one regulation, each below the one it stands in."""
    roots = (p for p in law().children(None) if p.instrument == regulation)
    return ProvisionTree(items=[_node(root) for root in roots])


def found(regulation: str, q: str) -> ProvisionTree:
    """The provisions of one regulation in which the words stand, in the order of the text."""
    hits = (p for p in law().search(q) if p.instrument == regulation)
    return ProvisionTree(items=[_bare(hit) for hit in hits])


@cache
def provision(id: str) -> ProvisionDetail:
    """One provision, what is below it, what it orders, and its errata."""
    return ProvisionDetail(
        **dict(_node(law().provisions[id])),
        duties=[DutyRead.model_validate(duty, from_attributes=True) for duty in law().duties_of(id)],
        constrains=law().constraining.get(id),
        unenforced=law().unenforced.get(id),
        errata=[ErratumRead.model_validate(e, from_attributes=True) for e in law().errata if e.provision == id],
    )


def _node(provision: Provision) -> ProvisionNode:
    children = [_node(child) for child in law().children(provision.id)]
    return _bare(provision).model_copy(update={"children": children})


@cache
def _bare(provision: Provision) -> ProvisionNode:
    return ProvisionNode(
        **provision.model_dump(exclude={"instrument"}),
        regulation=provision.instrument,
        citation_vi=citation(provision.id, "vi"),
        citation_en=citation(provision.id, "en"),
        children=[],
    )
