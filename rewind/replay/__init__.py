"""Replay: recorded chunks go in, the state at any event comes out.

Pure folds over what the store hands up; nothing here writes, and nothing keeps a state that
is not in the recording. `archive.Archive` is where a reader begins, `present` gives the JSON of
`docs/json.md`, so that command line, dashboard and test reports say the same thing.
"""
