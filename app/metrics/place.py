"""Where the processes of a machine count together: files that each maps into memory, summed up by whoever is asked.

The library decides at its first import whether to count so; this module must not import it.
"""

import os
import time
from pathlib import Path

import psutil

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
KEPT_SECONDS = 86_400.0
"""What an ended process has counted stays so long: a sum that falls looks like a restart of the whole service."""


def share(folder: Path) -> None:
    """Count in this folder from now on; what processes left there that are gone is cleared away."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in folder.glob("*_*.db"):
        number = file.stem.rpartition("_")[2]
        gone = number.isdigit() and not psutil.pid_exists(int(number))
        # How many connections are in use is over with the process; what it has counted is not.
        if gone and (file.name.startswith("gauge_live") or file.stat().st_mtime < time.time() - KEPT_SECONDS):
            file.unlink(missing_ok=True)
    os.environ[VARIABLE] = str(folder)
