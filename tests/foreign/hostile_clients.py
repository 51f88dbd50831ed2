"""Clients that nobody wants: hostile_clients.py unix PATH | tcp HOST PORT, then what the server does: echo, print, program

Connects and vanishes, resets, sends descriptors, half-closes, and leaves connections that never read. Prints "stuck"
when 30 of those are there, and closes them at a line on standard input.
"""

import socket
import struct
import sys

address = sys.argv[2] if sys.argv[1] == "unix" else (sys.argv[2], int(sys.argv[3]))
# A program is started for each.
rounds = 50 if sys.argv[-1] == "program" else 500


def connect():
    s = socket.socket(socket.AF_UNIX if sys.argv[1] == "unix" else socket.AF_INET)
    s.connect(address)
    return s


def vanish(s):
    pass


def one_byte(s):
    s.send(b"x")


def reset(s):
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    s.send(b"abc")


def half_close(s):
    s.send(b"all there is")
    s.shutdown(socket.SHUT_WR)


def descriptors(s):
    if sys.argv[1] == "unix":
        for _ in range(3):
            socket.send_fds(s, [b"x"], [0, 1, 2] * 20)


def no_reading(s):
    s.setblocking(False)
    try:
        for _ in range(200):
            s.send(b"y" * 65536)
    except BlockingIOError:
        pass


for i in range(rounds):
    s = connect()
    try:
        (vanish, one_byte, reset, half_close, descriptors)[i % 5](s)
    except (BrokenPipeError, ConnectionResetError):
        pass  # it was refused, since it had gone before
    s.close()
stuck = [connect() for _ in range(30)]
for s in stuck:
    no_reading(s)
print("stuck", flush=True)
sys.stdin.readline()
