"""In which mode the token starts: boot.py decides, main.py obeys.

Until boot.py has decided it is maintenance mode, so that whatever fails in there leaves a board
that can be installed again.
"""

maintenance = True

# The Keyboard of board/keyboard.py, and how it types (typing_setting.py): there if this file is.
TYPING_FILE = "/data/typing"
keyboard: object = None
typing: tuple | None = None
