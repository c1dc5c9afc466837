"""The hardware: the only package that touches pins, files and clocks. pico.py puts it together."""
