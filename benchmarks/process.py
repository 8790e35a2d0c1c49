"""What a process takes, read from /proc."""

import os
import sys
from pathlib import Path


def cpu_s(process: int | None) -> float:
    """Processor time of a process and all its threads so far, in seconds; 0 without a process."""
    if process is None:
        return 0.0
    # the name of the program, in brackets, may hold spaces; 14th and 15th of all are the times
    numbers = Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(numbers[11]) + int(numbers[12])) / os.sysconf("SC_CLK_TCK")


def memory_mb(process: int | None) -> float:
    """Resident memory of a process in MB; 0 without a process."""
    if process is None:
        return 0.0
    lines = Path(f"/proc/{process}/status").read_text("utf-8").splitlines()
    (line,) = (line for line in lines if line.startswith("VmRSS"))
    return int(line.split()[1]) * 1024 / 1e6


def threads(process: int) -> int:
    """How many threads a process has."""
    return len(list(Path(f"/proc/{process}/task").iterdir()))


def open_files(process: int) -> int:
    """How many files, sockets and pipes a process has open."""
    return len(list(Path(f"/proc/{process}/fd").iterdir()))


def peak_mb() -> float:
    """Most memory that this process has held so far, in MB.

    Linux lets `ru_maxrss` of a new process start at its parent's size, so its own peak is read from
    /proc where there is one.
    """
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = (s for s in status.read_text("utf-8").splitlines() if s.startswith("VmHWM"))
        return int(line.split()[1]) * 1024 / 1e6
    import resource  # not on Windows

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6
