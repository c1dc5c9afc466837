"""Readers of what other apps export, one small file a format; formats.py chooses among them."""
