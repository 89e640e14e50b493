"""`python -m memdsl` is the `memdsl` command."""

import sys

from memdsl.cli import main

if __name__ == "__main__":
    main()
