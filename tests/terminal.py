#!/usr/bin/python3
"""Runs a bash command on a terminal of its own, and prints what the screen shows when it has ended.

usage: terminal.py COLUMNS EXPECTED STOP COMMAND

Waits until EXPECTED (a regular expression) was written to the terminal, then makes the file STOP, by which the
command knows that it may end, and waits for that. All that was written to the terminal is in STOP.written.
Status 99 if EXPECTED did not come, else that of the command.
"""
import fcntl
import os
import pty
import re
import select
import struct
import sys
import termios
import time

LIMIT = 30  # seconds


def screen(written):
    """The lines as they are at the end: a carriage return goes back, and what follows covers what was there."""
    lines = []
    for line in written.replace(b"\r\n", b"\n").split(b"\n"):
        cells = b""
        for part in line.split(b"\r"):
            cells = part + cells[len(part):]
        lines.append(cells.rstrip())
    return b"\n".join(lines).rstrip()


def main():
    columns, expected, stop, command = int(sys.argv[1]), sys.argv[2].encode(), sys.argv[3], sys.argv[4]
    ready, go = os.pipe()
    pid, fd = pty.fork()
    if pid == 0:
        os.close(go)
        os.read(ready, 1)  # until the terminal has its size
        os.close(ready)
        os.execvp("bash", ["bash", "-c", command])
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    os.close(go)
    written, found, end = b"", False, time.monotonic() + LIMIT
    while time.monotonic() < end and select.select([fd], [], [], end - time.monotonic())[0]:
        try:
            more = os.read(fd, 65536)
        except OSError:  # nobody has the terminal any more
            break
        written += more
        if not found and re.search(expected, written):
            found = True
            open(stop, "wb").close()
    open(stop, "wb").close()
    os.close(fd)
    with open(stop + ".written", "wb") as file:
        file.write(written)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    sys.stdout.buffer.write(screen(written) + b"\n")
    if not found:
        sys.stdout.buffer.write(b"never came: " + expected + b" in " + repr(written).encode() + b"\n")
    return status if found else 99


sys.exit(main())
