"""The dashboard: recordings shown in a browser, by Flask and Flask-SocketIO.

A process of its own that only reads: the database is all it shares with what is recorded. `server`
runs it, `app` puts it together, `guard` decides who may ask, `api` and `pages` answer, `live` tells
the pages what has changed.
"""
