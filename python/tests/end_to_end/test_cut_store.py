"""Files of a store that are cut under searches are errors, whatever handlers the process has."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import faulthandler, os, sys, threading, time
from pathlib import Path

order, path = sys.argv[1], Path(sys.argv[2])
if order == "before":
    faulthandler.enable()
import innerspace as sl

class Item(sl.Schema):
    id: sl.IdField
    vector: sl.FloatList

item = Item()
space = sl.CustomSpace(item.vector, length=64)
index = sl.Index(space)
query = sl.Query(index).find(item).similar(space, sl.Param("wanted")).select_all()
source = sl.InMemorySource(item)

def app():
    return sl.InteractiveExecutor([source], [index], vector_database=sl.LocalStore(path, durability="fast")).run()

def vector(number):
    return [float((number * 7 + place * 13) % 97 - 48) for place in range(64)]

opened = app()
source.put([{"id": str(number), "vector": vector(number)} for number in range(5000)])
best = opened.query(query, wanted=vector(7)).entries[0].id
if order == "after":
    faulthandler.enable()
outcomes, done = {"right": 0, "error": 0}, threading.Event()

def search():
    while not done.is_set():
        try:
            assert opened.query(query, wanted=vector(7)).entries[0].id == best
            outcomes["right"] += 1
        except sl.InvalidInputException:
            outcomes["error"] += 1

threads = [threading.Thread(target=search) for _ in range(2)]
for thread in threads:
    thread.start()
while not outcomes["right"]:
    time.sleep(0.01)
for segment in (path / "segments").glob("*.seg"):
    os.truncate(segment, segment.stat().st_size // 3)
deadline = time.monotonic() + 60
while not outcomes["error"] and time.monotonic() < deadline:
    time.sleep(0.01)
done.set()
for thread in threads:
    thread.join()
assert outcomes["right"] and outcomes["error"], outcomes
try:
    opened.query(query, wanted=vector(7))
except sl.InvalidInputException as error:
    print(error)
"""


@pytest.mark.parametrize("order", ["never", "before", "after"])
def test_a_store_that_is_cut_under_searches(tmp_path: Path, order: str) -> None:
    """The process lives on, with Python's faulthandler or without, and no answer is wrong."""
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, order, str(tmp_path / "store")], capture_output=True, text=True, timeout=120
    )
    assert ran.returncode == 0, ran.stderr
    assert "cannot be read" in ran.stdout
    assert "repair" in ran.stdout


def test_other_bus_errors_end_the_process(tmp_path: Path) -> None:
    """A fault of other memory goes to whoever had it before."""
    program = PROGRAM[: PROGRAM.index("outcomes, done")] + (
        "import mmap\n"
        "with open(path / 'other', 'w+b') as file:\n"
        "    file.truncate(8192)\n"
        "    memory = mmap.mmap(file.fileno(), 8192)\n"
        "    os.truncate(file.name, 0)\n"
        "    memory[5000]\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program, "before", str(tmp_path / "store")], capture_output=True, text=True, timeout=120
    )
    assert ran.returncode == -signal.SIGBUS, (ran.returncode, ran.stderr[-500:])
