"""Checks of a token and of this computer, as values; no terminal."""
