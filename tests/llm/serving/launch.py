"""`transformers serve`, imported once and forked for each of its lives: a restart takes a second, not twenty.

Run as `python launch.py FOLDER LOG`; reads a port from each line, serves there, and prints the process id.
"""

from __future__ import annotations

import os
import signal
import sys


def main(folder: str, log: str) -> None:
    from transformers.cli.serve import Serve

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    print("ready", flush=True)
    for line in sys.stdin:
        child = os.fork()
        if child:
            print(child, flush=True)
            continue
        os.setsid()
        out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        for stream in (1, 2):
            os.dup2(out, stream)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        Serve(folder, host="127.0.0.1", port=int(line), device="cpu")
        os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
