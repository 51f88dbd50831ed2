"""Sends back what each client sends, until it closes its side: echo_server.py unix PATH | tcp HOST PORT

Prints a line when clients may come.
"""

import socket
import socketserver
import sys


class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        while data := self.request.recv(1 << 16):
            self.request.sendall(data)
        self.request.shutdown(socket.SHUT_WR)


class Unix(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    request_queue_size = 64


class Tcp(socketserver.ThreadingMixIn, socketserver.TCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64


if sys.argv[1] == "unix":
    server = Unix(sys.argv[2], Echo)
else:
    if ":" in sys.argv[2]:
        Tcp.address_family = socket.AF_INET6
    server = Tcp((sys.argv[2], int(sys.argv[3])), Echo)
print("ready", flush=True)
server.serve_forever()
