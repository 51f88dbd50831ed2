"""System V shared memory as Python programs use it: python3-sysv-ipc and struct.

shm_sysv.py print KEY           unpacks the structure
shm_sysv.py fill KEY SIZE       makes a segment (filled with spaces, as IPC_CREX does) and writes the structure
"""

import struct
import sys

import sysv_ipc

FORMAT = "i900s?0i"
what, key = sys.argv[1], int(sys.argv[2], 0)

if what == "print":
    memory = sysv_ipc.SharedMemory(key)
    number, message, ready = struct.unpack(FORMAT, memory.read(struct.calcsize(FORMAT)))
    print(f"{number}|{message.rstrip(bytes(1)).decode()}|{ready}")
else:
    memory = sysv_ipc.SharedMemory(key, sysv_ipc.IPC_CREX, mode=0o600, size=int(sys.argv[3]))
    memory.write(struct.pack(FORMAT, -7, "grüße aus Python".encode(), True))
