"""Runs first. The button held at power-up means maintenance mode: main.py then does nothing, and
the port is MicroPython's plain REPL, for installing with mpremote."""

from picototp import mode
from picototp.board import button_is_down

mode.maintenance = button_is_down()
