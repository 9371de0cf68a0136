"""How fast the dashboard's page is, in a real Chromium: `make bench-page`.

Answers are also told by the processor's clock of those who work for them, as a machine may do other
things meanwhile.
"""
