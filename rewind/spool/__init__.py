"""The spool: where captured records wait, in files that survive the death of their process."""
