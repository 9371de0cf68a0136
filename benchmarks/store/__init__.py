"""How long large recordings take to be stored and to answer, beside small ones, in one run.

Called `python -m store` in this folder, or `make bench-store`. Parts: `recordings` makes them,
`questions` asks what the dashboard asks, `listing` lists many sessions, `following` measures how
long a recorded event takes to a reader; `figures` is what all of them give back.
"""
