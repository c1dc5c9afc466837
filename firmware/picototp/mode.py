"""In which mode the token starts: boot.py decides, main.py obeys."""

maintenance = False
