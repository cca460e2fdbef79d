"""``python -m innerspace``, and the console script ``innerspace``."""

import sys

from innerspace._cli.main import main

if __name__ == "__main__":
    sys.exit(main())
