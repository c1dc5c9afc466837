"""Starts `picototp simulate` again and again, without importing it anew each time.

Reads a JSON list of arguments from standard input, runs the command with them in a process of its
own, and prints its process id, what it prints, and, when it has ended, `ended`. Then the next line.
"""

import json
import os
import sys

from host_tools.commands.simulate import simulate

for line in sys.stdin:
    process = os.fork()
    if not process:
        os.close(0)
        print(os.getpid(), flush=True)  # not by the parent, which might print in the midst of it
        simulate.main(json.loads(line))
    os.waitpid(process, 0)
    print("ended", flush=True)
