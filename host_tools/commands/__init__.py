"""Options in, words out: a file for each command, and what several share. It knows all wings; no
wing knows it."""
