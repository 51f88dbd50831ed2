#!/usr/bin/python3
"""Types keys into a program on a pseudo-terminal and prints what it shows, as a person would see it come.

usage: type_keys.py READY KEYS EXPECTED COMMAND...

Waits until the screen shows READY, types KEYS (with Python's escapes: \\t is the Tab key), waits until what
came after that shows EXPECTED (a regular expression), and prints it. Status 1 if that does not come.
"""
import os
import pty
import re
import select
import signal
import sys
import time

LIMIT = 20  # seconds for each thing that is waited for
ESCAPES = re.compile(rb"\x1b\[[0-9;?]*[a-zA-Z]|\x1b[=>]|\x1b\][^\x07]*\x07|\r|\x07")


def read_until(fd, pattern, seen=b""):
    end = time.monotonic() + LIMIT
    while not re.search(pattern, ESCAPES.sub(b"", seen)):
        left = end - time.monotonic()
        if left <= 0 or not select.select([fd], [], [], left)[0]:
            return seen, False
        try:
            more = os.read(fd, 65536)
        except OSError:  # the program is gone
            return seen, False
        seen += more
    return seen, True


def main():
    ready, keys, expected, command = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]
    pid, fd = pty.fork()
    if pid == 0:
        os.environ.update(TERM="dumb", COLUMNS="200", LINES="50")
        os.execvp(command[0], command)
    found = False
    shown, is_ready = read_until(fd, ready.encode())
    if is_ready:
        os.write(fd, keys.encode().decode("unicode_escape").encode())
        shown, found = read_until(fd, expected.encode())
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    sys.stdout.buffer.write(ESCAPES.sub(b"", shown) + b"\n")
    return 0 if found else 1


sys.exit(main())
