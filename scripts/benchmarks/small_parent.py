"""Runs a command as the child of this small process, and says as one line of JSON on stdout what the child took.

Usage: python -I -S small_parent.py COMMAND [ARGUMENT ...]

The peak memory that a system reports of a process begins at that of whoever spawned it. It is told apart from this
one's some 10 MB only. What the command says goes to stderr.
"""

import json
import os
import signal
import sys
import time

command = sys.argv[1:]
spawned_at = time.monotonic()
child = os.posix_spawnp(
    command[0],
    command,
    os.environ,
    file_actions=[(os.POSIX_SPAWN_DUP2, 2, 1)],
    setsigdef=[signal.SIGPIPE, signal.SIGXFSZ],  # as subprocess does: Python ignores them
)
_, ended, usage = os.wait4(child, 0)
wall_s = time.monotonic() - spawned_at
report = {
    "status": os.waitstatus_to_exitcode(ended),
    "user_s": usage.ru_utime,
    "system_s": usage.ru_stime,
    "wall_s": wall_s,
    "maxrss": usage.ru_maxrss,
    "spawned_at": spawned_at,
}
print(json.dumps(report))
