"""Write what belongs on a token's flash into a folder, for copying it by hand.

python tools/board_folder.py build/firmware
"""

import shutil
import sys
from pathlib import Path

from host_tools.pico.board_files import collect


def main() -> None:
    """Empty the folder and fill it."""
    folder = Path(sys.argv[1])
    shutil.rmtree(folder, ignore_errors=True)
    for name, content in collect().items():
        path = folder / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


if __name__ == "__main__":
    main()
