"""Why a loader's modules load plain, in words for a person."""

from importlib.machinery import ExtensionFileLoader, SourcelessFileLoader

COMPILED = "it is loaded from a compiled file, not from its source"


def why_not(loader: object) -> str:
    """Return why a module of that loader is given no probes."""
    kind = type(loader)
    if kind is ExtensionFileLoader:
        return "it is an extension module: there is no Python source"
    if kind is SourcelessFileLoader:
        return COMPILED
    return f"its loader is {kind.__module__}.{kind.__qualname__}"
