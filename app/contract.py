"""What is committed under `openapi/`: the document and the problem catalogue, as the code has them."""

import json
from collections.abc import Mapping
from typing import Any

from cryptography.fernet import Fernet

from app.kit.problems import CATALOGUE
from app.kit.vault import Vault
from app.main import create_app
from app.openapi.shapes import unbounded
from app.openapi.texts import gaps
from app.settings import Settings


class IncompleteError(SystemExit):
    """The document does not say what it must; the message lists what is missing."""


def documents() -> Mapping[str, str]:
    """File name and text of each."""
    described = document()
    check(described)
    catalogue = [
        {"code": entry.code, "status": entry.status, "title": entry.title, "detail": entry.detail}
        for entry in CATALOGUE.values()
    ]
    return {"openapi.json": _text(described), "problems.json": _text(catalogue)}


def document() -> dict[str, Any]:
    """The OpenAPI document, as the code has it."""
    return create_app(Settings(_env_file=None), Vault(Fernet.generate_key().decode())).openapi()


def check(document: Mapping[str, object]) -> None:
    """Refuse a document with an operation that is not described, or a value that nothing bounds."""
    found = [f"app/openapi/operations.toml: {gap}" for gap in gaps(dict(document))]
    found += [f"no bound (the model, or app/openapi/bounds.toml): {place}" for place in unbounded(dict(document))]
    if found:
        raise IncompleteError("\n".join(("The OpenAPI document is not complete:", *found)))


def _text(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
