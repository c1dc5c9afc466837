"""Libraries that only an importer needs: asked for when they are needed, and named if missing."""

import importlib
from types import ModuleType

from host_tools.errors import ToolError

EXTRA = "import"


def needed(module: str, what: str) -> ModuleType:
    """The module; ToolError, which says how to install it, if it is not there.

    `what` is the kind of export that needs it.
    """
    try:
        return importlib.import_module(module)
    except ImportError:
        package = module.partition(".")[0]
        raise ToolError(
            f"exports of this kind ({what}) need the package {package}: install PicoTOTP with its"
            f" extra, picototp[{EXTRA}]"
        ) from None
