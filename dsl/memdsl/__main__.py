"""`python -m memdsl` is the `memdsl` command."""

from memdsl.cli import program

if __name__ == "__main__":
    program()
