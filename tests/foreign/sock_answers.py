"""Asks a server for many answers of all sizes, and compares each: sock_answers.py COUNT COMMAND..."""

import subprocess
import sys

TEXT = b"0123456789abcde\n" * (10_000_000 // 16 + 1)
count = int(sys.argv[1])
for i in range(count):
    size = 0 if i == 0 else 1 + int(9_999_999 * (i / (count - 1)) ** 6)
    r = subprocess.run(sys.argv[2:], input=b"%d" % size, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
    if r.returncode or r.stderr or len(r.stdout) != size or r.stdout != TEXT[:size]:
        sys.exit(f"answer {i}: {len(r.stdout)} of {size} bytes, status {r.returncode}, {r.stderr!r}")
