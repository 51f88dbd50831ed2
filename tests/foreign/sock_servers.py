"""Servers for the tests of sock connect: sock_servers.py HOW TYPE ADDRESS [ARGUMENT...]

TYPE is a constant of the module socket, ADDRESS a Python literal. Prints "ready" when it can be connected to.
"""

import ast
import ctypes
import os
import signal
import socket
import sys
import time


def read_all(c):
    data = b""
    while piece := c.recv(1 << 20):
        data += piece
    return data


def slow(c, *rest):
    """Reads to the end of input, waits a second, and only then answers."""
    data = read_all(c)
    time.sleep(1)
    c.sendall(b"%d bytes: " % len(data) + data)


def pattern(c, *rest):
    """Answers a number with so many bytes, as sock_answers.py expects them."""
    size = int(read_all(c))
    c.sendall((b"0123456789abcde\n" * (size // 16 + 1))[:size])


def early(c, *rest):
    """Answers and goes without reading all that is sent."""
    c.recv(10)
    c.sendall(b"too much\n")


def deaf(c, *rest):
    """Says that it sends no more, and reads on."""
    c.sendall(b"go on\n")
    c.shutdown(socket.SHUT_WR)
    time.sleep(0.2)
    print(len(read_all(c)), flush=True)


def silent(c, *rest):
    """Never answers."""
    read_all(c)
    time.sleep(3600)


def asks(c, *rest):
    """Answers the first message, and tells whether the sending side was closed then."""
    c.recv(100)
    c.settimeout(0.3)
    try:
        c.sendall(b"closed\n" if c.recv(100) == b"" else b"more\n")
    except TimeoutError:
        c.sendall(b"open\n")


def messages(c, *rest):
    """Sends each message back with a mark, then an empty one, and a last one."""
    while data := c.recv(1 << 20):
        c.send(data + b"!")
    c.send(b"")
    c.send(b"last")


def datagrams(server, count):
    """Answers so many datagrams."""
    for _ in range(int(count)):
        data, sender = server.recvfrom(1 << 20)
        try:
            server.sendto(data + b"!", sender)
        except OSError:
            pass  # it did not wait for an answer
    time.sleep(3600)


def main(how, kind, address, *rest):
    address = ast.literal_eval(address)
    family = socket.AF_UNIX
    if isinstance(address, tuple):
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    server = socket.socket(family, getattr(socket, kind))
    if family != socket.AF_UNIX:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(address)
    if kind != "SOCK_DGRAM":
        server.listen(0 if how == "full" else 100)
    print("ready", flush=True)
    if how == "full":  # accepts nobody
        time.sleep(3600)
    if kind == "SOCK_DGRAM":
        return globals()[how](server, *rest)
    while True:
        c, _ = server.accept()
        if os.fork() == 0:
            server.close()
            ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
            globals()[how](c, *rest)
            os._exit(0)
        c.close()
        while True:  # those that have ended
            try:
                if os.waitpid(-1, os.WNOHANG)[0] == 0:
                    break
            except ChildProcessError:
                break


main(*sys.argv[1:])
