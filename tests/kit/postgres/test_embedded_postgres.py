"""Real servers, real signals: what happens to the embedded PostgreSQL when processes die at bad moments."""

import asyncio
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import psutil
import pytest
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from app.kit.postgres import PostgresError, binaries, cluster, embedded, place

pytestmark = pytest.mark.real

ROOT = os.geteuid() == 0
REPOSITORY = Path(__file__).parents[3]
FAST = {"fsync": "off"}
OWNER = """
import sys
from pathlib import Path
from app.kit.postgres import embedded
with embedded(Path(sys.argv[1]), options={"fsync": "off"}, away=Path(sys.argv[2])) as server:
    print(server.started_here, server.url, flush=True)
    sys.stdin.read()
"""
ASKS = """
import asyncio, asyncpg, sys
from pathlib import Path
from app.kit.postgres import embedded
async def ask(url):
    connection = await asyncpg.connect(url)
    print(await connection.fetchval("select 7"))
    await connection.close()
with embedded(Path(sys.argv[1]), away=Path(sys.argv[2])) as server:
    asyncio.run(ask(server.url))
"""


@pytest.fixture(scope="session")
def template():
    """A stopped cluster, made once: most tests are not about initdb."""
    path = new_folder()
    with embedded(path / "data", options=FAST, away=path / "away"):
        pass
    shutil.rmtree(path / "data/pg18/log")
    yield path / "data"
    shutil.rmtree(path)


@pytest.fixture
def used(folder, template):
    subprocess.run(["cp", "-a", template, folder / "data"], check=True)


def new_folder():
    """Not pytest's tmp_path: that is closed to the user that runs PostgreSQL for root."""
    path = Path(tempfile.mkdtemp(prefix="ttdn-test-", dir="/tmp"))
    path.chmod(0o755)
    return path


@pytest.fixture
def folder():
    path = new_folder()
    yield path
    shutil.rmtree(path)


@pytest.fixture
def run(folder):
    def start(data_dir=None, **more):
        return embedded(data_dir or folder / "data", away=folder / "away", **{"options": FAST} | more)

    return start


@pytest.fixture
def owner(folder):
    """Start another process that runs the server; yields (process, started_here, url)."""
    processes = []

    def start(*, wait=True):
        line = [sys.executable, "-c", OWNER, str(folder / "data"), str(folder / "away")]
        pipe = subprocess.PIPE
        process = subprocess.Popen(line, cwd=REPOSITORY, stdin=pipe, stdout=pipe, text=True, process_group=0)
        processes.append(process)
        return (process, *said(process)) if wait else process

    yield start
    for process in processes:
        process.kill()
        process.communicate()
    until(lambda: not servers(folder))
    shutil.rmtree(place.Place(18, folder / "data/pg18", folder, place.Account()).socket, ignore_errors=True)


def said(process):
    started, url = process.stdout.readline().split()
    return started == "True", url


def servers(folder):
    found = []
    for process in psutil.process_iter(["cmdline"]):
        line = process.info["cmdline"] or [""]
        if Path(line[0]).name == "postgres" and any(str(folder) in part for part in line):
            found.append(process)
    return found


def until(condition, seconds=10.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def query(url, *statements):
    async def ask():
        connection = await asyncpg.connect(url)
        try:
            for statement in statements:
                result = await connection.fetchval(statement)
        finally:
            await connection.close()
        return result

    return asyncio.run(ask())


def pid_of(server):
    return server._child.pid


def set_pid(folder, pid):
    """Put another pid into a real postmaster.pid, as after a crash and a reboot."""
    path = folder / "data/pg18/data/postmaster.pid"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([f"{pid}\n", *lines[1:]]))


def test_first_start_keeps_data_over_a_second_start(folder, run):
    with run() as server:
        assert server.started_here
        assert server.alive()
        query(server.url, "create table t (x text)", "insert into t values ('Đắk Lắk')")
        assert query(server.url, "show server_version_num").startswith("18")
        assert query(server.url, "select lower('ĐẮK')") == "đắk"  # the builtin C.UTF-8
        shown = (
            "server_encoding",
            "data_checksums",
            "timezone",
            "max_connections",
            "listen_addresses",
            "full_page_writes",
        )
        assert [query(server.url, f"show {name}") for name in shown] == ["UTF8", "on", "UTC", "200", "", "on"]
        assert query(server.url, "show idle_in_transaction_session_timeout") == "1min"
        assert make_url(server.url).password not in repr(server)
        assert make_url(server.url).password not in " ".join(psutil.Process(pid_of(server)).cmdline())
        assert next((folder / "data/pg18/log").glob("*.log")).exists()
    assert not server.alive()
    assert not servers(folder)
    with run() as server:
        assert query(server.url, "select x from t") == "Đắk Lắk"


def test_the_password_is_needed_and_only_the_caller_can_read_it(folder, run, used):
    with run() as server:
        url = make_url(server.url)
        for name, mode in (("password", 0o600), ("lock", 0o600), ("start.log", 0o600), ("data", 0o700)):
            assert stat.S_IMODE((folder / "data/pg18" / name).stat().st_mode) == mode
        assert (folder / "data/pg18/password").stat().st_uid == os.geteuid()
        assert stat.S_IMODE(Path(url.query["host"]).stat().st_mode) == 0o700
        with pytest.raises(asyncpg.InvalidPasswordError):
            query(url.set(password="wrong").render_as_string(hide_password=False), "select 1")
        assert not list((folder / "data/pg18").glob("new*"))


def test_the_url_serves_sqlalchemy(run, used):
    async def ask(url):
        engine = create_async_engine(make_url(url).set(drivername="postgresql+asyncpg"))
        async with engine.connect() as connection:
            found = await connection.scalar(text("select current_database() || current_user"))
        await engine.dispose()
        return found

    with run() as server:
        assert asyncio.run(ask(server.url)) == "ttdnttdn"


def test_version_16_starts(run):
    with run(version=16) as server:
        assert query(server.url, "show server_version_num").startswith("16")


def test_another_version_is_refused():
    with pytest.raises(PostgresError, match="choose 16 or 18"):
        binaries(17)


def test_a_setting_that_postgres_refuses_shows_its_log(run, used):
    with pytest.raises(PostgresError, match="no_such_setting"), run(options=FAST | {"no_such_setting": "1"}):
        pass


def test_a_second_process_attaches_and_leaves_the_server_running(folder, run, owner, used):
    process, started, url = owner()
    assert started
    with run() as server:
        assert not server.started_here
        assert server.url == url
        assert server.alive()
    assert query(url, "select 1") == 1
    with run() as server:
        process.communicate("")
        assert not server.alive()
        server.restart()  # the owner is gone: this process takes over
        assert server.started_here
        assert query(server.url, "select 1") == 1
    assert not servers(folder)


def test_of_several_starters_one_owns(owner, folder):
    processes = [owner(wait=False) for _ in range(4)]
    answers = [said(process) for process in processes]
    assert sorted(started for started, _ in answers) == [False, False, False, True]
    assert len({url for _, url in answers}) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="the parent-death signal is Linux's")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_the_server_ends_with_its_owner(folder, run, owner, number, used):
    process, _, url = owner()
    query(url, "create table t as select 7 as x")
    process.send_signal(number)
    process.wait()
    with run() as server:  # at once, while the old one is still shutting down
        assert server.started_here
        assert query(server.url, "select x from t") == 7
    process, _, url = owner()
    process.send_signal(number)
    process.wait()
    until(lambda: not servers(folder))
    log = next((folder / "data/pg18/log").glob("*.log")).read_text()
    assert log.count("received fast shutdown request") == 3


def test_ctrl_c_ends_the_owner_first_and_then_the_server(folder, owner, used):
    process, _, _ = owner()
    os.killpg(process.pid, signal.SIGINT)  # what a terminal does
    assert process.wait() != 0
    assert not servers(folder)


def test_a_killed_postmaster_is_noticed_and_started_again(monkeypatch, run, used):
    heard = []
    monkeypatch.setattr(cluster, "TELL_SECONDS", 0)
    with run(progress=heard.append, options={}) as server:
        query(server.url, "create table t as select 7 as x")
        os.kill(pid_of(server), signal.SIGKILL)
        until(lambda: not server.alive())
        server.restart()
        assert server.alive()
        assert query(server.url, "select x from t") == 7
    assert any("may be recovering" in message for message in heard)


def test_the_thread_that_restarts_it_may_end(run, used):
    with run() as server:
        os.kill(pid_of(server), signal.SIGKILL)
        until(lambda: not server.alive())
        thread = threading.Thread(target=server.restart)
        thread.start()
        thread.join()
        time.sleep(0.3)  # the parent-death signal of a dead thread would have arrived
        assert server.alive()
        assert query(server.url, "select 1") == 1


def test_an_interrupted_initdb_leaves_no_cluster(folder, run, owner):
    process = owner(wait=False)
    until(lambda: list((folder / "data/pg18").glob("new-*/data/PG_VERSION")))
    process.kill()
    process.wait()
    assert not (folder / "data/pg18/data").exists()
    with run() as server:
        assert query(server.url, "select 1") == 1
    assert not list((folder / "data/pg18").glob("new-*"))


@contextmanager
def crashed(run):
    """A cluster whose postmaster was killed, with its pid file."""
    with run() as server:
        os.kill(pid_of(server), signal.SIGKILL)
        until(lambda: not server.alive())
    yield


def test_a_stranger_with_the_noted_pid_is_left_alone(folder, run, used):
    with crashed(run):
        # The stranger is of PostgreSQL's own user, so PostgreSQL itself would take it for another postmaster.
        user = (folder / "data/pg18/data").stat().st_uid if ROOT else None
        stranger = subprocess.Popen(["sleep", "60"], user=user)
    set_pid(folder, stranger.pid)
    try:
        with run() as server:
            assert server.started_here
            assert query(server.url, "select 1") == 1
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


@pytest.mark.parametrize("content", [b"", b"\n", b"garbage\n", b"12"])
def test_a_torn_pid_file_is_no_obstacle(folder, run, content, used):
    with crashed(run):
        (folder / "data/pg18/data/postmaster.pid").write_bytes(content)
    with run() as server:
        assert query(server.url, "select 1") == 1


def test_an_orphan_is_stopped_before_the_next_start(monkeypatch, folder, run, used):
    monkeypatch.setattr(cluster, "ORPHAN_SECONDS", 0.5)
    with run() as server:
        line = psutil.Process(pid_of(server)).cmdline()
    place.open_socket_directory(server._place)
    owner = (folder / "data/pg18/data").stat()
    who = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []} if ROOT else {}
    orphan = subprocess.Popen(line, cwd="/", stderr=subprocess.DEVNULL, start_new_session=True, **who)
    until(lambda: cluster.postmaster(server._place) and cluster.answers(server._place))
    with run() as server:
        assert server.started_here
        assert orphan.wait() == 0
        assert query(server.url, "select 1") == 1


def test_a_long_path_has_a_short_socket(folder, run):
    with run(folder / ("d" * 100) / ("e" * 100)) as server:
        assert query(server.url, "select 1") == 1
        assert len(make_url(server.url).query["host"]) < 60


def test_the_socket_directory_is_made_again_and_never_taken_from_another(folder, run, used):
    with run() as server:
        path = Path(make_url(server.url).query["host"])
    assert not path.exists()
    path.symlink_to(folder)
    try:
        with pytest.raises(PostgresError, match="belongs to somebody else"), run():
            pass
    finally:
        path.unlink()
    with run() as server:
        assert query(server.url, "select 1") == 1


@pytest.mark.skipif(not ROOT, reason="only root needs another user")
class TestRoot:
    @pytest.fixture
    def closed(self):
        path = Path(tempfile.mkdtemp(prefix="ttdn-test-", dir=Path.home()))
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
        yield path
        shutil.rmtree(path)

    def test_a_closed_data_directory_has_its_cluster_elsewhere(self, folder, closed, run):
        with run(closed) as server:
            assert query(server.url, "create table t as select 7 as x", "select x from t") == 7
            assert psutil.Process(pid_of(server)).username() in place.ACCOUNTS
        note = closed / "pg18-location.txt"
        home = Path(note.read_text().splitlines()[0])
        assert home.is_relative_to(folder / "away")
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
        assert (home / "password").stat().st_uid == 0
        closed.chmod(0o755)  # reachable now: the data stays where it is
        with run(closed) as server:
            assert query(server.url, "select x from t") == 7
        shutil.rmtree(home)
        with pytest.raises(PostgresError, match="is gone"), run(closed):
            pass

    def test_unreachable_programs_are_copied_once(self, monkeypatch, folder, closed, run):
        wheel = place._wheel()
        for part in (wheel / "pginstall18", wheel.parent / f"{wheel.name}.libs"):
            shutil.copytree(part, closed / part.relative_to(wheel.parent), symlinks=True)
        monkeypatch.setattr(place, "_wheel", lambda: closed / wheel.name)
        with run() as server:
            assert query(server.url, "select 1") == 1
        (copy,) = (folder / "away/bin").iterdir()
        made = copy.stat().st_mtime_ns
        with run() as server:
            assert psutil.Process(pid_of(server)).cmdline()[0].startswith(str(copy))
        assert copy.stat().st_mtime_ns == made

    def test_a_plain_user_has_everything_in_place(self, folder):
        nobody = pwd.getpwnam("nobody")
        paths = [str(REPOSITORY), *(path for path in sys.path if path.endswith("site-packages"))]
        options = {
            "env": {"PYTHONPATH": os.pathsep.join(paths), "HOME": "/root", "PYTHONDONTWRITEBYTECODE": "1"},
            "user": nobody.pw_uid,
            "group": nobody.pw_gid,
            "extra_groups": [],
            "cwd": "/",
            "text": True,
            "capture_output": True,
        }
        minor = f"python{sys.version_info.major}.{sys.version_info.minor}"
        for python in (sys.executable, f"/usr/local/bin/{minor}", f"/usr/bin/{minor}"):
            try:
                if subprocess.run([python, "-c", "import asyncpg, psutil"], check=False, **options).returncode == 0:
                    break
            except OSError:
                continue
        else:
            pytest.skip("nobody can reach no Python with this environment's packages")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        line = [python, "-c", ASKS, str(folder / "data"), str(folder / "away")]
        done = subprocess.run(line, check=False, **options)
        assert done.stdout.splitlines() == ["7"], done.stderr
        assert (folder / "data/pg18/data").stat().st_uid == nobody.pw_uid
        assert not (folder / "away").exists()
        with pytest.raises(PostgresError, match="run as that user"), embedded(folder / "data"):
            pass
