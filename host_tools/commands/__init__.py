"""One file a command: options in, words out. It knows all wings; no wing knows it."""
