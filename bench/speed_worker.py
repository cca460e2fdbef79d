"""One library of bench/speed.py, in a process of its own.

usage: speed_worker.py LIBRARY ARGUMENT ...      (the libraries and their arguments: LIBRARIES of speed_peers.py)

Reads lines of JSON, [task, repeat, items]; answers each with what it took. It runs in the environment of its
library, which may have nothing else.
"""

import json
import os
import resource
import sys
import time
from pathlib import Path

from speed_peers import LIBRARIES, Tensors


def main(kind: str, *arguments: str) -> None:
    """Read tasks as lines of JSON, run them, answer what they took."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints must not get between the answers
    before = memory()
    library = LIBRARIES[kind](*arguments)
    print(json.dumps({"loaded": memory() - before}), file=answers, flush=True)
    for line in sys.stdin:
        task, repeat, items = json.loads(line)
        if isinstance(library, Tensors):
            items = library.inputs(task, repeat, items)
        machine, clock, processor = busy(), time.perf_counter(), used()
        library.run(task, repeat, items)
        seconds, cpu = time.perf_counter() - clock, used() - processor
        # /proc/stat counts hundredths of a second.
        others = max(0.0, busy() - machine - cpu - 0.02) / seconds / len(os.sched_getaffinity(0))
        answer = {"s": seconds, "cpu": cpu, "peak": peak(), "others": others}
        print(json.dumps(answer), file=answers, flush=True)


def used() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def busy() -> float:
    """Seconds of processor time that the machine has spent on anything."""
    ticks = [int(field) for field in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    return (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")  # less idle and waiting


def peak() -> float:
    """Megabytes that the process held at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def memory() -> float:
    """Megabytes that the process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


if __name__ == "__main__":
    main(*sys.argv[1:])
