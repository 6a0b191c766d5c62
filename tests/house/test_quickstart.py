"""The quickstart is true: every block of it runs, in order, in one shell, against the service it starts itself."""

import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.house.test_up import ROOT, Service

pytestmark = pytest.mark.real

PAGE = ROOT / "docs" / "quickstart.md"
PRINTED = "127.0.0.1:8000"
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LIMIT_SECONDS = 180
TOOLS = ("curl", "python3", "cat", "mktemp", "rm", "sed", "sleep", "tail")


def steps():
    """Each block of the shell with the lines that must be in what it prints."""
    found = []
    for kind, text in BLOCK.findall(PAGE.read_text()):
        if kind == "sh":
            found.append((text, []))
        else:
            assert kind == "text", f"a block is `sh` or `text`, not `{kind}`"
            assert not found[-1][1], "one block of text after each block of the shell"
            found[-1][1].extend(text.splitlines())
    return found


class Made(Service):
    """The service as the page starts it."""

    def command(self, *_words):
        (command, _), *_ = steps()
        return subprocess.Popen(
            command.split(),
            cwd=ROOT,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )


@pytest.fixture
def tools(home):
    """A directory with the programs that the page may use, and no others."""
    place = home / "bin"
    place.mkdir()
    for name in TOOLS:
        # Not a version manager's stand-in for Python, which is a script and wants more tools.
        real = Path(sys.executable).resolve() if name == "python3" else shutil.which(name)
        (place / name).symlink_to(real)
    return place


@pytest.fixture
def service(home):
    service = Made(home / ".data").start()
    family = psutil.Process(service.process.pid).children(recursive=True)
    yield service
    service.stop(signal.SIGTERM)
    _, alive = psutil.wait_procs(family, timeout=30)
    for process in alive:
        process.kill()
    assert not alive


def test_every_block_of_the_page_runs_and_prints_what_the_page_shows(service, home, tools):
    (_, shown), *rest = [(text.replace(PRINTED, service.base[7:]), expected) for text, expected in steps()]
    check("make run", "".join(service.lines), shown, service)
    outputs = [home / f"{number}.out" for number in range(len(rest))]
    script = "set -eu\n" + "".join(
        f"exec > '{output}' 2>&1\n{text}\n" for output, (text, _) in zip(outputs, rest, strict=True)
    )
    done = subprocess.run(
        ["/bin/sh", "-s"],
        input=script,
        cwd=home,  # where `.data` is
        env={"PATH": str(tools), "HOME": str(home), "LANG": "C.UTF-8", "TMPDIR": str(home)},
        text=True,
        timeout=LIMIT_SECONDS,
        check=False,
        capture_output=True,
    )
    said = [output.read_text() if output.exists() else "" for output in outputs]
    reached = max((at for at, printed in enumerate(said) if printed), default=0)
    assert done.returncode == 0, f"{rest[reached][0]}\nprinted:\n{said[reached]}{done.stderr}"
    for (text, expected), printed in zip(rest, said, strict=True):
        assert "Traceback" not in printed, printed
        check(text, printed, expected, service)
    assert not list(home.glob("tmp*")), "the page tidies up"


def check(command, printed, expected, service):
    """Each line stands in what was printed, in this order; `…` stands for anything within a line."""
    at = 0
    for line in expected:
        pattern = ".*?".join(map(re.escape, line.replace(PRINTED, service.base[7:]).split("…")))
        found = re.compile(pattern).search(printed, at)
        assert found, f"{command}\nprinted:\n{printed}\nand not (after what stands before it):\n{line}"
        at = found.end()
