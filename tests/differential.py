#!/usr/bin/python3
"""A busy machine, and whether ipcctl and other tools say the same of it.

    differential.py busy DIR    dozens of processes with hundreds of descriptors; prints "ready"
    differential.py compare TOPIC DIR
                                runs ipcctl and the tools of the topic; prints each fact on which they differ, and
                                at the end how many facts of which name were compared

Where another tool is known to be wrong, the reason stands beside the exception.
"""

import collections
import ctypes
import datetime
import json
import mmap
import os
import random
import re
import resource
import signal
import socket
import subprocess
import sys

WORKERS = 30
NAMES = ["plain", "two words", "a(b)", 'quo"te', "x (deleted)", "com,ma", "[1]", "ümläut", "dollar$x", "-dash", "semi;colon"]
# ss prints these as they are, so that it has no lines any more; of files lsof and lsfd escape them.
HOSTILE = NAMES + ["new\nline", "tab\t", "\x1b[31m", "bad\udcff\udcfe", "back\\slash", "end\\", "*", "?", "del\x7f", "\u202e"]

# --- the machine ---


class Worker:
    def __init__(self):
        self.keep, self.todo = [], []

    def run(self):
        fds = sorted({0, 1, 2, *(o if isinstance(o, int) else o.fileno() for o in self.keep)})
        for low, high in zip(fds, fds[1:] + [4096]):
            os.closerange(low + 1, high)
        self.held = [do() for do in self.todo]
        for fd in fds[3:]:
            if random.random() < 0.5:
                os.dup(fd)
        for _ in range(10):
            os.open("/dev/null", os.O_RDONLY)


class Busy:
    def __init__(self, directory):
        self.directory = directory
        self.workers = [Worker() for _ in range(WORKERS)]
        self.open = []

    def give(self, thing, most=2):
        for worker in random.sample(self.workers, random.randint(1, most)):
            worker.keep.append(thing)
        self.open.append(thing)

    def some(self, least, most):
        return random.sample(self.workers, random.randint(least, most))

    def pipes(self):
        for _ in range(60):
            r, w = os.pipe()
            self.give(r, 3)
            self.give(w, 3)
            os.write(w, b"x" * random.randint(0, 100))

    def fifos(self):
        for i, name in enumerate(HOSTILE):
            path = f"{self.directory}/fifo {name}"
            os.mkfifo(path, 0o600 + i)
            both = os.open(path, os.O_RDWR)
            self.give(os.open(path, os.O_RDONLY | os.O_NONBLOCK), 3)
            self.give(os.open(path, os.O_WRONLY), 3)
            if i % 3:
                os.close(both)
            else:
                self.give(both, 1)

    def pairs(self):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET) * 12:
            a, b = socket.socketpair(socket.AF_UNIX, kind)
            for end in a, b:
                end.send(b"y" * random.randint(1, 500))
                self.give(end, 2)

    def servers(self):
        for i, name in enumerate(NAMES * 2):
            kind = socket.SOCK_SEQPACKET if i % 4 == 3 else socket.SOCK_STREAM
            server = socket.socket(socket.AF_UNIX, kind)
            address = f"{self.directory}/server {name}" if i < len(NAMES) else f"\0server {name}"
            server.bind(address)
            server.listen(random.randint(1, 100))
            self.give(server, 3)
            for k in range(random.randint(0, 4)):
                client = socket.socket(socket.AF_UNIX, kind)
                client.setblocking(False)
                try:
                    client.connect(address)
                except BlockingIOError:
                    break
                client.send(b"z" * 7)
                self.give(client)
                if k != 1:
                    self.give(server.accept()[0])

    def datagrams(self):
        for name in NAMES:
            log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            log.bind(f"{self.directory}/log {name}")
            self.give(log)
            sender = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            sender.connect(f"{self.directory}/log {name}")
            sender.send(b"message")
            self.give(sender)

    def posix_queues(self):
        attributes = (ctypes.c_long * 8)(0, 3, 64)
        libc = ctypes.CDLL(None, use_errno=True)
        for i, name in enumerate(HOSTILE):
            os.umask(0)
            queue = libc.mq_open(b"/queue " + os.fsencode(name), os.O_RDWR | os.O_CREAT, 0o600 + i, attributes)
            assert queue >= 0, os.strerror(ctypes.get_errno())
            for _ in range(i % 4):
                assert libc.mq_send(queue, b"a message", 9, 0) == 0
            if i % 5:
                self.give(queue, 3)
            else:
                os.close(queue)

    def posix_segments(self):
        for i, name in enumerate(HOSTILE * 2):
            fd = os.open(f"/dev/shm/segment {i} {name}", os.O_RDWR | os.O_CREAT, 0o600 + i)
            size = random.randint(1, 9) * 1000
            os.posix_fallocate(fd, 0, size) if i % 2 else os.ftruncate(fd, size)
            for worker in self.some(0, 3):
                worker.keep.append(fd)
            for worker in self.some(0, 2):
                worker.todo.append(lambda fd=fd, size=size: mmap.mmap(fd, size))
                worker.keep.append(fd)
            self.open.append(fd)

    def sysv(self):
        import sysv_ipc

        flags = sysv_ipc.IPC_CREX
        for i in range(16):
            key = None if i % 4 == 0 else 0x0D1F0000 + i
            queue = sysv_ipc.MessageQueue(key, flags, mode=0o600 + i)
            for _ in range(i % 5):
                queue.send(b"m" * random.randint(1, 90), type=1 + i)
            if i % 3 == 2 and i % 5:
                queue.receive()
            semaphores = sysv_ipc.Semaphore(key, flags, mode=0o600 + i, initial_value=random.randint(0, 9))
            if i % 2:
                semaphores.release()
            memory = sysv_ipc.SharedMemory(key, flags, mode=0o600 + i, size=random.randint(1, 9) * 3000)
            memory.detach()
            attachers = self.some(0, 4)
            for worker in attachers:
                worker.todo.append(memory.attach)
            if i % 8 == 5:
                # Removed as soon as all have it, and still there.
                attachers or self.workers[0].todo.append(memory.attach)
                self.removed = getattr(self, "removed", []) + [memory]
        libc = ctypes.CDLL(None, use_errno=True)
        for i in range(5):
            number = libc.semget(0x0D1F0100 + i, 2 + i, 0o1640)
            assert number >= 0
            for k in range(2 + i):
                assert libc.semctl(number, k, 16, random.randint(0, 32767)) == 0  # SETVAL

    def start(self):
        random.seed(1)
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
        for make in (self.pipes, self.fifos, self.pairs, self.servers, self.datagrams, self.posix_queues,
                     self.posix_segments, self.sysv):
            make()
        r, w = os.pipe()
        for i, worker in enumerate(self.workers):
            if os.fork() == 0:
                worker.keep.append(w)
                worker.run()
                os.write(w, b".")
                os.close(w)
                signal.pause()
        os.close(w)
        for thing in self.open:
            os.close(thing) if isinstance(thing, int) else thing.close()
        count = 0
        while count < WORKERS:
            count += len(os.read(r, WORKERS))
        for memory in self.removed:
            memory.remove()
        print("ready", flush=True)
        signal.pause()


# --- comparing ---


def output(*command, may_fail=False):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode != 0 and not may_fail:
        raise SystemExit(f"{command}: status {done.returncode}: {done.stderr.decode()}")
    return done.stdout.decode(errors="surrogateescape")


def ipcctl(*arguments):
    return {o["object"]: o for o in json.loads(output("ipcctl", *arguments))}


class Comparison:
    def __init__(self, directory):
        self.directory, self.counts, self.differences = directory, collections.Counter(), 0
        self.own = self.processes()

    def processes(self):
        """The processes of this private world: others come and go meanwhile."""
        ours = os.readlink("/proc/self/ns/net")
        found = set()
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                if os.readlink(f"/proc/{pid}/ns/net") == ours and int(pid) != os.getpid():
                    found.add(int(pid))
            except OSError:
                pass
        return found

    def fact(self, name, what, mine, theirs):
        self.counts[name] += 1
        if mine != theirs:
            self.differences += 1
            print(f"{what}: {name}: ipcctl {mine!r}, the other {theirs!r}")

    def same_objects(self, mine, theirs):
        self.fact("objects", "the list", sorted(mine), sorted(theirs))
        return sorted(set(mine) & set(theirs))

    def pids(self, o, *how):
        """Of the holders in this world, those that have it in one of these ways."""
        if o.get("holders") is None:
            return None
        return {h["pid"] for h in o["holders"] if (not how or h["how"] in how) and h["pid"] in self.own}


def moment(text):
    """To the second: System V keeps no more."""
    return text and int(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp())


def pid_or_none(text):
    return int(text) or None


def permissions(text):
    """rw-r----- as 0640."""
    bits = "".join("0" if c == "-" else "1" for c in text)
    return f"{int(bits, 2):04o}"


def sysv(class_):
    return {o["id"]: o for o in ipcctl("ls", "-J", class_).values() if o["api"] == "sysv"}


def last(*times):
    return max(filter(None, map(moment, times)), default=None)


def compare_common(c, what, o, row):
    key = None if row["key"] == "0x00000000" else row["key"]
    c.fact("key", what, o.get("key"), key)
    c.fact("object", what, o["object"].split(":", 1)[1], f"key:{key}" if key else f"id:{row['id']}")
    c.fact("owner", what, o["owner"], row["user"])
    c.fact("uid", what, o["uid"], int(row["uid"]))
    c.fact("group", what, o["group"], row["group"])
    c.fact("gid", what, o["gid"], int(row["gid"]))
    c.fact("mode", what, o["mode"], permissions(row["perms"]))
    c.fact("modified", what, moment(o["modified"]), moment(row["ctime"]))


COMMON = "ID,KEY,PERMS,UID,USER,GID,GROUP,CTIME"


def lsipc(option, columns):
    # Without -P: with it lsipc 2.38 prints no permissions of queues at all.
    text = output("lsipc", option, "-J", "-b", "--notruncate", "--time-format", "iso", "-o", f"{COMMON},{columns}")
    (rows,) = json.loads(text).values()
    return {int(row["id"]): row for row in rows}


def compare_lsipc_queues(c):
    mine, theirs = sysv("mq"), lsipc("-q", "USEDBYTES,MSGS,SEND,RECV,LSPID,LRPID")
    for number in c.same_objects(mine, theirs):
        o, row, what = mine[number], theirs[number], f"mq:id:{number}"
        compare_common(c, what, o, row)
        c.fact("used", what, o["used"], int(row["usedbytes"]))
        c.fact("messages", what, o["messages"], int(row["msgs"]))
        c.fact("last_used", what, moment(o.get("last_used")), last(row["send"], row["recv"]))
        c.fact("last_send_pid", what, o.get("last_send_pid"), pid_or_none(row["lspid"]))
        c.fact("last_recv_pid", what, o.get("last_recv_pid"), pid_or_none(row["lrpid"]))


def compare_lsipc_segments(c):
    mine, theirs = sysv("shm"), lsipc("-m", "SIZE,NATTCH,STATUS,ATTACH,DETACH,CPID,LPID")
    for number in c.same_objects(mine, theirs):
        o, row, what = mine[number], theirs[number], f"shm:id:{number}"
        compare_common(c, what, o, row)
        c.fact("size", what, o["size"], int(row["size"]))
        c.fact("attaches", what, o["attaches"], int(row["nattch"]))
        if int(row["nattch"]):
            c.fact("state", what, o["state"], "orphan" if row["status"] == "dest" else "live")
        c.fact("last_used", what, moment(o.get("last_used")), last(row["attach"], row["detach"]))
        c.fact("creator_pid", what, o.get("creator_pid"), pid_or_none(row["cpid"]))
        c.fact("last_pid", what, o.get("last_pid"), pid_or_none(row["lpid"]))


def compare_lsipc_semaphores(c):
    mine, theirs = sysv("sem"), lsipc("-s", "NSEMS,OTIME")
    for number in c.same_objects(mine, theirs):
        o, row, what = mine[number], theirs[number], f"sem:id:{number}"
        compare_common(c, what, o, row)
        c.fact("nsems", what, o["nsems"], int(row["nsems"]))
        c.fact("last_used", what, moment(o.get("last_used")), moment(row["otime"]))


def ipcs(*options):
    """The rows of a table of ipcs, whose columns never hold a space but in times."""
    for line in output("ipcs", *options).split("\n"):
        words = re.split(r"\s{2,}|\s(?=\S+$)" if "-t" in options else r"\s+", line.strip())
        if len(words) > 3 and re.fullmatch(r"(0x)?[0-9a-f]+", words[0]):
            yield words


def short_time(text):
    return time_text(text) if text else "Not set"


def time_text(text):
    return datetime.datetime.fromtimestamp(moment(text)).strftime("%b %e %H:%M:%S")


def compare_ipcs(c):
    queues, segments, sets = sysv("mq"), sysv("shm"), sysv("sem")
    seen = collections.Counter()
    for key, number, owner, mode, used, messages in ipcs("-q"):
        o, what = queues[int(number)], f"mq:id:{number}"
        c.fact("key", what, o.get("key", "0x00000000"), key)
        c.fact("owner", what, o["owner"], owner)
        c.fact("mode", what, o["mode"], mode.zfill(4))
        c.fact("used", what, o["used"], int(used))
        c.fact("messages", what, o["messages"], int(messages))
        seen["mq"] += 1
    for number, _, sender, receiver in ipcs("-q", "-p"):
        o, what = queues[int(number)], f"mq:id:{number}"
        c.fact("last_send_pid", what, o.get("last_send_pid"), pid_or_none(sender))
        c.fact("last_recv_pid", what, o.get("last_recv_pid"), pid_or_none(receiver))
    for key, number, owner, mode, size, attaches, *status in ipcs("-m"):
        o, what = segments[int(number)], f"shm:id:{number}"
        c.fact("key", what, o.get("key", "0x00000000"), key)
        c.fact("owner", what, o["owner"], owner)
        c.fact("mode", what, o["mode"], mode.zfill(4))
        c.fact("size", what, o["size"], int(size))
        c.fact("attaches", what, o["attaches"], int(attaches))
        c.fact("removed", what, o["state"] == "orphan", "dest" in status)
        seen["shm"] += 1
    for number, _, creator, user in ipcs("-m", "-p"):
        o, what = segments[int(number)], f"shm:id:{number}"
        c.fact("creator_pid", what, o.get("creator_pid"), pid_or_none(creator))
        c.fact("last_pid", what, o.get("last_pid"), pid_or_none(user))
    for key, number, owner, mode, count in ipcs("-s"):
        o, what = sets[int(number)], f"sem:id:{number}"
        c.fact("key", what, o.get("key", "0x00000000"), key)
        c.fact("owner", what, o["owner"], owner)
        c.fact("mode", what, o["mode"], mode.zfill(4))
        c.fact("nsems", what, o["nsems"], int(count))
        seen["sem"] += 1
    for class_, objects in ("mq", queues), ("shm", segments), ("sem", sets):
        c.fact("objects", class_, len(objects), seen[class_])


def compare_values(c):
    for number, o in sysv("sem").items():
        text = output("ipcs", "-s", "-i", str(number))
        rows = [list(map(int, line.split())) for line in text.split("\n") if re.fullmatch(r"(\d+\s+){4}\d+\s*", line)]
        what = f"sem:id:{number}"
        c.fact("values", what, o.get("values", [o.get("value")]), [row[1] for row in rows])
        c.fact("waiters", what, o["waiters"], sum(row[2] + row[3] for row in rows))
        c.fact("last_pid", what, o.get("last_pid"), rows[0][4] or None)


Descriptor = collections.namedtuple("Descriptor", "pid how type ino name access peer")


def lsof(c, *options):
    """What lsof says of descriptors and mappings of this world's processes; with +E of the other ends too."""
    text = output("lsof", "-n", "-P", "-w", *options, "-p", ",".join(map(str, sorted(c.own))), "-F0pfatinT", may_fail=True)
    pid = None
    for line in text.split("\n"):
        fields = {part[0]: part[1:] for part in line.split("\0") if part}
        if "p" in fields:
            pid = int(fields["p"])
        elif "f" in fields:
            # Of a listener lsof names a client that waits, and of a bound datagram socket one that sends to it: the
            # kernel knows no such peers, and a socket like that may have several.
            peer = not re.match(r"[/@].* type=DGRAM ", fields.get("n", "")) and fields.get("T") == "ST=CONNECTED" and re.search(r"->INO=(\d+) ", fields["n"])
            name = unescape(fields.get("n", "").replace("^[", "\\x1b"))
            yield Descriptor(pid, fields["f"], fields.get("t"), int(fields.get("i") or 0), name,
                             fields.get("a", ""), int(peer[1]) if peer else None)


def lsfd(c):
    text = output("lsfd", "-J", "-o", "PID,ASSOC,TYPE,INODE,NAME,MODE", "-p", ",".join(map(str, sorted(c.own))))
    for row in json.loads(text)["lsfd"]:
        access = {"r--": "r", "-w-": "w", "rw-": "u"}.get(row["mode"], "")
        yield Descriptor(int(row["pid"]), row["assoc"], row["type"], int(row["inode"] or 0), row["name"], access, None)


ACCESS = {"r": {"read", "read+write"}, "w": {"write", "read+write"}}


def ends(descriptors, side):
    """Object to the processes that have that side of it."""
    found = collections.defaultdict(set)
    for key, d in descriptors:
        if d.access in (side, "u"):
            found[key].add(d.pid)
    return found


def compare_pipes(c, descriptors):
    pairs = [(d.ino, d) for d in descriptors if d.type == "FIFO" and (d.name == "pipe" or d.name.startswith("pipe:["))]
    mine = {int(name.rsplit(":", 1)[1]): o for name, o in ipcctl("ls", "-J", "pipe").items()}
    mine = {ino: o for ino, o in mine.items() if c.pids(o)}
    for ino in c.same_objects(mine, {ino for ino, _ in pairs}):
        for side, words in ACCESS.items():
            c.fact("holders", f"pipe:ino:{ino} {side}", c.pids(mine[ino], *words), ends(pairs, side)[ino])


def compare_fifos(c, descriptors):
    place = c.directory + "/"
    pairs = [(d.name, d) for d in descriptors if d.type == "FIFO" and d.name.startswith(place)]
    mine = {unescape(o["name"]): o for o in ipcctl("ls", "-J", "fifo").values() if o["name"].startswith(place)}
    c.same_objects(mine, {name for name, _ in pairs})
    for name, o in mine.items():
        for side, words in ACCESS.items():
            c.fact("holders", f"fifo:{name} {side}", c.pids(o, *words), ends(pairs, side)[name])
        c.fact("state", f"fifo:{name}", o["state"], "live")


def unescape(name):
    """The name whose bytes ipcctl, or lsof, has escaped."""
    letters = {"n": b"\n", "t": b"\t", "r": b"\r", "b": b"\b", "f": b"\f"}

    def one(m):
        if m[1]:
            return bytes([int(m[1], 16)])
        return letters.get(m[2].decode(), m[2])

    return os.fsdecode(re.sub(rb"\\x([0-9a-f]{2})|\\(.)", one, os.fsencode(name), flags=re.S))


def look_at(numbers):
    """Sockets by the numbers of their inodes."""
    found = {}
    numbers = [f"sock:ino:{n}" for n in sorted(numbers)]
    for i in range(0, len(numbers), 100):
        found.update(ipcctl("stat", "-J", *numbers[i : i + 100]))
    return {int(name.rsplit(":", 1)[1]): o for name, o in found.items()}


def compare_sockets(c, descriptors):
    holders, peers = collections.defaultdict(set), {}
    for d in descriptors:
        if d.type == "unix" or (d.type == "SOCK" and d.name.startswith("UNIX")):
            holders[d.ino].add(d.pid)
            peers[d.ino] = d.peer
    mine = look_at(holders)
    for ino, pids in holders.items():
        o, what = mine[ino], f"sock:ino:{ino}"
        c.fact("holders", what, c.pids(o), pids)
        if peers[ino]:
            c.fact("peer", what, o.get("peer"), f"sock:ino:{peers[ino]}")


def compare_files(c, class_, directory, descriptors):
    """
    POSIX objects, which are files in a directory. By their inodes: the names of what is mapped lsof has from text that
    escapes a newline in another way, and it takes away a tab and " (deleted)" at the end.
    """
    holders = collections.defaultdict(set)
    for d in descriptors:
        if d.name.startswith("/queue " if class_ == "mq" else directory + "/"):
            holders[d.ino].add(d.pid)
    mine = {o["name"]: o for o in ipcctl("ls", "-J", class_).values() if o["api"] == "posix" and o["name"][0] == "/"}
    inodes = {os.lstat(directory + unescape(name)).st_ino: o for name, o in mine.items()}
    c.fact("objects", class_, set(holders) - set(inodes), set())
    for ino, o in inodes.items():
        c.fact("holders", o["object"], c.pids(o), holders[ino])
        c.fact("state", o["object"], o["state"] == "live", bool(holders[ino]))


def compare_attached(c, descriptors):
    holders = collections.defaultdict(set)
    for d in descriptors:
        if d.name.startswith("/SYSV"):
            holders[d.ino].add(d.pid)
    mine = sysv("shm")
    c.fact("objects", "shm", set(holders) - set(mine), set())
    for number, o in mine.items():
        c.fact("holders", f"shm:id:{number}", c.pids(o), holders[number])


TYPES = {"u_str": "stream", "u_dgr": "dgram", "u_seq": "seqpacket"}


def compare_ss(c):
    rows = {}
    for line in output("ss", "-xapnHO").split("\n"):
        m = re.fullmatch(r"(u_\w+)\s+(\S+)\s+(\d+)\s+(\d+)\s+(.*?) (\d+) (\S+) (\d+)\s*(?:users:\((.*)\))?\s*", line)
        if m:
            rows[int(m[6])] = m
        elif line:
            c.fact("lines", line, "a socket", "no socket")
    rows.pop(0, None)  # a connection that was not accepted yet has no number
    mine, named = look_at(rows), ipcctl("ls", "-J", "sock")
    for ino, m in rows.items():
        o, what = mine[ino], f"sock:ino:{ino}"
        c.fact("type", what, o["type"], TYPES[m[1]])
        c.fact("holders", what, c.pids(o), {int(p) for p in re.findall(r",pid=(\d+),fd=\d+\)", m[9] or "")})
        c.fact("peer", what, o.get("peer"), f"sock:ino:{m[8]}" if int(m[8]) else None)
        if m[2] == "LISTEN":
            c.fact("pending", what, o["pending"], int(m[3]))
            c.fact("backlog", what, o["backlog"], int(m[4]))
        else:
            c.fact("used", what, o["used"], int(m[3]))
        if m[2] == "LISTEN" or (m[1] == "u_dgr" and m[5] != "*"):
            # ipcctl writes what would be a pattern with a backslash.
            found = [o for o in named.values() if unescape(o["name"]) == m[5]]
            c.fact("names", what, len(found), 1)
            for o in found:
                c.fact("type", m[5], o["type"], TYPES[m[1]])
                c.fact("holders", m[5], c.pids(o), c.pids(mine[ino]))


def compare_tcp(c):
    for line in output("ss", "-tapnHOe").split("\n"):
        m = re.match(r"(\S+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\S+)\s+(?:users:\((.*?)\)\s)?.*?(?:uid:(\d+) )?ino:(\d+)", line)
        if not m or not int(m[8]):
            continue
        pids = {int(p) for p in re.findall(r",pid=(\d+),fd=\d+\)", m[6] or "")}
        listens = m[1] == "LISTEN"
        (o,) = ipcctl("stat", "-J", f"sock:tcp:{m[4]}" if listens else f"sock:ino:{m[8]}").values()
        c.fact("holders", m[4], c.pids(o), pids)
        c.fact("uid", m[4], o["uid"], int(m[7] or 0))
        if listens:
            c.fact("pending", m[4], o["pending"], int(m[2]))
            c.fact("backlog", m[4], o["backlog"], int(m[3]))
        else:
            c.fact("used", m[4], o["used"], int(m[2]))
            c.fact("peer", m[4], o["peer"], f"sock:tcp:{m[5]}")


def queue_attributes(name):
    libc = ctypes.CDLL(None, use_errno=True)
    queue, attributes = libc.mq_open(os.fsencode(name), os.O_RDONLY), (ctypes.c_long * 8)()
    assert queue >= 0 and libc.mq_getattr(queue, attributes) == 0
    os.close(queue)
    return attributes[1], attributes[2], attributes[3]


def compare_stat(c):
    """What stat(2) says of the files that POSIX objects are."""
    for o in ipcctl("ls", "-J", "shm", "sem", "mq", "fifo", "sock").values():
        name, class_ = unescape(o["name"]), o["kind"]
        place = {"shm": "/dev/shm", "sem": "/dev/shm/sem.", "mq": "/dev/mqueue"}.get(class_, "")
        if o["api"] != "posix" or name[0] != "/":
            continue
        path = place + (name[1:] if class_ == "sem" else name)
        s, what = os.lstat(path), o["object"]
        c.fact("uid", what, o["uid"], s.st_uid)
        c.fact("gid", what, o["gid"], s.st_gid)
        c.fact("mode", what, o["mode"], f"{s.st_mode & 0o7777:04o}")
        c.fact("modified", what, moment(o["modified"]), int(s.st_mtime))
        if class_ == "shm":
            c.fact("size", what, o["size"], s.st_size)
            c.fact("used", what, o["used"], s.st_blocks * 512)
        if class_ == "mq":
            most, size, count = queue_attributes(name)
            c.fact("max_messages", what, o["max_messages"], most)
            c.fact("message_size", what, o["message_size"], size)
            c.fact("messages", what, o["messages"], count)


def cell(name, value):
    """A value of the JSON as the table has it."""
    if value is None:
        return "?"
    if name == "holders":
        return str(len({h["pid"] for h in value}))
    if name in ("created", "modified", "last_used"):
        return re.sub(r"\.\d+Z$", "Z", value)
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def compare_columns(c):
    """Each column of the table with the JSON of the same objects, line by line. "3+" are the 3 that can be seen."""
    classes = ["mq", "shm", "sem", "fifo", "sock"]
    objects = json.loads(output("ipcctl", "ls", "-J", *classes))
    for name in sorted({key for o in objects for key in o}):
        lines = output("ipcctl", "ls", "--noheadings", "--bytes", "-o", name, *classes).split("\n")
        c.fact("lines", name, len(objects), len(lines) - 1)
        for o, line in zip(objects, lines):
            if name == "holders":
                if o["holders"] is None and o["kind"] == "shm" and o["api"] == "sysv":
                    continue  # that it is attached is known, and not by whom
                line = line.replace("+", " ")  # there may be others
            if name == "used" and o["kind"] == "mq" and o.get("used") is None:
                continue  # there it is the number of messages
            c.fact(name, o["object"], cell(name, o[name]) if name in o else "-", line.strip().removesuffix("+"))


TOPICS = {
    "stat": compare_stat,
    "columns": compare_columns,
    "lsipc-queues": compare_lsipc_queues,
    "lsipc-segments": compare_lsipc_segments,
    "lsipc-semaphores": compare_lsipc_semaphores,
    "ipcs": compare_ipcs,
    "ipcs-values": compare_values,
    "lsof-pipes": lambda c: compare_pipes(c, list(lsof(c))),
    "lsfd-pipes": lambda c: compare_pipes(c, list(lsfd(c))),
    "lsof-fifos": lambda c: compare_fifos(c, list(lsof(c))),
    "lsfd-fifos": lambda c: compare_fifos(c, list(lsfd(c))),
    "lsof-sockets": lambda c: compare_sockets(c, list(lsof(c, "-U", "-a", "+E"))),
    "lsfd-sockets": lambda c: compare_sockets(c, list(lsfd(c))),
    "lsof-queues": lambda c: compare_files(c, "mq", "/dev/mqueue", list(lsof(c))),
    "lsfd-queues": lambda c: compare_files(c, "mq", "/dev/mqueue", list(lsfd(c))),
    "lsof-segments": lambda c: compare_files(c, "shm", "/dev/shm", list(lsof(c))),
    "lsfd-segments": lambda c: compare_files(c, "shm", "/dev/shm", list(lsfd(c))),
    # lsfd 2.38 does not know who has a System V segment attached.
    "lsof-attached": lambda c: compare_attached(c, list(lsof(c))),
    "ss": compare_ss,
    "ss-tcp": compare_tcp,
}


def main():
    if sys.argv[1] == "busy":
        Busy(sys.argv[2]).start()
    c = Comparison(sys.argv[3])
    TOPICS[sys.argv[2]](c)
    print("compared:", ", ".join(f"{name} {count}" for name, count in sorted(c.counts.items())))
    sys.exit(c.differences > 0)


main()
