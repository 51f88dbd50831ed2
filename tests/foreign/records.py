"""Records, written by hand for tests of framings.

records.py make DIR      netstrings.FRAMING and wire.FRAMING for each framing: the same records, all as netstrings
                         and as they lie in a stream with that framing
records.py json          JSON records of standard input, as netstrings
records.py dgram PATH N  N datagrams that arrive at a socket, as netstrings
records.py seqpacket PATH FILE
                         sends the netstrings of a file to the first client, a message each, and closes
"""

import base64
import json
import socket
import sys


def netstrings(records):
    return b"".join(b"%d:%s," % (len(r), r) for r in records)


def parse(text):
    at = 0
    while at < len(text):
        colon = text.index(b":", at)
        n = int(text[at:colon])
        yield text[colon + 1 : colon + 1 + n]
        at = colon + n + 2


def to_json(r):
    try:
        return json.dumps({"data": r.decode()}).encode() + b"\n"
    except UnicodeDecodeError:
        return json.dumps({"data_base64": base64.b64encode(r).decode()}).encode() + b"\n"


def from_json(line):
    o = json.loads(line)
    return o["data"].encode() if "data" in o else base64.b64decode(o["data_base64"], validate=True)


# What ends a record in a framing, which its records can't hold.
FRAMINGS = {
    "line": (b"\n", lambda r: r + b"\n"),
    "nul": (b"\0", lambda r: r + b"\0"),
    "netstring": (b"", lambda r: netstrings([r])),
    "json": (b"", to_json),
}
EVERY = bytes(range(256))
# At most 8 KB each, 10 of them, less than 16 KB in all: what each carrier takes, whatever its limits by default are.
RECORDS = [b"", b"plain text", EVERY, "gr\u00fc\u00df \u20ac".encode(), b"\r", b"", b'{"data": "x"}', b"3:abc,", EVERY * 33, b""]


def make(directory):
    for name, (without, encode) in FRAMINGS.items():
        records = [bytes(b for b in r if b not in without)[:8192] for r in RECORDS]
        with open(f"{directory}/netstrings.{name}", "wb") as f:
            f.write(netstrings(records))
        with open(f"{directory}/wire.{name}", "wb") as f:
            f.write(b"".join(encode(r) for r in records))


def dgram(path, count):
    s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    s.bind(path)
    sys.stdout.buffer.write(netstrings(s.recv(1 << 16) for _ in range(count)))


def seqpacket(path, file):
    s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    s.bind(path)
    s.listen()
    c, _ = s.accept()
    with open(file, "rb") as f:
        for r in parse(f.read()):
            c.send(r)
    c.close()


if sys.argv[1] == "make":
    make(sys.argv[2])
elif sys.argv[1] == "json":
    sys.stdout.buffer.write(netstrings(from_json(line) for line in sys.stdin.buffer))
elif sys.argv[1] == "dgram":
    dgram(sys.argv[2], int(sys.argv[3]))
else:
    seqpacket(sys.argv[2], sys.argv[3])
