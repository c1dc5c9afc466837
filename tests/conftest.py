"""For all tests: a Ctrl-C reaches the programs that they start, whoever started the tests.

A shell starts what it puts in the background with SIGINT ignored, and children inherit that.
"""

import signal

signal.signal(signal.SIGINT, signal.default_int_handler)
