"""The first act: two systems, each a process of its own, meet through the running service."""

import subprocess
import sys
import threading
from pathlib import Path

HERE = Path(__file__).parent
LIMIT_SECONDS = 240


def main(credentials: Path) -> int:
    """Start both systems; 0 only when both played to the end."""
    if not credentials.exists():
        print(f"{credentials} is not there: start the service first, with `make run` in another terminal")
        return 1
    registered = threading.Event()
    coordinator = Player("coordinator.py", credentials, heard="registered a webhook endpoint", then=registered)
    while not registered.wait(0.1):
        if coordinator.over():
            return 1
    district = Player("district.py", credentials)
    statuses = [player.end() for player in (district, coordinator)]
    print("The first act is over: all of it happened." if statuses == [0, 0] else f"It broke off: {statuses}")
    return 0 if statuses == [0, 0] else 1


class Player:
    """One system's process; what it says is passed on, and one line of it may be waited for."""

    def __init__(self, script: str, credentials: Path, heard: str = "", then: threading.Event | None = None) -> None:
        command = [sys.executable, str(HERE / script), str(credentials)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self._ear = threading.Thread(target=self._listen, args=(heard, then))
        self._ear.start()

    def _listen(self, heard: str, then: threading.Event | None) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            print(line, end="", flush=True)
            if then is not None and heard in line:
                then.set()

    def over(self) -> bool:
        """Whether it has ended."""
        return self._process.poll() is not None

    def end(self) -> int:
        """Wait for its end; its exit status."""
        try:
            status = self._process.wait(LIMIT_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            status = 1
        self._ear.join()
        return status


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
