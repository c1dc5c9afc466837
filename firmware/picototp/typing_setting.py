"""How a token types codes, in words, for both sides: (what comes after a code, what becomes of Num
Lock, which layout letters are typed for)."""

ENDS = ("none", "enter", "tab")
NUM_LOCKS = ("keep", "ignore")  # switched on for the code, or not looked at
LAYOUTS = ("none", "qwerty", "qwertz", "azerty")
