"""What is encrypted at rest and what is signed, under one master key."""

import hashlib
import hmac
import os
import tempfile
from contextlib import suppress
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class Vault:
    """Encrypts secrets the service must be able to read back, and signs what clients carry for it."""

    def __init__(self, master_key: str) -> None:
        try:
            self._fernet = Fernet(master_key)
        except ValueError as error:
            msg = "TTDN_MASTER_KEY must be 32 bytes in URL-safe base64 (44 characters): make one with `ttdn key`"
            raise SystemExit(msg) from error
        self._mac_key = hashlib.sha256(b"ttdn mac " + master_key.encode()).digest()
        self._root = hashlib.sha256(b"ttdn derive " + master_key.encode()).digest()

    def lock(self, secret: str) -> str:
        """Encrypt and authenticate a secret for storage."""
        return self._fernet.encrypt(secret.encode()).decode()

    def unlock(self, stored: str) -> str:
        """Read back what `lock` stored."""
        try:
            return self._fernet.decrypt(stored.encode()).decode()
        except InvalidToken as error:
            msg = "A stored secret does not open with this TTDN_MASTER_KEY: use the key it was stored with"
            raise RuntimeError(msg) from error

    def derive(self, purpose: str, length: int = 32) -> bytes:
        """Key material for one purpose: the same wherever the master key is the same."""
        return HKDF(hashes.SHA256(), length, salt=None, info=purpose.encode()).derive(self._root)

    def mac(self, purpose: str, message: bytes) -> bytes:
        """Sign a message for one purpose; 16 bytes."""
        return hmac.digest(self._mac_key, purpose.encode() + b"\0" + message, "sha256")[:16]


def master_key(configured: str | None, data_dir: Path) -> str:
    """The configured key, or the one in the data directory, made at first use (mode 0600)."""
    if configured:
        return configured
    path = data_dir / "master.key"
    if not path.exists():
        data_dir.mkdir(parents=True, exist_ok=True)
        # Complete and on disk before it has its name, and never over another process's key: what is locked with a key
        # that a power cut took is lost.
        handle, fresh = tempfile.mkstemp(prefix=".master.key.", dir=data_dir)  # mode 0600
        try:
            with os.fdopen(handle, "w") as file:
                file.write(Fernet.generate_key().decode())
                file.flush()
                os.fsync(file.fileno())
            with suppress(FileExistsError):
                os.link(fresh, path)
        finally:
            Path(fresh).unlink()
    return path.read_text().strip()
