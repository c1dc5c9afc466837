"""In which mode the token starts: boot.py decides, main.py obeys.

Until boot.py has decided it is maintenance mode, so that whatever fails in there leaves a board
that can be installed again.
"""

maintenance = True
