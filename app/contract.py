"""What is committed under `openapi/`: the document and the problem catalogue, as the code has them."""

import json
from collections.abc import Mapping

from cryptography.fernet import Fernet

from app.kit.problems import CATALOGUE
from app.kit.vault import Vault
from app.main import create_app
from app.settings import Settings


def documents() -> Mapping[str, str]:
    """File name and text of each."""
    app = create_app(Settings(_env_file=None), Vault(Fernet.generate_key().decode()))
    catalogue = [
        {"code": entry.code, "status": entry.status, "title": entry.title, "detail": entry.detail}
        for entry in CATALOGUE.values()
    ]
    return {"openapi.json": _text(app.openapi()), "problems.json": _text(catalogue)}


def _text(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
