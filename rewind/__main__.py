"""`python -m rewind`: the same as the `rewind` command."""

import sys

if __name__ == "__main__":
    # Python has put the current folder there, whose files may have the names of modules that the
    # commands import. A program is run by an interpreter of its own, with a path of its own.
    if not sys.flags.safe_path:
        del sys.path[0]

    from rewind.cli import main

    main()
