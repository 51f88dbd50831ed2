"""POSIX shared memory as Python programs use it: multiprocessing.shared_memory and struct.

shm_posix.py print NAME         unpacks the structure
shm_posix.py fill NAME SIZE     makes a segment and writes the structure
"""

import struct
import sys
from multiprocessing import resource_tracker, shared_memory

FORMAT = "i900s?"  # 905 bytes: without the padding at the end that a C program has
what, name = sys.argv[1], sys.argv[2].lstrip("/")

memory = shared_memory.SharedMemory(
    name, create=what == "fill", size=int(sys.argv[3]) if what == "fill" else 0
)
resource_tracker.unregister(memory._name, "shared_memory")  # it would remove it at the end
if what == "print":
    number, message, ready = struct.unpack_from(FORMAT, memory.buf)
    print(f"{number}|{message.rstrip(bytes(1)).decode()}|{ready}")
else:
    struct.pack_into(FORMAT, memory.buf, 0, -7, "grüße aus Python".encode(), True)
memory.close()
