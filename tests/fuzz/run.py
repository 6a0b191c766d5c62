"""`make test-fuzz`: start the service, set schemathesis on it as each of the two demo systems, and judge its log.

Everything is bounded in time: FUZZ_SECONDS (200) for both systems together.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import httpx

from tests.house.test_up import ROOT, Service

FUZZ = ROOT / ".venv" / "fuzz" / "bin" / "schemathesis"
CONFIG = ROOT / "tests" / "fuzz" / "schemathesis.toml"
SYSTEMS = ("district", "coordinator")


class Unlimited(Service):
    """The service, with no limit on requests and tokens that outlive the run."""

    def environment(self):
        return super().environment() | {"TTDN_RATE_LIMIT": "0", "TTDN_TOKEN_MINUTES": "15", "TTDN_LOG_LEVEL": "info"}


def token(service, name):
    own = json.loads((service.data / "demo-credentials.json").read_text())["clients"][name]
    auth = (own["client_id"], own["client_secret"])
    answer = httpx.post(f"{service.base}/oauth/token", data={"grant_type": "client_credentials"}, auth=auth)
    return answer.raise_for_status().json()["access_token"]


def fuzz(service, name, seconds, more):
    """One run as one system; what it finds it prints, and its status says whether it found anything."""
    print(f"\nAs the {name}, for {seconds} s at most", flush=True)
    command = [FUZZ, "--config-file", CONFIG, "run", f"{service.base}/openapi.json", "--max-time", seconds]
    command += ["--header", f"Authorization: Bearer {token(service, name)}", "--no-color", *more]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    with tempfile.TemporaryDirectory() as place:  # it leaves a cache where it stands
        return subprocess.run(list(map(str, command)), cwd=place, env=environment, check=False).returncode


def main():
    """Run everything; the exit status is 0 only if nothing was found."""
    seconds = int(os.environ.get("FUZZ_SECONDS", "200")) // len(SYSTEMS)
    with tempfile.TemporaryDirectory(prefix="ttdn-fuzz-", ignore_cleanup_errors=True) as home:
        Path(home).chmod(0o755)
        service = Unlimited(Path(home) / "data").start()
        try:
            statuses = [fuzz(service, name, seconds, sys.argv[1:]) for name in SYSTEMS]
        finally:
            service.stop()
    faults = [line for line in service.lines if "request.failed" in line or "database.error" in line]
    print(*faults[:20], sep="\n")
    print(f"{len(faults)} faults in the log of {sum('route=' in line for line in service.lines)} requests")
    sys.exit(1 if any(statuses) or faults else 0)


if __name__ == "__main__":
    main()
