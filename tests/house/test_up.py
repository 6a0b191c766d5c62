"""The whole service as its user meets it: one command, the demo plays, and nothing acknowledged is lost."""

import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import psutil
import pytest

pytestmark = pytest.mark.real

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "docs" / "demo" / "first_act.py"
PATIENCE = 60


class Service:
    """`ttdn up --dev` as a process, on a port and data directory of its own."""

    def __init__(self, data, user=None):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.data, self.user = Path(data), user
        self.base = f"http://127.0.0.1:{self.port}"
        self.process = None
        self.lines = []

    def environment(self):
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        return kept | {
            "TTDN_PORT": str(self.port),
            "TTDN_DATA_DIR": str(self.data),
            "PYTHONPATH": str(ROOT),
            "PYTHONDONTWRITEBYTECODE": "1",
            "HOME": str(self.data),
        }

    def command(self, *words):
        return subprocess.Popen(
            [sys.executable, "-m", "app.cli", *words],
            cwd=ROOT,
            env=self.environment(),
            user=self.user,
            group=self.user and pwd.getpwnam(self.user).pw_gid,
            extra_groups=[] if self.user else None,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def start(self):
        self.lines = []
        self.process = self.command("up", "--dev")
        threading.Thread(target=self._read, args=(self.process,), daemon=True).start()
        give_up = time.monotonic() + PATIENCE
        while not any("Ctrl-C" in line for line in self.lines):
            assert self.process.poll() is None, "".join(self.lines)
            assert time.monotonic() < give_up, "".join(self.lines)
            time.sleep(0.05)
        return self

    def _read(self, process):
        with process.stdout:
            for line in process.stdout:
                self.lines.append(line)

    def demo(self):
        return subprocess.Popen(
            [sys.executable, str(DEMO), str(self.data / "demo-credentials.json")],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def play(self):
        played = self.demo()
        said, _ = played.communicate(timeout=PATIENCE * 2)
        assert played.returncode == 0, said + "".join(self.lines[-20:])
        return said

    def stop(self, number=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(PATIENCE)

    def verify(self):
        done = self.command("audit", "verify")
        said, _ = done.communicate(timeout=PATIENCE)
        assert done.returncode == 0, said
        return said

    def plans(self):
        credentials = json.loads((self.data / "demo-credentials.json").read_text())["clients"]["coordinator"]
        form = {"grant_type": "client_credentials"}
        auth = (credentials["client_id"], credentials["client_secret"])
        token = httpx.post(f"{self.base}/oauth/token", data=form, auth=auth).json()["access_token"]
        answer = httpx.get(f"{self.base}/v1/plans", headers={"Authorization": f"Bearer {token}"})
        return {plan["id"]: plan["state"] for plan in answer.json()["items"]}


@pytest.fixture
def service(home):
    service = Service(home / "data")
    yield service
    if service.process and service.process.poll() is None:
        service.process.kill()
        service.process.wait()


def test_up_serves_the_demo_plays_twice_and_the_data_outlive_a_restart(service):
    service.start()
    assert httpx.get(f"{service.base}/livez").json() == {"status": "live"}
    assert httpx.get(f"{service.base}/readyz").json() == {"status": "ready", "database": "ok", "attention": {}}
    assert (service.data / "demo-credentials.json").stat().st_mode & 0o777 == 0o600
    assert (service.data / "master.key").stat().st_mode & 0o777 == 0o600
    service.play()
    said = service.play()
    for step in ("registered a webhook", "took back", "the signature is right", "returned it", "accepted it"):
        assert step in said
    before = service.plans()
    assert sorted(before.values()) == ["accepted", "withdrawn"]
    assert service.stop(signal.SIGINT) == 0
    service.start()
    assert service.plans() == before
    assert service.stop() == 0
    assert "events verified" in service.verify()


@pytest.mark.parametrize("victim", ["serve", "worker", "postgres"])
def test_the_demo_ends_well_when_a_process_is_killed_in_the_middle(service, victim):
    service.start()
    played = service.demo()
    said = []
    for line in played.stdout:
        said.append(line)
        if "submitted it\n" in line:
            family = psutil.Process(service.process.pid).children(recursive=True)
            killed = [
                p for p in family if (p.name() == "postgres" if victim == "postgres" else p.cmdline()[-1:] == [victim])
            ]
            assert killed
            killed[0].kill()
    played.stdout.close()
    assert played.wait(PATIENCE * 2) == 0, "".join(said) + "".join(service.lines[-30:])
    assert any("starting it again" in line for line in service.lines)
    assert list(service.plans().values()) == ["accepted"]
    assert service.stop() == 0
    assert "events verified" in service.verify()


def test_after_kill_9_of_everything_the_next_start_comes_up_by_itself_with_what_was_acknowledged(service):
    service.start()
    service.play()
    before = service.plans()
    family = psutil.Process(service.process.pid).children(recursive=True)
    service.process.kill()
    service.process.wait()
    _, alive = psutil.wait_procs(family, timeout=20)
    assert not alive, "its processes must end with it"
    service.start()
    assert service.plans() == before
    service.play()
    assert service.stop() == 0


def test_a_taken_port_is_said_and_nothing_is_started(service):
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", service.port))
        holder.listen()
        refused = service.command("up")
        said, _ = refused.communicate(timeout=PATIENCE)
    assert refused.returncode == 1
    assert f"Port {service.port} is taken" in said
    assert not service.data.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="runs as a plain user already: the tests above prove it")
def test_a_plain_user_can_run_it_too(home):
    user = "nobody"
    try:
        subprocess.run(
            [sys.executable, "-c", "import app.cli"],
            cwd="/",
            user=user,
            extra_groups=[],
            env={"PYTHONPATH": str(ROOT)},
            check=True,
        )
    except (PermissionError, subprocess.CalledProcessError):
        pytest.skip(f"{user} cannot reach {sys.executable} and {ROOT}")
    shutil.chown(home, user)
    service = Service(home / "data", user)
    try:
        service.start()
        service.play()
        assert service.stop() == 0
    finally:
        service.process.kill()
