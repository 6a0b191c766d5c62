"""The master key: made once, readable by its owner alone, and named when it is the wrong one."""

import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.fernet import Fernet

from app.kit.vault import Vault, master_key

FIRST_USE = """
import sys
from pathlib import Path
from app.kit.vault import master_key

print(master_key(None, Path(sys.argv[1])))
"""


def test_the_key_is_made_at_first_use_for_its_owner_alone(tmp_path):
    home = tmp_path / "deep" / "data"
    key = master_key(None, home)
    assert stat.S_IMODE((home / "master.key").stat().st_mode) == 0o600
    assert [path.name for path in home.iterdir()] == ["master.key"]
    assert master_key(None, home) == key
    assert Vault(key).unlock(Vault(key).lock("secret")) == "secret"


def test_threads_that_start_together_make_one_key(tmp_path):
    with ThreadPoolExecutor(16) as pool:
        keys = set(pool.map(lambda _: master_key(None, tmp_path), range(64)))
    assert len(keys) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["master.key"]


@pytest.mark.real
def test_processes_that_start_together_make_one_key(tmp_path):
    started = [
        subprocess.Popen([sys.executable, "-c", FIRST_USE, str(tmp_path)], stdout=subprocess.PIPE) for _ in range(6)
    ]
    assert len({process.communicate()[0] for process in started}) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["master.key"]


def test_a_configured_key_is_used_and_none_is_made(tmp_path):
    configured = Fernet.generate_key().decode()
    assert master_key(configured, tmp_path) == configured
    assert list(tmp_path.iterdir()) == []


CUT = pytest.param(Fernet.generate_key().decode()[:-4], id="cut")


@pytest.mark.parametrize("key", ["", "short", "x" * 44, "à" * 44, CUT, "\0" * 44])
def test_a_key_that_is_none_says_how_to_make_one(key):
    with pytest.raises(SystemExit, match="TTDN_MASTER_KEY must be 32 bytes"):
        Vault(key)


@pytest.mark.parametrize("stored", ["", "x", "gAAAA", "à"])
def test_what_was_locked_with_another_key_says_so_without_showing_it(stored):
    vault = Vault(Fernet.generate_key().decode())
    other = Vault(Fernet.generate_key().decode()).lock("c4n4ry")
    for locked in (stored, other):
        with pytest.raises(RuntimeError, match="does not open with this TTDN_MASTER_KEY") as caught:
            vault.unlock(locked)
        assert "c4n4ry" not in str(caught.value)


def test_what_is_locked_does_not_show_what_it_holds():
    vault = Vault(Fernet.generate_key().decode())
    assert "secret" not in vault.lock("secret")
    assert vault.lock("secret") != vault.lock("secret")


def test_a_signature_is_of_one_key_one_purpose_and_one_message():
    vault, other = Vault(Fernet.generate_key().decode()), Vault(Fernet.generate_key().decode())
    signed = vault.mac("cursor", b"message")
    assert signed == vault.mac("cursor", b"message")
    assert len(signed) == 16
    assert signed not in {
        vault.mac("other", b"message"),
        vault.mac("cursor", b"massage"),
        other.mac("cursor", b"message"),
    }
