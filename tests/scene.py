#!/usr/bin/python3
"""Makes processes and objects between them, and reads graphs of them.

    scene.py make DIR KEY     a scene below DIR; prints ROLE=PID and NAME=NUMBER lines, and "ready"
    scene.py pipeline N       N processes in a row, and a server with as many clients
    scene.py read dot|mermaid the graph on standard input, as graphviz renders it or as a strict parser of mermaid
                              reads it: a line for each node and edge, by pids and selectors

    node 123 | cat
    node mq:/jobs | POSIX message queue, 0 messages, live | box | live
    edge 123 --> pipe:ino:5
    edge 123 -.- mq:key:0x51 blocked
"""

import ctypes
import json
import mmap
import os
import re
import signal
import socket
import subprocess
import sys

# --- making ---

roles = {}


def role(name, *keep, then=signal.pause):
    """A process of its own that has only these descriptors."""
    pid = os.fork()
    if pid:
        roles[name] = pid
        return
    kept = sorted({0, 1, 2, *keep})
    for low, high in zip(kept, kept[1:] + [256]):
        os.closerange(low + 1, high)
    then()
    signal.pause()


def inode(fd):
    return os.fstat(fd).st_ino


def make_pipes():
    r1, w1 = os.pipe()
    r2, w2 = os.pipe()
    role("writer", w1)
    role("middle", r1, w2)
    role("reader", r2)
    print(f"pipe1={inode(r1)}\npipe2={inode(r2)}")
    for fd in r1, w1, r2, w2:
        os.close(fd)


def make_pair():
    a, b = socket.socketpair()
    role("left", a.fileno())
    role("right", b.fileno())
    print(f"pair1={inode(a.fileno())}\npair2={inode(b.fileno())}")


def make_server(directory):
    """The kept lists hold the sockets: what Python forgets it closes."""
    server = socket.socket(socket.AF_UNIX)
    server.bind(f"{directory}/server")
    server.listen()
    clients, accepted = [], []
    for _ in range(4):
        clients.append(socket.socket(socket.AF_UNIX))
        clients[-1].connect(f"{directory}/server")
        accepted.append(server.accept()[0])
    role("server", server.fileno(), *(s.fileno() for s in accepted[:3]))
    role("client1", clients[0].fileno())
    role("client2", clients[1].fileno(), clients[2].fileno())
    role("client3", clients[3].fileno())
    role("handler", accepted[3].fileno())
    print(f"handed1={inode(clients[3].fileno())}\nhanded2={inode(accepted[3].fileno())}")


def make_log(directory):
    log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    log.bind(f"{directory}/log")
    sender = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    sender.connect(f"{directory}/log")
    role("log", log.fileno())
    role("sender", sender.fileno())


def make_fifo(directory):
    os.mkfifo(f"{directory}/fifo", 0o600)
    both = os.open(f"{directory}/fifo", os.O_RDWR)
    r, w = os.open(f"{directory}/fifo", os.O_RDONLY), os.open(f"{directory}/fifo", os.O_WRONLY)
    role("fifo_writer", w)
    role("fifo_reader", r)
    for fd in both, r, w:
        os.close(fd)


def make_sysv(key):
    import sysv_ipc

    queue = sysv_ipc.MessageQueue(key, sysv_ipc.IPC_CREX)
    role("receiver", then=queue.receive)
    semaphore = sysv_ipc.Semaphore(key, sysv_ipc.IPC_CREX, initial_value=0)
    role("waiter", then=semaphore.acquire)
    memory = sysv_ipc.SharedMemory(key, sysv_ipc.IPC_CREX, size=8192)
    memory.detach()
    role("attacher1", then=memory.attach)
    role("attacher2", then=memory.attach)


def make_posix():
    libc = ctypes.CDLL(None, use_errno=True)
    queue = libc.mq_open(b"/scene", os.O_RDWR | os.O_CREAT, 0o600, None)
    assert queue >= 0, ctypes.get_errno()
    role("mq_receiver", queue, then=lambda: libc.mq_receive(queue, ctypes.create_string_buffer(8192), 8192, None))
    fd = os.open("/dev/shm/scene", os.O_RDWR | os.O_CREAT, 0o600)
    os.ftruncate(fd, 4096)
    maps = mmap.mmap(fd, 4096)
    role("mapper1")
    role("mapper2")
    maps.close()
    os.close(fd)
    os.close(queue)


def make(directory, key):
    os.chdir("/")
    make_pipes()
    make_pair()
    make_server(directory)
    make_log(directory)
    make_fifo(directory)
    make_sysv(int(key, 0))
    make_posix()
    for name, pid in roles.items():
        print(f"{name}={pid}")
    print("ready", flush=True)
    signal.pause()


def pipeline(count):
    """Programs whose standard input and output are pipes, and clients of one server."""
    before = os.open("/dev/null", os.O_RDONLY)
    server = socket.socket(socket.AF_UNIX)
    server.bind("\0pipeline")
    server.listen(64)
    kept = []
    for i in range(count):
        r, w = os.pipe()
        client = socket.socket(socket.AF_UNIX)
        client.connect("\0pipeline")
        kept.append(server.accept()[0])
        subprocess.Popen(["sleep", str(1000 + i)], stdin=before, stdout=w, stderr=subprocess.DEVNULL, pass_fds=[client.fileno()])
        client.close()
        os.close(w)
        os.close(before)
        before = r
    subprocess.Popen(["sleep", "2000"], stdin=before, stdout=subprocess.DEVNULL)
    os.close(before)
    print("ready", flush=True)
    signal.pause()


# --- reading ---


def name_of(lines):
    """A node is known by its pid, or by its selectors."""
    for line in lines:
        if re.fullmatch(r"pid \d+", line):
            return line[4:]
    return "".join(lines[:-1])


def show(nodes, edges):
    for node in nodes.values():
        label = [line for line in node["label"] if not re.fullmatch(r"pid \d+", line)]
        rest = [node["shape"], node["state"]] if node["state"] else []
        name = name_of(node["label"])
        print(" | ".join(["node " + name, label[-1], *rest]))
    for tail, arrow, head, label in edges:
        print("edge", name_of(nodes[tail]["label"]), arrow, name_of(nodes[head]["label"]), *([label] if label else []))


def read_dot():
    text = sys.stdin.buffer.read()
    drawing = json.loads(subprocess.run(["dot", "-Tjson"], input=text, check=True, stdout=subprocess.PIPE).stdout)
    texts = lambda item: [op["text"] for op in item.get("_ldraw_", []) if op["op"] == "T"]
    nodes, ids = {}, []
    fills = {"#e3f4e3": "live", "#f0f0f0": "idle", "#fbe1de": "stale", "#fdf4d3": "unknown", "#efe4fa": "orphan"}
    for item in drawing.get("objects", []):
        ids.append(item["name"])
        nodes[item["name"]] = dict(label=texts(item), shape=item["shape"], state=fills.get(item["fillcolor"]))
    edges = []
    for item in drawing.get("edges", []):
        line = "-.-" if item.get("style") in ("dashed", "dotted") else "--"
        arrow = ("<" if item["dir"] in ("back", "both") else "") + line
        arrow += ">" if item["dir"] in ("forward", "both") else "-" if line == "--" else ""
        edges.append((ids[item["tail"]], arrow, ids[item["head"]], " ".join(texts(item))))
    show(nodes, edges)


ID = r"[a-z]+[0-9]+"
SHAPES = [("(", ")"), ("[/", "/]"), ("[[", "]]"), (">", "]"), ("{{", "}}"), ("[(", ")]"), ("([", "])"), ("[", "]")]
# What may stand in a quoted label here: no quote, and no markup but line breaks and entities. What mermaid would make of
# Markdown, icons, links and directives must not be there at all.
LABEL = re.compile(r'(?:[^"#<>&`*_~%{}\[\]()|;\\@!$\'^?\x00-\x1f\x7f]|#[0-9]+;|<br/>)+')
FORBIDDEN = re.compile(r"(?i)fa[bklrs]?:fa-|://|www\.|(?:^|<br/>)\s*(?:[-+>]|#(?!\d+;)|\d+[.)]|\s)")


def mermaid_label(text):
    assert LABEL.fullmatch(text), f"not a label: {text!r}"
    assert not FORBIDDEN.search(text), f"markup in a label: {text!r}"
    raw = text.replace("#", "&#")
    out = []
    for line in raw.split("<br/>"):
        # Entities are bytes: the label is UTF-8, and only ASCII is written so.
        out.append(re.sub(r"&#(\d+);", lambda m: chr(int(m[1])) if 32 <= int(m[1]) < 127 else 1 / 0, line))
    return out


def read_mermaid():
    lines = sys.stdin.buffer.read().decode("utf-8", "strict").split("\n")
    assert lines.pop() == "", "no newline at the end"
    assert lines[0] == "flowchart LR", lines[0]
    nodes, edges, defined = {}, [], set()
    for line in lines[1:]:
        assert line.startswith("\t"), line
        line = line[1:]
        if m := re.fullmatch(rf'({ID})(\W{{1,2}})"(.*)"(\W{{1,2}})', line):
            assert (m[2], m[4]) in SHAPES, line
            assert m[1] not in nodes, line
            nodes[m[1]] = dict(label=mermaid_label(m[3]), shape=m[2] + m[4], state=None)
        elif m := re.fullmatch(rf"({ID}) (<?(?:--[->]|-\.-(?:>|)))(?:\|([a-z0-9 ]+)\|)? ({ID})", line):
            assert m[1] in nodes and m[4] in nodes, line
            edges.append((m[1], m[2], m[4], m[3] or ""))
        elif m := re.fullmatch(rf"class ({ID}(?:,{ID})*) ([a-z]+)", line):
            for node in m[1].split(","):
                assert nodes[node]["state"] is None, line
                nodes[node]["state"] = m[2]
        elif m := re.fullmatch(r"classDef ([a-z]+) (?:[a-z-]+:[#a-z0-9 ]+,?)+", line):
            assert m[1] not in defined, line
            defined.add(m[1])
        elif m := re.fullmatch(r"linkStyle (\d+(?:,\d+)*) stroke:#[0-9a-f]{6}", line):
            assert all(int(n) < len(edges) for n in m[1].split(",")), line
        else:
            raise SystemExit(f"no mermaid: {line!r}")
    assert {n["state"] for n in nodes.values()} - {None} == defined, "classes"
    show(nodes, edges)


def main():
    action, *rest = sys.argv[1:]
    if action == "make":
        make(*rest)
    elif action == "pipeline":
        pipeline(int(rest[0]))
    elif rest == ["dot"]:
        read_dot()
    else:
        read_mermaid()


main()
