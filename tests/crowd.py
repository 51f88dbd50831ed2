"""A crowded machine, and whether ipcctl ls -J tells the truth about it.

crowd.py make: 4,096 segments, 200 queues of each kind and 20 sets of semaphores
crowd.py hostile DIR: objects with names that could fool a list, in /dev/shm or /dev/mqueue
crowd.py one DIR NAME: one object; a queue is as small as can be
crowd.py compare DIR: DIR/ls.json against DIR/{queues,shmems,semaphores}.json of lsipc, /dev/mqueue and /dev/shm
"""
import ctypes
import json
import os
import re
import sys

import sysv_ipc

SEGMENTS, QUEUES, SETS = 4096, 200, 20

HOSTILE = [
    b"plain", b"*", b"a*b", b"[x]", b"?", b"two words", b"new\nline", b"\x1b[31mred", b"bad\xff\xfe", b"-n", b"--help",
    b"\\n", b"back\\", b"mq:", b"#1", b"%p", b"x (deleted)", "\u00fc\u2192".encode(), "\u202egnirts".encode(), b".hidden",
    b" lead", b"trail ", b'"quoted"', b"'", b"$(id)",
]


def make_file(directory, name):
    """A POSIX object; a queue as small as can be, since a user's queues count against RLIMIT_MSGQUEUE."""
    if directory != b"/dev/mqueue":
        os.close(os.open(directory + b"/" + name, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        return
    attributes = (ctypes.c_long * 8)(0, 1, 1)
    library = ctypes.CDLL("librt.so.1", use_errno=True)
    queue = library.mq_open(b"/" + name, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600, attributes)
    if queue < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), name)
    os.close(queue)


def make():
    flags = sysv_ipc.IPC_CREX
    # The limits of the namespace may be lower than 4,096 (SHMMNI): as many as there is room for.
    made = 0
    for i in range(SEGMENTS):
        try:
            memory = sysv_ipc.SharedMemory(0x51000000 + i, flags, 0o600 + i % 8, 1 + i * 7)
        except OSError:
            break
        memory.detach()
        made += 1
    for i in range(QUEUES):
        queue = sysv_ipc.MessageQueue(0x52000000 + i, flags, 0o640)
        for _ in range(i % 3):
            queue.send(b"x" * i, type=1)
    for i in range(SETS):
        sysv_ipc.Semaphore(0x53000000 + i, flags, 0o600, i)
    for i in range(QUEUES):
        make_file(b"/dev/mqueue", f"q{i}".encode())
    print(made, "segments")


def unescape(name):
    """The bytes that a shown name stands for."""
    out = bytearray()
    at = 0
    for match in re.finditer(r"\\(x[0-9a-f]{2}|.)", name):
        out += name[at:match.start()].encode()
        code = match[1]
        out += bytes([int(code[1:], 16)]) if code[0] == "x" else {"n": b"\n", "t": b"\t", "r": b"\r"}.get(code, code.encode())
        at = match.end()
    return bytes(out + name[at:].encode())


def load(directory, name, member=None):
    with open(f"{directory}/{name}.json", encoding="utf-8") as f:
        data = json.load(f)
    return data[member] if member else data


def check(errors, what, mine, theirs):
    if mine != theirs:
        errors.append(f"{what}: ipcctl {mine!r}, system {theirs!r}")


def compare_sysv(errors, kind, mine, theirs, pairs):
    mine = {o["id"]: o for o in mine if o["kind"] == kind and o["api"] == "sysv"}
    theirs = {int(o["id"]): o for o in theirs}
    check(errors, f"ids of {kind}", sorted(mine), sorted(theirs))
    for number in mine.keys() & theirs.keys():
        o, t = mine[number], theirs[number]
        key = int(t["key"], 16)
        check(errors, f"{kind} {number} key", int(o.get("key", "0"), 16), key)
        check(errors, f"{kind} {number} object", o["object"], f"{kind}:key:0x{key:08x}" if key else f"{kind}:id:{number}")
        check(errors, f"{kind} {number} owner", o["owner"], t["owner"])
        for key_of_mine, column in pairs.items():
            check(errors, f"{kind} {number} {key_of_mine}", o[key_of_mine], int(t[column]))
        check(errors, f"{kind} {number} mode", int(o["mode"], 8) & 0o777, mode_of(t["perms"]))


def mode_of(perms):
    """lsipc shows rw-r----- or octal digits, as its version likes."""
    if perms[-1].isdigit():
        return int(perms, 8) & 0o777
    return sum(1 << (8 - i) for i, c in enumerate(perms[-9:]) if c != "-")


def compare_files(errors, kind, mine, directory, expected):
    shown = sorted(unescape(o["name"]) for o in mine if o["kind"] == kind and o["api"] == "posix")
    check(errors, f"names in {directory}", shown, sorted(b"/" + name for name in expected))
    for o in mine:
        if o["kind"] == kind and o["api"] == "posix":
            st = os.stat(os.fsencode(directory) + unescape(o["name"]))
            check(errors, o["object"] + " uid", o["uid"], st.st_uid)
            check(errors, o["object"] + " mode", int(o["mode"], 8), st.st_mode & 0o7777)
            if kind == "shm":
                check(errors, o["object"] + " size", o["size"], st.st_size)


def compare(directory):
    errors = []
    mine = load(directory, "ls")
    check(errors, "objects twice", len({o["object"] for o in mine}), len(mine))
    compare_sysv(errors, "shm", mine, load(directory, "shmems", "sharedmemory"), {"size": "size", "attaches": "nattch"})
    compare_sysv(errors, "mq", mine, load(directory, "queues", "messages"), {"used": "usedbytes", "messages": "msgs"})
    compare_sysv(errors, "sem", mine, load(directory, "semaphores", "semaphores"), {"nsems": "nsems"})
    compare_files(errors, "mq", mine, "/dev/mqueue", os.listdir(b"/dev/mqueue"))
    files = [f for f in os.listdir(b"/dev/shm") if not f.startswith(b"sem.")]
    compare_files(errors, "shm", mine, "/dev/shm", files)
    print("\n".join(errors[:20]) or f"{len(mine)} objects agree")
    return 1 if errors else 0


if sys.argv[1] == "make":
    make()
elif sys.argv[1] == "hostile":
    for hostile in HOSTILE:
        make_file(os.fsencode(sys.argv[2]), hostile)
elif sys.argv[1] == "one":
    make_file(os.fsencode(sys.argv[2]), os.fsencode(sys.argv[3]))
else:
    sys.exit(compare(sys.argv[2]))
