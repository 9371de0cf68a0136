"""Patches and adapters, one file for each library; each is optional and says what it needs."""
