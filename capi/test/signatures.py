"""Writes a program that uses every function of innerspace.h, with its declared type.

    python3 signatures.py capi/include/innerspace.h >every_function.c

Compiled as C and as C++ and linked against the library, it shows that the header
stands on its own in both languages and that the library has all it declares.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path


def functions(header: str) -> list[str]:
    """Return the names of the functions that a header declares."""
    code = re.sub(r"/\*.*?\*/", "", header, flags=re.DOTALL)
    return re.findall(r"\b(innerspace_\w+)\s*\(", code)


def main() -> None:
    names = functions(Path(sys.argv[1]).read_text())
    print('#include "innerspace.h"\n')
    print("int main(void) {")
    print(f"  void (*every[{len(names)}])(void) = {{")
    for name in names:
        print(f"    (void (*)(void)){name},")
    print("  };")
    print(f"  for (int i = 0; i < {len(names)}; i++)")
    print("    if (every[i] == 0) return 1;")
    print("  return innerspace_abi_version() != INNERSPACE_ABI_VERSION;\n}")


if __name__ == "__main__":
    main()
