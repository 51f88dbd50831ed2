"""Answers HTTP/1.1 on standard input and output: GET /NAME says hello, POST sends the body back.

The connection stays open for further requests unless the client says otherwise.
"""

import os
import sys

requests = sys.stdin.buffer
answers = sys.stdout.buffer

while line := requests.readline():
    method, path, _ = line.decode().split()
    headers = {}
    while (line := requests.readline()) not in (b"\r\n", b""):
        name, value = line.decode().split(":", 1)
        headers[name.lower()] = value.strip()
    if headers.get("expect") == "100-continue":
        answers.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        answers.flush()
    body = requests.read(int(headers.get("content-length", 0)))
    status = "200 OK"
    if method == "GET" and path == "/missing":
        status, body = "404 Not Found", b""
    elif method == "GET":
        body = f"hello {path} from uid {os.environ.get('IPCREMOTEEUID', '?')}\n".encode()
    last = headers.get("connection") == "close"
    answers.write(b"HTTP/1.1 %s\r\nContent-Length: %d\r\n" % (status.encode(), len(body)))
    # Unsaid, the client may send its next request into a connection that is just being closed (RFC 9112, 9.6).
    answers.write(b"Connection: close\r\n\r\n" if last else b"\r\n")
    answers.write(body)
    answers.flush()
    if last:
        break
