"""What Rewind costs beside other tools that record values: `python -m peers`, in `benchmarks/`.

`tools` and `workloads` say what is measured; `environment` makes a virtual environment for each
Python; `rounds` runs `child` in fresh processes, tool by tool; `captured` counts what each tool
wrote; `figures` and `report` make the tables.
"""
