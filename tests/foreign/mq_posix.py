"""A Python program with a POSIX queue, over ctypes: mq_posix.py send|recv NAME [PRIORITY TEXT]..."""

import ctypes
import os
import sys

librt = ctypes.CDLL("librt.so.1", use_errno=True)
librt.mq_receive.restype = ctypes.c_ssize_t


def check(result):
    if result < 0:
        sys.exit(os.strerror(ctypes.get_errno()))
    return result


queue = check(librt.mq_open(sys.argv[2].encode(), os.O_RDWR | os.O_NONBLOCK))
if sys.argv[1] == "send":
    for priority, text in zip(sys.argv[3::2], sys.argv[4::2]):
        data = os.fsencode(text)
        check(librt.mq_send(queue, data, ctypes.c_size_t(len(data)), int(priority)))
else:
    buffer, priority = ctypes.create_string_buffer(8192), ctypes.c_uint()
    while True:
        n = librt.mq_receive(queue, buffer, ctypes.c_size_t(8192), ctypes.byref(priority))
        if n < 0:
            break
        sys.stdout.buffer.write(b"%d %s\n" % (priority.value, buffer.raw[:n]))
