"""What must hold across the data files; each check names every place where it does not."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.law.book import Law
    from app.law.models import Bearer, Duty

_OPERATIVE = {"decision_article", "clause", "closing"}


def problems(law: Law) -> list[str]:
    """Every contradiction in the data, one line each; the rest is looked at only when the texts stand."""
    return [*_texts(law)] or [*_functions(law), *_duties(law), *_coverage(law), *_errata(law)]


def operative(law: Law) -> list[str]:
    """What must be accounted for: a decision's articles, khoản, articles without khoản, closing words."""
    return [
        p.id
        for p in law.provisions.values()
        if p.kind in _OPERATIVE or (p.kind == "article" and not any(c.kind == "clause" for c in law.children(p.id)))
    ]


def printed_above(law: Law, id: str) -> str:
    """The words that speak in a provision: its own, and the headings it stands under."""
    provision = law.provisions[id]
    words = provision.printed
    while provision.parent:
        provision = law.provisions[provision.parent]
        words = f"{provision.heading or ''}\n{words}"
    return words


def _texts(law: Law) -> Iterator[str]:
    met: set[str] = set()
    for provision in law.provisions.values():
        if provision.parent and provision.parent not in met:
            yield f"{provision.id}: its parent {provision.parent} does not stand before it"
        elif provision.parent and law.provisions[provision.parent].instrument != provision.instrument:
            yield f"{provision.id}: its parent {provision.parent} belongs to another instrument"
        if not unicodedata.is_normalized("NFC", provision.printed):
            yield f"{provision.id}: its text is not in NFC"
        met.add(provision.id)
    for instrument in law.instruments.values():
        cited = (*instrument.legal_bases, *instrument.references)
        for place in (instrument.management_areas, *(r.provision for r in cited)):
            if place and place not in law.provisions:
                yield f"{instrument.id}: cites {place}, which does not exist"
        for reference in (r for r in cited if r.provision in law.provisions):
            words = law.provisions[reference.provision].printed
            if reference.title not in words or (reference.number or "") not in words:
                yield f"{instrument.id}: {reference.provision} does not print {reference.title}, {reference.number}"


def _functions(law: Law) -> Iterator[str]:
    texts = "\n".join(p.printed for p in law.provisions.values())
    for function in law.functions.values():
        if function.subset_of and function.subset_of not in law.functions:
            yield f"{function.key}: is said to be part of {function.subset_of}, which does not exist"
        for words in function.printed:
            if words not in texts:
                yield f"{function.key}: no instrument prints «{words}»"


def _duties(law: Law) -> Iterator[str]:
    for duty in law.duties.values():
        if duty.provision in law.provisions:
            yield from _duty(law, duty)
        else:
            yield f"{duty.id}: cites {duty.provision}, which does not exist"
    for provision in law.duty_bearing:
        suffixes = [duty.suffix for duty in law.duties_of(provision)]
        if suffixes not in ([None], list("abcdefgh"[: len(suffixes)])) or suffixes == ["a"]:
            yield f"{provision}: its duties are lettered {suffixes}"


def _duty(law: Law, duty: Duty) -> Iterator[str]:
    if not duty.holders:
        yield f"{duty.id}: nobody must do it"
    if duty.met_with and duty.met_with not in law.duties:
        yield f"{duty.id}: is said to be met with {duty.met_with}, which does not exist"
    areas = {i.management_areas for i in law.instruments.values()} - {None}
    for area in duty.areas:
        if area not in law.provisions or law.provisions[area].parent not in areas:
            yield f"{duty.id}: {area} is no area of state management"
    for bearer in duty.bearers:
        yield from _bearer(law, duty, bearer)
    if len({(b.function, b.part) for b in duty.bearers}) < len(duty.bearers):
        yield f"{duty.id}: names the same part of the same function twice"


def _bearer(law: Law, duty: Duty, bearer: Bearer) -> Iterator[str]:
    for key in (bearer.function, *bearer.without):
        if key not in law.functions:
            yield f"{duty.id}: names the function {key}, which does not exist"
            return
    usual = law.functions[bearer.function].printed
    words = printed_above(law, duty.provision)
    if not any(w in words for w in ((bearer.printed,) if bearer.printed else usual)):
        yield f"{duty.id}: the text does not print «{bearer.printed or usual}» for {bearer.function}"


def _coverage(law: Law) -> Iterator[str]:
    accounts = {"duty": law.duty_bearing, "constraining": law.constraining, "unenforced": law.unenforced}
    for name in ("constraining", "unenforced"):
        for place in accounts[name]:
            if place not in law.provisions:
                yield f"{name}: {place} does not exist"
    for place in operative(law):
        stands = [name for name, held in accounts.items() if place in held]
        if len(stands) != 1:
            yield f"{place}: stands in {' and '.join(stands) or 'none'} of duty, constraining, unenforced: must be one"


def _errata(law: Law) -> Iterator[str]:
    for erratum in law.errata:
        if erratum.provision not in law.provisions:
            yield f"errata: {erratum.provision} does not exist"
        elif erratum.printed not in law.provisions[erratum.provision].printed:
            yield f"errata: {erratum.provision} does not print «{erratum.printed}»"
        if erratum.printed == erratum.reading:
            yield f"errata: {erratum.provision} reads «{erratum.printed}» as it is printed"
