"""
Messages of every length, of bytes that no framing likes, as a stream.

    mq_stream.py FRAMING COUNT MAX      writes COUNT records of 0 to MAX bytes, netstring or json
    mq_stream.py --strip                JSON lines without what differs from run to run
"""

import base64
import json
import random
import sys

out = sys.stdout.buffer
if sys.argv[1] == "--strip":
    for line in sys.stdin.buffer:
        record = json.loads(line)
        data = base64.b64decode(record["data_base64"]) if "data_base64" in record else record["data"].encode()
        out.write(b"%d:%s," % (len(data), data))
    sys.exit()
framing, count, longest = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
source = random.Random(1)
pool = source.randbytes(1 << 20) + b"\n\n\0\0,\"\\" * 64
text = ("zeile\n\u00e4\u20ac\U0001f600\0\"\\," * 2000).encode()
for i in range(count):
    # Every length first, then any; long ones are rarer, so that it does not take all day.
    n = i if i <= longest else min(source.randrange(longest + 1), source.randrange(longest + 1), source.randrange(256))
    start = source.randrange(len(pool) - n)
    data = pool[start : start + n] if i % 2 else text[:n]
    if framing == "netstring":
        out.write(b"%d:%s," % (n, data))
        continue
    try:
        out.write(json.dumps({"data": data.decode()}).encode() + b"\n")
    except UnicodeDecodeError:
        out.write(json.dumps({"data_base64": base64.b64encode(data).decode()}).encode() + b"\n")
