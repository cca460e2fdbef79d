"""Write floats.json: what Python's str makes of floats, for ids that are numbers.

Made with Python 3.11 and numpy 2.4.6; run `python make_floats.py` here to make it again.
Each entry is the number's bits in hex and its text. For float32, which Python does not have, it is
numpy's shortest digits (numpy.format_float_positional), for sizes where Python writes no exponent.
"""

import json
import pathlib
import random
import struct

import numpy as np

random.seed(7)
EDGES = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    7.5,
    0.1,
    1e15,
    9999999999999998.0,
    1e16,
    1.0000000000000002e16,
    123456789012345680.0,
    1e17,
    1e22,
    1e23,
    1e100,
    1.7976931348623157e308,
    5e-324,
    2.2250738585072014e-308,
    0.001,
    0.0001,
    0.00012,
    0.00009999,
    1e-05,
    1.5e-7,
    4503599627370496.5,
    9007199254740993.0,
    1 / 3,
    2**53,
    2**63,
    100.0,
    1234567.0,
    0.30000000000000004,
]


def doubles():
    yield from EDGES
    for _ in range(150):
        (x,) = struct.unpack(">d", random.randbytes(8))
        if np.isfinite(x):
            yield x
    for exponent in range(-8, 20):
        for _ in range(3):
            yield round(random.uniform(1, 10), random.randint(0, 16)) * 10.0**exponent


def singles():
    yield from [np.float32(x) for x in (0.0, -0.0, 1.0, 7.5, 0.1, 7.1, 16777216.0, 1e15, 0.001, 3.4, 1 / 3)]
    for exponent in range(-3, 15):
        for _ in range(3):
            yield np.float32(random.uniform(1, 10) * 10.0**exponent)


golden = {
    "float64": [[struct.pack(">d", x).hex(), str(float(x))] for x in doubles()],
    "float32": [[struct.pack(">f", x).hex(), np.format_float_positional(x, trim="0")] for x in singles()],
}
text = json.dumps(golden, separators=(",", ":")).replace("],[", "],\n[")
pathlib.Path(__file__).with_name("floats.json").write_text(text + "\n")
