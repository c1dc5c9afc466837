"""Frames that both sides share, and the requests that the token answers."""
