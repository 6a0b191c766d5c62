"""Run on its own as `launch.py PARENT UID GID COMMAND...`: give up root, follow the parent in death, become COMMAND.

A program of its own instead of a `preexec_fn`: no Python code runs between fork and exec of a process with threads.
It imports nothing of ours and, once it has changed its user, nothing at all: that user may be unable to read Python.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(parent: int, uid: int, gid: int, command: list[str]) -> None:
    """Become `command`; `uid` -1 keeps the user."""
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None
    if uid >= 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if libc is not None:
        # After setuid: the kernel forgets the signal when the user changes. SIGINT is PostgreSQL's fast shutdown.
        libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGINT), 0, 0, 0)
        if os.getppid() != parent:  # it died before the signal was set
            sys.exit("the process that started PostgreSQL is gone")
    if command[0] == "reach":
        sys.exit(not os.access(command[1], os.R_OK | os.X_OK))
    os.execv(command[0], command)  # noqa: S606 - becoming the command is the point; the pid must stay


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])
