"""The schema's revision that this code needs, read off the migrations' names: Alembic would take each process 15 MB."""

from pathlib import Path

SCRIPTS = Path(__file__).parents[2] / "migrations"


def head() -> str:
    """The newest revision; the files are called `date_revision_what`."""
    newest = max(SCRIPTS.glob("versions/*.py"), key=lambda path: path.name)
    return newest.stem.split("_")[3]
