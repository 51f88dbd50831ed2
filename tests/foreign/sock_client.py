"""Clients of a server, as a program that is not ipcctl makes them. ADDRESS is a path, @NAME, HOST:PORT or [HOST]:PORT.

sock_client.py ask ADDRESS         sends standard input, ends its side, and prints all that comes
sock_client.py push ADDRESS        the same without ending its side
sock_client.py trickle ADDRESS     a byte ten times a second, until it is killed
sock_client.py hold ADDRESS N      N connections; prints how many stay and how many were closed; waits for standard input's end
sock_client.py crowd ADDRESS N     N clients at once, each sends a line and wants it back; prints how many got it
sock_client.py answers ADDRESS N   N clients one after the other, each asks for an answer of a size from 0 to 10 MB
sock_client.py refused ADDRESS     how it is refused: "end", "reset", or what came
sock_client.py gone ADDRESS PID [reset]
                                   connects, sends and closes, or resets, while PID stands still
"""
import hashlib
import os
import random
import selectors
import signal
import socket
import struct
import sys
import time

LARGEST = 10_000_000


def connect(address):
    if address.startswith("@"):
        address = "\0" + address[1:]
    if "/" in address or address.startswith("\0"):
        s = socket.socket(socket.AF_UNIX)
        if len(address) > 107:
            address = f"/proc/self/fd/{os.open(address, os.O_PATH)}"
        s.connect(address)
        return s
    host, port = address.rsplit(":", 1)
    return socket.create_connection((host.strip("[]"), int(port)))


def read_all(s):
    parts = []
    while part := s.recv(1 << 20):
        parts.append(part)
    return b"".join(parts)


def ask(address, end=True):
    s = connect(address)
    s.sendall(sys.stdin.buffer.read())
    if end:
        s.shutdown(socket.SHUT_WR)
    sys.stdout.buffer.write(read_all(s))


def trickle(address):
    s = connect(address)
    while True:
        s.send(b"x")
        time.sleep(0.1)


def closed(s):
    try:
        return s.recv(1) == b""
    except ConnectionResetError:
        return True


def hold(address, n):
    """Those that are let in hear a byte from the server first."""
    all_of_them = [connect(address) for _ in range(n)]
    let_in = ended = 0
    for s in all_of_them:
        try:
            byte = s.recv(1)
        except ConnectionResetError:
            byte = b""
        let_in += byte != b""
        ended += byte == b""
    print(let_in, ended, flush=True)
    sys.stdin.read()


def crowd(address, n):
    ready, right = selectors.DefaultSelector(), 0
    for i in range(n):
        s = connect(address)
        s.sendall(b"client %d\n" % i)
        s.shutdown(socket.SHUT_WR)
        ready.register(s, selectors.EVENT_READ, [i, b""])
    while ready.get_map():
        for key, _ in ready.select():
            part = key.fileobj.recv(4096)
            key.data[1] += part
            if not part:
                right += key.data[1] == b"client %d\n" % key.data[0]
                ready.unregister(key.fileobj)
                key.fileobj.close()
    print(right)


def answer(size):
    """What the handler of the test, head -c SIZE of endless lines "SIZE", writes."""
    line = b"%d\n" % size
    return (line * (size // len(line) + 1))[:size]


def answers(address, n):
    random.seed(7)
    sizes = [0, 1, 4095, 4096, 4097, 65535, 65536, 65537, 212992, LARGEST]
    sizes += [int(10 ** random.uniform(0, 5)) for _ in range(n - len(sizes) - 5)]
    sizes += [random.randrange(LARGEST) for _ in range(n - len(sizes))]
    for size in sizes:
        s = connect(address)
        s.sendall(b"%d\n" % size)
        got = read_all(s)
        s.close()
        if hashlib.sha1(got).digest() != hashlib.sha1(answer(size)).digest():
            sys.exit(f"of {size} bytes {len(got)} came")
    print(len(sizes), "answers")


def refused(address):
    s = connect(address)
    try:
        print(s.recv(100).decode() or "end")
    except ConnectionResetError:
        print("reset")


def gone(address, pid, how="end"):
    os.kill(pid, signal.SIGSTOP)
    s = connect(address)
    if how == "reset":
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    s.sendall(b"from one who is gone\n")
    s.close()
    os.kill(pid, signal.SIGCONT)


what, args = sys.argv[1], sys.argv[2:]
if what == "ask":
    ask(*args)
elif what == "push":
    ask(*args, end=False)
elif what == "trickle":
    trickle(*args)
elif what == "hold":
    hold(args[0], int(args[1]))
elif what == "crowd":
    crowd(args[0], int(args[1]))
elif what == "answers":
    answers(args[0], int(args[1]))
elif what == "refused":
    refused(*args)
elif what == "gone":
    gone(args[0], int(args[1]), *args[2:])
