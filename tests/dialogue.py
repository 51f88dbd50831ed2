#!/usr/bin/python3
"""Talks with a program on a pseudo-terminal, step by step, and prints all that was shown there.

usage: dialogue.py [EXPECTED KEYS]... -- COMMAND...

For each pair waits until what came since the last one shows EXPECTED (a regular expression), and types KEYS (with
Python's escapes: \\x03 is Ctrl-C). KEYS "close" closes the terminal, as one that hangs up. Then waits for the end of the
command: the status is the command's, 128+N for signal N, or 99 if something did not come.
"""
import os
import pty
import re
import select
import sys
import time

LIMIT = 20  # seconds for each thing that is waited for


def read_until(fd, pattern, seen):
    end = time.monotonic() + LIMIT
    while not (pattern and re.search(pattern, seen)):
        left = end - time.monotonic()
        if left <= 0 or not select.select([fd], [], [], left)[0]:
            return seen, False
        try:
            more = os.read(fd, 65536)
        except OSError:  # nobody has the terminal any more
            return seen, not pattern
        sys.stdout.buffer.write(more.replace(b"\r", b""))
        seen += more
    return seen, True


def main():
    split = sys.argv.index("--")
    steps, command = sys.argv[1:split], sys.argv[split + 1:]
    pid, fd = pty.fork()
    if pid == 0:
        os.environ.update(TERM="dumb", COLUMNS="200", LINES="50")
        os.execvp(command[0], command)
    good, is_open = True, True
    for expected, keys in zip(steps[::2], steps[1::2]):
        seen, good = read_until(fd, expected.encode(), b"")
        if not good:
            sys.stdout.write(f"\nnever came: {expected}\n")
            break
        if keys == "close":
            os.close(fd)
            is_open = False
            break
        os.write(fd, keys.encode().decode("unicode_escape").encode())
    if good and is_open:
        good = read_until(fd, None, b"")[1]
    if is_open:
        os.close(fd)
    sys.stdout.flush()
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return 99 if not good else 128 - code if code < 0 else code


sys.exit(main())
