"""Sends standard input, prints what comes back: echo_client.py unix PATH | tcp HOST PORT

Both at once, and the sending side is closed at the end of the input.
"""

import socket
import sys
import threading

if sys.argv[1] == "unix":
    s = socket.socket(socket.AF_UNIX)
    s.connect(sys.argv[2])
else:
    s = socket.create_connection((sys.argv[2], int(sys.argv[3])))


def send():
    while data := sys.stdin.buffer.read(1 << 16):
        s.sendall(data)
    s.shutdown(socket.SHUT_WR)


sender = threading.Thread(target=send)
sender.start()
while data := s.recv(1 << 16):
    sys.stdout.buffer.write(data)
sender.join()
