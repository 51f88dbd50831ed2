"""Makes Unix sockets as servers do, and tells of everybody who disturbs them.

sockets.py [TYPE BACKLOG NAME]...: TYPE is stream, dgram or seqpacket; BACKLOG is - for one that does not
listen; NAME is a path, or @ and an abstract name, with Python's escapes. Prints "ready", and from then on a
line for each socket to which somebody connects or sends anything, which it leaves where it is.
"""
import select
import socket
import sys

TYPES = {"stream": socket.SOCK_STREAM, "dgram": socket.SOCK_DGRAM, "seqpacket": socket.SOCK_SEQPACKET}

poll = select.poll()
made = {}
arguments = iter(sys.argv[1:])
for kind, backlog, name in zip(arguments, arguments, arguments):
    name = name.encode().decode("unicode_escape")
    s = socket.socket(socket.AF_UNIX, TYPES[kind])
    s.bind("\0" + name[1:] if name.startswith("@") else name)
    if backlog != "-":
        s.listen(int(backlog))
    if backlog != "-" or kind == "dgram":
        poll.register(s, select.POLLIN)
    made[s.fileno()] = s, name
print("ready", flush=True)
while True:
    for fd, _ in poll.poll():
        print("disturbed:", ascii(made[fd][1]), flush=True)
        poll.unregister(fd)
