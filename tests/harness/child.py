"""A daemon that a test starts without a sandbox. It ends with the test, however that ends: a child that were left, with the
test's own output open, would keep make check waiting for ever."""

import atexit
import subprocess


def start_child(argv, log, env=None):
    """Starts it, with its output in the open file log; the Popen."""
    process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env)
    atexit.register(_end, process)
    return process


def _end(process):
    if process.poll() is None:
        process.kill()
        process.wait()
