"""A module's tree is rewritten: probes go in, nothing else changes.

Pure: source in, code and site table out; no file, no clock, no import of the program. `rewrite`
does the tree, `compiled` turns it into code whose site numbers are set when the module loads.
"""

from rewind.transform.compiled import Transformed, bind, transform, transform_rewritten
from rewind.transform.options import Options

__all__ = ["Options", "Transformed", "bind", "transform", "transform_rewritten"]
