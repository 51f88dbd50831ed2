"""What there is in the private world of a worker: a snapshot that does not ask ipcctl, and a broom."""

import ctypes
import os
import shutil
import stat
import struct

libc = ctypes.CDLL(None, use_errno=True)
try:
    librt = ctypes.CDLL("librt.so.1", use_errno=True)
except OSError:
    librt = libc
for name in ("mq_open", "mq_unlink", "mq_getattr"):
    getattr(librt, name)
librt.mq_receive.restype = ctypes.c_ssize_t
libc.msgrcv.restype = ctypes.c_ssize_t
libc.shmat.restype = ctypes.c_void_p

IPC_RMID = 0
IPC_NOWAIT = 0o4000
MSG_NOERROR = 0o10000
SHM_RDONLY = 0o10000
GETALL = 13
FILLER = "filler"

QUEUES = "/dev/mqueue"
SEGMENTS = "/dev/shm"
# What ipcctl notes about what it made, here or, when that fails, in another place.
LEDGERS = "/run/ipcctl"
LEDGER = ("ipcctl", "ipcctl/made", "ipcctl/made.new")


def sysv_rows(what):
    with open(f"/proc/sysvipc/{what}") as file:
        head = file.readline().split()
        return [dict(zip(head, line.split())) for line in file]


def posix_queue(name):
    """Attributes and messages, which are taken out."""
    info = os.lstat(f"{QUEUES}/{name}")
    fd = librt.mq_open(b"/" + os.fsencode(name), os.O_RDONLY | os.O_NONBLOCK)
    if fd < 0:
        return ("queue", "cannot open", os.strerror(ctypes.get_errno()))
    attr = (ctypes.c_long * 8)()
    librt.mq_getattr(fd, attr)
    buffer = ctypes.create_string_buffer(attr[2])
    priority = ctypes.c_uint()
    messages = []
    while (n := librt.mq_receive(fd, buffer, ctypes.c_size_t(attr[2]), ctypes.byref(priority))) >= 0:
        messages.append((priority.value, buffer.raw[:n]))
    os.close(fd)
    return ("queue", oct(info.st_mode), info.st_uid, info.st_gid, attr[1], attr[2], messages)


def sysv_queue(row):
    buffer = ctypes.create_string_buffer(8 + 65536)
    messages = []
    qbytes = msg_qbytes(int(row["msqid"]))
    while True:
        n = libc.msgrcv(int(row["msqid"]), buffer, ctypes.c_size_t(65536), ctypes.c_long(0), IPC_NOWAIT | MSG_NOERROR)
        if n < 0:
            break
        messages.append((struct.unpack("l", buffer.raw[:8])[0], buffer.raw[8 : 8 + n]))
    return ("queue", row["perms"], row["uid"], row["gid"], qbytes, messages)


def msg_qbytes(msqid):
    """msg_qbytes of struct msqid_ds: behind ipc_perm (48), three times, cbytes and qnum, on 64-bit."""
    ds = ctypes.create_string_buffer(256)
    libc.msgctl(msqid, 2, ds)
    return struct.unpack_from("L", ds.raw, 48 + 24 + 16)[0]


def sysv_set(row):
    values = (ctypes.c_ushort * int(row["nsems"]))()
    libc.semctl(int(row["semid"]), 0, GETALL, values)
    return ("set", row["perms"], row["uid"], row["gid"], list(values))


def sysv_segment(row):
    size = int(row["size"])
    at = libc.shmat(int(row["shmid"]), None, SHM_RDONLY)
    data = b"" if at in (None, ctypes.c_void_p(-1).value) else ctypes.string_at(at, size)
    if data:
        libc.shmdt(ctypes.c_void_p(at))
    return ("segment", row["perms"], row["uid"], row["gid"], size, row["nattch"], data.rstrip(b"\0"))


def entry(path):
    """A file of a directory. A semaphore is its value and who waits; behind it are records of its holders."""
    info = os.lstat(path)
    name = os.path.basename(path)
    head = (oct(info.st_mode), info.st_uid, info.st_gid)
    if not stat.S_ISREG(info.st_mode):
        return ("file",) + head
    with open(path, "rb") as file:
        data = file.read()
    if name.startswith("sem.") and len(data) >= 32:
        return ("semaphore",) + head + struct.unpack("II", data[:8]) + (len(data),)
    return ("file",) + head + (info.st_size, data.rstrip(b"\0"))


def tree(top):
    return sorted(os.path.join(where, name) for where, dirs, files in os.walk(top) for name in dirs + files)


def snapshot(directories):
    """Every object, as {name: what it is}; queues are empty afterwards. Numbers that differ from run to run
    are left out: a System V object is called by its key, and one without a key by its turn."""
    state = {}
    for name in sorted(os.listdir(QUEUES)):
        state[f"mq:/{name}"] = posix_queue(name)
    for name in sorted(os.listdir(SEGMENTS)):
        if name != FILLER:
            state[f"{SEGMENTS}/{name}"] = entry(f"{SEGMENTS}/{name}")
    for what, look in (("msg", sysv_queue), ("sem", sysv_set), ("shm", sysv_segment)):
        private = 0
        for row in sysv_rows(what):
            key = int(row["key"])
            private += key == 0
            state[f"{what}:{key:#x}" if key else f"{what}:private{private}"] = look(row)
    for top in directories:
        for path in tree(top):
            if os.path.relpath(path, top) not in LEDGER:
                state[path] = entry(path)
    return state


def sweep(directories):
    for name in os.listdir(QUEUES):
        librt.mq_unlink(b"/" + os.fsencode(name))
    for top in (SEGMENTS, LEDGERS, *directories):
        for name in os.listdir(top):
            path = os.path.join(top, name)
            shutil.rmtree(path) if os.path.isdir(path) and not os.path.islink(path) else os.unlink(path)
    for row in sysv_rows("msg"):
        libc.msgctl(int(row["msqid"]), IPC_RMID, None)
    for row in sysv_rows("sem"):
        libc.semctl(int(row["semid"]), 0, IPC_RMID, 0)
    for row in sysv_rows("shm"):
        libc.shmctl(int(row["shmid"]), IPC_RMID, None)


def fill(left):
    """Fills /dev/shm but for that many bytes."""
    info = os.statvfs(SEGMENTS)
    os.mkdir(f"{SEGMENTS}/{FILLER}")  # a directory is no object
    fd = os.open(f"{SEGMENTS}/{FILLER}/data", os.O_CREAT | os.O_WRONLY, 0o600)
    size = info.f_bavail * info.f_frsize - left
    if size > 0:
        os.posix_fallocate(fd, 0, size)
    os.close(fd)
