"""In which mode the token starts: boot.py decides, main.py obeys.

Until boot.py has decided it is maintenance mode, so that whatever fails in there leaves a board
that can be installed again.
"""

maintenance = True

# (the Keyboard of board/keyboard.py, how it types: typing_setting.py), if this file is there.
typing: tuple | None = None
TYPING_FILE = "/data/typing"
