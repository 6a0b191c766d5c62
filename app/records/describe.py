"""The kinds of record in one document, as their declarations have them: `docs/records.md` below its first mark."""

from collections.abc import Iterable
from pathlib import Path

from app.flow.machine import Party
from app.records.kind import Kind, Step

MARK = "<!-- What follows is made by `ttdn kinds`. -->"
_HEAD = "| Kind | Rests on | Written by | Read by | Public |\n|---|---|---|---|---|"
_PARTIES = {Party.owner: "its own agency", Party.named: "an agency named"}


def described(page: str, kinds: Iterable[Kind]) -> str:
    """The page, with what stands below its mark made anew."""
    listed = list(kinds)
    head = page.partition(MARK)[0].rstrip()
    parts = [head, MARK, "## Kinds", "\n".join((_HEAD, *map(_row, listed))), "## Procedures", *map(_procedure, listed)]
    return "\n\n".join(parts) + "\n"


def check(path: Path, kinds: Iterable[Kind], *, write: bool) -> bool:
    """Whether the file says what the declarations say; with `write` it then does."""
    page = path.read_text("utf-8")
    made = described(page, kinds)
    if write and made != page:
        path.write_text(made, "utf-8")
    return made == page


def _row(kind: Kind) -> str:
    cells = (
        f"`{kind.name}`<br>{kind.title.vi}",
        _words(kind.provisions),
        _words(sorted(kind.writers)) or "every agency",
        _readers(kind),
        _states(kind.public_when) or ("restricted" if kind.sensitivity == "restricted" else "never"),
    )
    return f"| {' | '.join(cells)} |"


def _readers(kind: Kind) -> str:
    """Besides its own agency, and those who read all."""
    found = [_words(sorted(kind.readers))] if kind.readers else []
    for role, facts in kind.named.items():
        found.append(f"who is named as *{role}*" + (f" ({_states(facts.when)})" if facts.when else ""))
    if kind.shared_when:
        whom = _words(sorted(kind.shared_with)) or "every agency"
        without = f" without {_words(sorted(kind.shared_without))}" if kind.shared_without else ""
        found.append(f"{whom}{without} ({_states(kind.shared_when)})")
    return "; ".join(found) or "-"


def _procedure(kind: Kind) -> str:
    begins = f"**`{kind.name}`** begins as *{kind.initial}* (`{kind.opened.name}`"
    begins += f" → {_words(sorted(kind.opened_tells))}); " if kind.opened_tells else "); "
    begins += f"edited while {_states(kind.editable)}."
    return "\n".join((begins, "", *map(_move, kind.steps)))


def _move(one: Step) -> str:
    by = _words(sorted(one.holders)) or _PARTIES.get(one.party, "who may see it")
    to = "stays" if one.stays else f"→ *{one.target}*"
    told = f" → {_words(sorted(one.tells))}" if one.tells else ""
    return f"* `{one.name}`: {_states(one.sources)} {to}, by {by} ({one.provision}); `{one.event.name}`{told}"


def _states(states: Iterable[str]) -> str:
    return ", ".join(f"*{state}*" for state in sorted(states))


def _words(words: Iterable[str]) -> str:
    return ", ".join(map(str, words))
