"""`python -m memdsl` is the `memdsl` command."""

from memdsl.cli import main

if __name__ == "__main__":
    main()
