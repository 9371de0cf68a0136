"""`python -m rewind`: the same as the `rewind` command."""

from rewind.cli import main

if __name__ == "__main__":
    main()
