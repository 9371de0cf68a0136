"""The vocabulary of a recording: sites, events, values, omissions, and how they are written.

No I/O, and nothing here imports another part of Rewind but its errors. `docs/format.md` says the
same for a stranger who wants to write a reader.
"""
