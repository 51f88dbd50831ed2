"""The scenarios: for each verb at least one, as data.

verb        the command and verb, as `ipcctl-docs verbs` prints them
setup       command lines of ipcctl that come before, each a text or (text, standard input), or functions
run         the command line that is tortured, without "ipcctl"; {self} is the pid of a process in the same namespaces
stdin       its standard input
check       what may be true when it did not end well (judge.py): whole (all or nothing, the default),
            steps (each object whole or untouched), bytes (a segment's contents half written, nothing else),
            units (a SIGKILL may cost units of a semaphore, not more than were wanted), readonly,
            send (some of the messages, from the first), take (no message lost; take_json and take_netstrings by
            what is printed)
users       it needs a second user: not in a user namespace
program     it runs a program: that one's end by a signal needs no message
status      of an undisturbed run (0)
answers     {status: output}: what needs no message, since the output says it
recover     command lines that come before the look at what was left by a SIGKILL: what ipcctl promises
            to put right the next time it looks
recover_told the same after a failure that was told: units that could not be given back come back with the next look
volatile    (pattern, replacement) for what differs from run to run in its output
loose       a function of (wanted, got) that accepts a weaker answer with status 0
unfinished  a SIGKILL may leave a new object with less than was asked for, where the kernel takes several calls:
            never readable or writable for more than in the end, and never with half its contents
shows       {message: what is printed for it}, where that is not the message itself (take)
kill_loses  messages that a SIGKILL may cost (take)
kill_doubles a SIGKILL may leave a message in both places (take)
waits       a command line that ends its waiting: `run` blocks for ever after `setup` without it, and then
            prints `out`; such a scenario is for storms of signals
"""

import contextlib
import json
import os
import re
import socket
import threading

MQ = "mq create %s --max-messages 4 --message-size 64"
POSIX_QUEUE, SYSV_QUEUE = MQ % "/q", "mq create key:0x51 --queue-bytes 256"


def with_messages(create, name):
    return [create, f"mq send {name} one", f"mq send {name} two"]


POSIX_FULL, SYSV_FULL = with_messages(POSIX_QUEUE, "/q"), with_messages(SYSV_QUEUE, "key:0x51")
LAYOUT = "--layout 'int number; char text[16]; bool ready;'"
STRUCTURE = ["shm create /s --size 64", f"shm set /s {LAYOUT} number=7 text=old ready=false"]
SYSV_STRUCTURE = ["shm create key:0x52 --size 64", f"shm set key:0x52 {LAYOUT} number=7 text=old ready=false"]
SEM, SYSV_SEM = "sem create /l --value 2", "sem create key:0x53 --value 2"
ONE_OF_EACH = [POSIX_QUEUE, SYSV_QUEUE, "shm create /s --size 64", "shm create key:0x52 --size 64", SEM, SYSV_SEM]
# Who waits on a System V queue is known only where all processes of the machine can be seen.
SEEN_EVERYWHERE = [step for step in ONE_OF_EACH if step != SYSV_QUEUE]
SURE = "mq:/q shm:/s shm:key:0x52 sem:/l sem:key:0x53"
NAMES = "mq:/q mq:key:0x51 shm:/s shm:key:0x52 sem:/l sem:key:0x53"

TIMES = [
    (rb"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.\d]*Z?", b"TIME"),
    (rb'"(id|last_pid|creator_pid|last_send_pid|last_recv_pid)":\s*\d+', rb'"\1":0'),
    (rb"(?m)^((Id|Last pid|Creator pid|Last send pid|Last recv pid):\s+)\d+", rb"\1N"),
    (rb"last_pid \d+", b"last_pid N"),
    (rb"\b\d+(\.\d+)?(ms|s)\b", b"AGE"),
    (rb"id:\d+", b"id:N"),
]


def weaker_json(want, got):
    """The same objects; what could not be read is null or missing, and the state is not known then."""
    try:
        want, got = json.loads(want), json.loads(got)
    except ValueError:
        return False
    known = lambda a, b, key: b.get(key) is None or b[key] == a.get(key) or key in ("evidence", "unseen", "limit")
    unsure = lambda a, b: b.get("state") in (a.get("state"), "unknown") and b["object"] == a["object"]
    return len(want) == len(got) and all(
        unsure(a, b) and all(known(a, b, key) for key in (a.keys() | b.keys()) - {"state", "holders", "owner", "group"})
        for a, b in zip(want, got)
    )


def weaker_table(want, got):
    """The same objects in the same order; cells may be other ("-", unknown, a number for a user)."""
    first = lambda text: [line.split()[:1] for line in text.splitlines()]
    return first(want) == first(got)


def other_order(want, got):
    """The same lines: what they are ordered by could not be read."""
    return sorted(want.splitlines()) == sorted(got.splitlines())


def fewer_rows(want, got):
    """No other object: in a directory that may not be read there are none."""
    return not got.strip() or weaker_table(want, got)


def fewer_objects(want, got):
    return got.strip() == b"[]" or weaker_json(want, got)


def weaker_stat(want, got):
    """All objects, and no label that is not there otherwise."""
    objects = lambda text: re.findall(rb"(?m)^Object: .*", text)
    labels = lambda text: set(re.findall(rb"(?m)^([A-Z][\w ]*):", text)) - {b"Unseen", b"Evidence", b"Type"}
    return objects(want) == objects(got) and labels(got) <= labels(want)


# What other processes have open changes by itself.
PROCESSES = [(rb'\{"limit": "(RLIMIT_NOFILE|fs.file-max)".*\}', rb"\1")]


def weaker_limits(want, got):
    """The same limits; what could not be read is null, or said to be too little."""
    try:
        want, got = ({(row["limit"], row["user"]): row for row in json.loads(text)} for text in (want, got))
    except ValueError:
        return False
    others = lambda name: name in ("fs.file-max", "RLIMIT_NOFILE") or "/dev/shm" in name
    names = lambda rows: {name for name, _ in rows}
    pairs = [(want[key], row) for key, row in got.items() if key in want and not others(key[0])]
    same = lambda a, b, key: b.get(key) is None or b[key] == a.get(key)
    return names(got) <= names(want) | {"mq_maxmsg"} and all(
        same(a, b, "max") and (same(a, b, "use") or b["at_least"]) for a, b in pairs
    )


def weaker_explanation(want, got):
    """Limits that could not be measured are not said to be exhausted."""
    try:
        want, got = json.loads(want), json.loads(got)
    except ValueError:
        return False
    return got[0]["error"] == want[0]["error"] and (want[0]["exhausted"] or not got[0]["exhausted"])


def weaker_graph(want, got):
    """The same objects; who has them and their state may be unknown, and then one may be left out that is not named."""
    names = lambda text: set(re.findall(rb'label="((?:[^"\\\\]|\\\\.)*?)\\\\n', text))
    return got.startswith(b"digraph ipc {\n") and got.endswith(b"}\n") and names(got) <= names(want)


def both(**scenario):
    """The same with the POSIX and the System V object: NAME and KEY in its texts become one of them."""

    def fill(value, name):
        if isinstance(value, str):
            return value.replace("QUEUE", name["mq"]).replace("SHM", name["shm"]).replace("SEM", name["sem"])
        if isinstance(value, tuple):
            return tuple(fill(part, name) for part in value)
        return [fill(part, name) for part in value] if isinstance(value, list) else value

    names = (dict(mq="/q", shm="/s", sem="/l"), dict(mq="key:0x51", shm="key:0x52", sem="key:0x53"))
    result = []
    for name, how in zip(names, ("posix", "sysv")):
        one = dict(scenario)
        one.update(one.pop("sysv", {}) if how == "sysv" else {})
        one.pop("sysv", None)
        if "name" in one:
            one["name"] += ", " + how
        result.append({key: fill(value, name) for key, value in one.items() if key not in ("verb",)} | {"verb": one["verb"]})
    return result


HELP = [
    dict(verb="ftok", run="ftok / 1"),
    dict(verb="help", run="help"),
    dict(verb="help", run="help ftok"),
    dict(verb="help", run="--version"),
]

QUEUES = [
    dict(verb="mq create", run=POSIX_QUEUE + " -m 0620", unfinished=True),
    dict(verb="mq create", users=True, run=POSIX_QUEUE + " -m 0620 --owner 1:2", unfinished=True, name="posix, of another owner"),
    dict(verb="mq create", run=POSIX_QUEUE, setup=[POSIX_QUEUE], name="posix, again"),
    dict(verb="mq create", run=SYSV_QUEUE + " -m 0620", unfinished=True),
    dict(verb="mq create", users=True, run=SYSV_QUEUE + " -m 0620 --owner 1:2", unfinished=True, name="sysv, of another owner"),
    dict(verb="mq create", run="mq create key:private", volatile=TIMES),
    dict(verb="mq create", run="mq create /q.XXXXXX --max-messages 2 --message-size 8", volatile=[(rb"q\.\w{6}", b"q.X")]),
    *both(verb="mq send", setup=[POSIX_QUEUE], run="mq send QUEUE one two three", check="send", sysv=dict(setup=[SYSV_QUEUE])),
    *both(verb="mq send", setup=[POSIX_QUEUE], run="mq send QUEUE", stdin=b"one\ntwo\n\nfour\n", check="send", sysv=dict(setup=[SYSV_QUEUE])),
    *both(verb="mq send", setup=[POSIX_QUEUE], run="mq send QUEUE -F whole", stdin=b"one\ntwo", check="send", sysv=dict(setup=[SYSV_QUEUE])),
    *both(verb="mq send", setup=[POSIX_QUEUE], run="mq send QUEUE -F netstring", stdin=b"3:one,0:,4:t\0wo,", check="send", sysv=dict(setup=[SYSV_QUEUE])),
    *both(verb="mq send", setup=[POSIX_QUEUE], run="mq send QUEUE -F json", stdin=b'{"data":"one"}\n{"data":"two"}\n', check="send", sysv=dict(setup=[SYSV_QUEUE])),
    dict(verb="mq send", run="mq send --create --max-messages 4 --message-size 64 /q one", check="send", name="posix, created"),
    dict(verb="mq send", run="mq send --create key:0x51 one", check="send", name="sysv, created"),
    *both(verb="mq send", setup=[*POSIX_FULL, "mq send /q 3 4"], run="mq send -t 20ms QUEUE five", status=4, check="send",
          sysv=dict(setup=[*SYSV_FULL, "mq send key:0x51 " + 250 * "x"])),
    *both(verb="mq recv", setup=POSIX_FULL, run="mq recv QUEUE", check="take", kill_loses=2, sysv=dict(setup=SYSV_FULL)),
    *both(verb="mq recv", setup=POSIX_FULL, run="mq recv -n 2 QUEUE", check="take", kill_loses=2, sysv=dict(setup=SYSV_FULL)),
    *both(verb="mq recv", setup=POSIX_FULL, run="mq recv --drain QUEUE", check="take", kill_loses=2, sysv=dict(setup=SYSV_FULL)),
    *both(verb="mq recv", setup=POSIX_FULL, run="mq recv --drain -J QUEUE", check="take_json", kill_loses=2, volatile=TIMES, sysv=dict(setup=SYSV_FULL)),
    *both(verb="mq recv", setup=POSIX_FULL, run="mq recv --drain -F netstring QUEUE", check="take_netstrings", kill_loses=2, sysv=dict(setup=SYSV_FULL)),
    *both(verb="mq send", setup=[POSIX_QUEUE], run="mq send QUEUE --layout 'int a; char b;' a=7 b=x", check="send", sysv=dict(setup=[SYSV_QUEUE])),
    *both(verb="mq recv", setup=[POSIX_QUEUE, "mq send /q --layout 'int a; int b;' a=7 b=8"], run="mq recv QUEUE --layout 'int a; int b;'", check="take",
          shows={b"\7\0\0\0\x08\0\0\0": b"a=7\nb=8\n"}, kill_loses=1,
          sysv=dict(setup=[SYSV_QUEUE, "mq send key:0x51 --layout 'int a; int b;' a=7 b=8"])),
    *both(verb="mq recv", setup=POSIX_FULL, run="mq recv --text -n 2 QUEUE", check="take", kill_loses=2, sysv=dict(setup=SYSV_FULL)),
    *both(verb="mq recv", setup=[POSIX_QUEUE], run="mq recv -t 20ms QUEUE", status=4, check="take", sysv=dict(setup=[SYSV_QUEUE])),
    *both(verb="mq recv", setup=[POSIX_QUEUE], run="mq recv --nonblock QUEUE", status=4, check="take", sysv=dict(setup=[SYSV_QUEUE])),
    dict(verb="mq recv", setup=SYSV_FULL, run="mq recv --type 1 key:0x51", check="take", kill_loses=2),
    dict(verb="mq recv", run="mq recv --wait -t 20ms /q", status=4),
    dict(verb="mq peek", setup=SYSV_FULL, run="mq peek key:0x51", check="readonly"),
    dict(verb="mq peek", setup=POSIX_FULL, run="mq peek /q", check="readonly", status=1),
    dict(verb="mq move", setup=[*POSIX_FULL, MQ % "/r"], run="mq move /q /r", check="take", kill_loses=2),
    dict(verb="mq move", setup=[*SYSV_FULL, "mq create key:0x54 --queue-bytes 256"], run="mq move key:0x51 key:0x54",
         check="take", kill_loses=2, kill_doubles=True),
    dict(verb="mq move", setup=[*SYSV_FULL, MQ % "/r"], run="mq move key:0x51 /r", check="take", kill_loses=2, kill_doubles=True),
    dict(verb="mq move", setup=[*POSIX_FULL, "mq send /q 3 4", *with_messages(MQ % "/r", "/r"), "mq send /r 3 4"],
         run="mq move -t 20ms /q /r", status=4, check="take", kill_loses=2, name="into a full queue"),
    *both(verb="mq recv", setup=[POSIX_QUEUE], run="mq recv QUEUE", waits="mq send QUEUE one", out=b"one\n", sysv=dict(setup=[SYSV_QUEUE])),
    *both(verb="mq recv", setup=[POSIX_QUEUE], run="mq recv -t 1m QUEUE", waits="mq send QUEUE one", out=b"one\n", sysv=dict(setup=[SYSV_QUEUE])),
    *both(verb="mq recv", run="mq recv --wait QUEUE", waits="mq send --create QUEUE one", out=b"one\n"),
    *both(verb="mq send", setup=[*POSIX_FULL, "mq send /q 3 4"], run="mq send -t 1m QUEUE five", waits="mq recv -n 2 QUEUE",
          sysv=dict(setup=[*SYSV_FULL, "mq send key:0x51 " + 250 * "x"], waits="mq recv --drain key:0x51")),
    *both(verb="mq send", setup=[*POSIX_FULL, "mq send /q 3 4"], run="mq send QUEUE five", waits="mq recv -n 2 QUEUE",
          sysv=dict(setup=[*SYSV_FULL, "mq send key:0x51 " + 250 * "x"], waits="mq recv --drain key:0x51")),
]

SEGMENTS = [
    *both(verb="shm create", run="shm create SHM --size 9000 -m 0620"),
    *both(verb="shm create", users=True, run="shm create SHM --size 9000 --owner 1:2", sysv=dict(unfinished=True)),
    *both(verb="shm create", setup=["shm create SHM --size 64"], run="shm create SHM --size 64", name="again"),
    dict(verb="shm create", run="shm create key:private --size 64", volatile=TIMES),
    *both(verb="shm write", setup=["shm create SHM --size 64"], run="shm write SHM hello --offset 3"),
    *both(verb="shm write", setup=["shm create SHM --size 9000"], run="shm write SHM", stdin=b"x" * 8999 + b"y", check="bytes"),
    *both(verb="shm write", setup=["shm create SHM --size 4"], run="shm write SHM hello", status=1, name="more than fits"),
    *both(verb="shm write", run="shm write --create --size 64 SHM hello", check="bytes"),
    *both(verb="shm read", setup=["shm create SHM --size 9000", "shm write SHM hello"], run="shm read SHM", check="readonly"),
    *both(verb="shm read", setup=["shm create SHM --size 64", "shm write SHM hello"], run="shm read --text SHM", check="readonly"),
    *both(verb="shm read", setup=["shm create SHM --size 64", "shm write SHM hello"], run="shm read --hex SHM", check="readonly"),
    dict(verb="shm resize", setup=["shm create /s --size 64", "shm write /s hello"], run="shm resize /s 9000"),
    dict(verb="shm resize", setup=["shm create /s --size 9000", "shm write /s hello"], run="shm resize /s 64"),
    *both(verb="shm get", setup=STRUCTURE, run=f"shm get SHM {LAYOUT}", check="readonly", sysv=dict(setup=SYSV_STRUCTURE)),
    *both(verb="shm get", setup=STRUCTURE, run=f"shm get -J SHM {LAYOUT}", check="readonly", sysv=dict(setup=SYSV_STRUCTURE)),
    *both(verb="shm get", setup=[*STRUCTURE, SEM], run=f"shm get --lock sem:/l SHM {LAYOUT} number", check="readonly",
          recover=["sem get /l"], recover_told=True, sysv=dict(setup=[*SYSV_STRUCTURE, SEM])),
    *both(verb="shm set", setup=STRUCTURE, run=f"shm set SHM {LAYOUT} number=8 ready=true", check="bytes", sysv=dict(setup=SYSV_STRUCTURE)),
    *both(verb="shm set", setup=STRUCTURE, run=f"shm set SHM {LAYOUT} number=8 --if number=7", sysv=dict(setup=SYSV_STRUCTURE)),
    *both(verb="shm set", setup=STRUCTURE, run=f"shm set SHM {LAYOUT} number=8 --if number=9", status=6, sysv=dict(setup=SYSV_STRUCTURE)),
    *both(verb="shm set", setup=[*STRUCTURE, SYSV_SEM], run=f"shm set --lock sem:key:0x53 SHM {LAYOUT} number=8 text=new", check="bytes",
          sysv=dict(setup=[*SYSV_STRUCTURE, SYSV_SEM])),
    *both(verb="shm set", setup=[*STRUCTURE, SEM], run=f"shm set --lock sem:/l SHM {LAYOUT} number=8 text=new", check="bytes",
          recover=["sem get /l"], recover_told=True, sysv=dict(setup=[*SYSV_STRUCTURE, SEM])),
    *both(verb="shm watch", setup=STRUCTURE, run=f"shm watch SHM {LAYOUT} number --until number=7", check="readonly", sysv=dict(setup=SYSV_STRUCTURE)),
    *both(verb="shm watch", setup=STRUCTURE, run=f"shm watch SHM {LAYOUT} --until number=8 -t 30ms", check="readonly", status=4, sysv=dict(setup=SYSV_STRUCTURE)),
    *both(verb="shm watch", setup=STRUCTURE, run=f"shm watch SHM {LAYOUT} number --until number=8", sysv=dict(setup=SYSV_STRUCTURE),
          waits=f"shm set SHM {LAYOUT} number=8", out=b"number=7\nnumber=8\n"),
]

SEMAPHORES = [
    *both(verb="sem create", run="sem create SEM --value 3 -m 0620", recover=["sem create SEM --value 3 -m 0620"]),
    *both(verb="sem create", users=True, run="sem create SEM --value 3 --owner 1:2", recover=["sem create SEM --value 3 --owner 1:2"]),
    *both(verb="sem create", setup=["sem create SEM"], run="sem create SEM", name="again"),
    dict(verb="sem create", run="sem create key:0x53 --nsems 3 --value 2", recover=["sem create key:0x53 --nsems 3 --value 2"]),
    *both(verb="sem wait", setup=["sem create SEM --value 2"], run="sem wait SEM"),
    *both(verb="sem wait", setup=["sem create SEM --value 2"], run="sem wait --units 2 SEM", check="units"),
    *both(verb="sem wait", setup=["sem create SEM --value 0"], run="sem wait -t 20ms SEM", status=4),
    *both(verb="sem wait", setup=["sem create SEM --value 0"], run="sem wait --nonblock SEM", status=4),
    *both(verb="sem wait", setup=["sem create SEM --value 0"], run="sem wait --zero SEM"),
    *both(verb="sem post", setup=["sem create SEM --value 2"], run="sem post SEM"),
    *both(verb="sem get", setup=["sem create SEM --value 2"], run="sem get SEM", check="readonly"),
    *both(verb="sem get", setup=["sem create SEM --value 2"], run="sem get -v SEM", check="readonly", volatile=TIMES),
    *both(verb="sem get", setup=["sem create SEM --value 2"], run="sem get -J SEM", check="readonly", volatile=TIMES),
    *both(verb="sem set", setup=["sem create SEM --value 2"], run="sem set SEM 5"),
    *both(verb="sem run", setup=["sem create SEM --value 2"], run="sem run SEM echo hello", program=True, recover=["sem get SEM"]),
    *both(verb="sem run", setup=["sem create SEM --value 2"], run="sem run --units 2 SEM false", status=1, recover=["sem get SEM"], program=True),
    *both(verb="sem run", setup=["sem create SEM --value 0"], run="sem run -t 20ms SEM echo hello", status=124, recover=["sem get SEM"]),
    *both(verb="sem run", setup=["sem create SEM --value 1"], run="sem run SEM /nowhere", status=127, recover=["sem get SEM"]),
    *both(verb="sem holders", setup=["sem create SEM --value 2"], run="sem holders SEM", check="readonly", volatile=TIMES),
    *both(verb="sem repair", setup=["sem create SEM --value 2"], run="sem repair --value 2 SEM"),
    *both(verb="sem wait", setup=["sem create SEM --value 0"], run="sem wait SEM", waits="sem post SEM"),
    *both(verb="sem wait", setup=["sem create SEM --value 0"], run="sem wait -t 1m SEM", waits="sem post SEM"),
    *both(verb="sem wait", setup=["sem create SEM --value 1"], run="sem wait --zero SEM", waits="sem wait SEM"),
    *both(verb="sem run", setup=["sem create SEM --value 0"], run="sem run SEM echo hello", waits="sem post SEM", out=b"hello\n"),
    *both(verb="sem run", setup=["sem create SEM --value 0"], run="sem run -t 1m SEM echo hello", waits="sem post SEM", out=b"hello\n"),
]

PROBED = {3: b"absent\n", 5: b"denied\n", 6: b"stale\n"}
RECORDING = b'{"connection":1,"event":"data","from":"server","data":"hello"}\n'
SOCKETS = [
    dict(verb="sock connect", run="sock connect /dev/shm/nobody one", status=3),
    dict(verb="sock connect", run="sock connect @nobody one", status=3),
    dict(verb="sock connect", run="sock connect --wait -t 20ms tcp:127.0.0.1:9 one", status=4),
    # Scenarios run side by side in one network namespace: each has abstract names of its own.
    dict(verb="sock serve", run="sock serve --type dgram -t 20ms @d", status=4),
    dict(verb="sock serve", run="sock serve --type seqpacket -J -t 20ms @e", status=4),
    dict(verb="sock serve", run="sock serve --broadcast -F line -t 20ms @b", stdin=b"one\ntwo\n", status=4),
    dict(verb="sock serve", run="sock serve --replay /dev/stdin -t 20ms @p", stdin=RECORDING, status=4),
    dict(verb="sock serve", run="sock serve -t 20ms -m 0620 /dev/shm/s", status=4, recover=["sock serve -t 20ms /dev/shm/s"], recover_told=True),
    dict(verb="sock serve", run="sock serve --nonblock --echo @s", status=4),
    dict(verb="sock serve", run="sock serve -t 20ms --deny uid=5 --allow addr=127.0.0.0/8 tcp:127.0.0.1:7", status=4),
    dict(verb="sock serve", run="sock serve --once /dev/shm/s", waits="sock connect /dev/shm/s one", out=b"one\n"),
    dict(verb="sock serve", run="sock serve --once --echo /dev/shm/s", waits="sock connect /dev/shm/s one", name="echo"),
    dict(verb="sock serve", run="sock serve --once /dev/shm/s cat", waits="sock connect /dev/shm/s one", name="program"),
    dict(verb="sock relay", run="sock relay --dump json --pass-fds -t 20ms @r @nobody", status=4),
    dict(verb="sock relay", run="sock relay --type dgram --dump hex -t 20ms @q @nobody", status=4),
    dict(verb="sock probe", run="sock probe /dev/shm/nobody", status=3, check="readonly", answers=PROBED),
    dict(verb="sock probe", run="sock probe @nobody", status=3, check="readonly", answers=PROBED),
    dict(verb="sock probe", run="sock probe tcp:127.0.0.1:9", status=3, check="readonly", answers=PROBED),
]

# What two programs print through --tee comes in any order.
PIPES = [
    dict(verb="pipe", run="pipe echo hello :: cat", program=True),
    dict(verb="pipe", run="pipe cat :: cat :: cat", stdin=b"one\ntwo\n", program=True),
    dict(verb="pipe", run="pipe --tee echo hello :: cat :: cat", program=True),
    dict(verb="pipe", run="pipe --merge echo hello :: echo hello :: cat", program=True),
    dict(verb="pipe", run="pipe --ring true :: true", program=True),
    dict(verb="pipe", run="pipe --meter --report /dev/null echo hello :: cat", program=True),
    dict(verb="pipe", run="pipe false :: true", status=1, program=True),
    dict(verb="pipe", run="pipe true :: /nowhere", status=127),
    dict(verb="pipe", run="pipe -t 20ms --kill-after 20ms sleep 1000 :: cat", status=124, program=True),
]

HELD = []


def let_go():
    """Closes what a scenario has made this process hold."""
    while HELD:
        os.close(HELD.pop())


def unlinked_segment():
    """A segment without a name, which this process has open."""
    HELD.append(os.open("/dev/shm", os.O_TMPFILE | os.O_RDWR, 0o600))
    os.write(HELD[0], b"content")


ORPHAN = TIMES + [(rb"ino:\d+", b"ino:N")]


def dead_socket():
    """The file of a socket that nobody has, which ipcctl itself never leaves."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as s:
        s.bind("/dev/shm/dead")


servers = []


def echo_server(kind=socket.SOCK_STREAM):
    """Sends back what it was sent, at the end of that, or message by message; in a thread of this process."""
    while servers:
        servers.pop().shutdown(socket.SHUT_RDWR)
    server = socket.socket(socket.AF_UNIX, kind)
    server.bind("/dev/shm/echo")
    server.listen()
    servers.append(server)

    def serve():
        try:
            while True:
                client, _ = server.accept()
                threading.Thread(target=answer, args=[client], daemon=True).start()
        except OSError:
            server.close()  # the next one was started

    def answer(client):
        with contextlib.suppress(OSError), client:
            data = b""
            while piece := client.recv(1 << 16):
                if kind == socket.SOCK_STREAM:
                    data += piece
                else:
                    client.send(piece)
            client.sendall(data)

    threading.Thread(target=serve, daemon=True).start()


def echo_messages():
    """The same with messages."""
    echo_server(socket.SOCK_SEQPACKET)


DEAD = "sock rm -y --stale --dir /dev/shm"

def fifo_with(data=b""):
    """A FIFO that this process has open for reading and writing, with data in it: both sides are there."""

    def make():
        os.mkfifo("f", 0o600)
        HELD.append(os.open("f", os.O_RDWR | os.O_NONBLOCK))
        os.write(HELD[0], data)

    return make


# What a SIGKILL leaves under a name of its own, with mode 0: see ipcctl-fifo(1).
DRAFT = [(rb"\.ipcctl-new\.\w+", b"f")]
FIFO = "fifo create f"
ABSENT = "ls --names --dir . fifo"

FIFOS = [
    dict(verb="fifo create", run="fifo create f -m 0620", unfinished=True),
    dict(verb="fifo create", run="fifo create f -m 0620 --owner 1:2", users=True, unfinished=True, volatile=DRAFT),
    dict(verb="fifo create", setup=[FIFO], run=FIFO, name="again"),
    dict(verb="fifo write", setup=[fifo_with()], run="fifo write f one two", check="readonly"),
    dict(verb="fifo write", setup=[fifo_with()], run="fifo write f", stdin=b"one\ntwo\n", check="readonly"),
    dict(verb="fifo write", setup=[fifo_with()], run="fifo write -F nul f", stdin=b"one\0two\0", check="readonly"),
    dict(verb="fifo write", setup=[fifo_with()], run="fifo write -F whole f", stdin=b"x" * 9000, check="readonly", name="more than PIPE_BUF"),
    dict(verb="fifo write", setup=[FIFO], run="fifo write --drop f one two", check="readonly"),
    dict(verb="fifo write", setup=[FIFO], run="fifo write -t 20ms f one", check="readonly", status=4),
    dict(verb="fifo write", setup=[FIFO], run="fifo write --nonblock f one", check="readonly", status=4),
    dict(verb="fifo read", setup=[fifo_with(b"one\ntwo\n")], run="fifo read -n 2 f", check="readonly"),
    dict(verb="fifo read", setup=[fifo_with(b"one\ntwo\n")], run="fifo read -n 1 -J f", check="readonly", volatile=TIMES),
    dict(verb="fifo read", setup=[fifo_with(b"one\ntwo\n")], run="fifo read -t 50ms f", check="readonly", status=4),
    dict(verb="fifo read", setup=[fifo_with(b"one\ntwo\n")], run="fifo read --keep -F line -t 50ms f", check="readonly", status=4),
    dict(verb="fifo read", setup=[FIFO], run="fifo read -t 20ms f", check="readonly", status=4),
    dict(verb="fifo read", setup=[FIFO], run="fifo read --nonblock f", check="readonly", status=4),
    dict(verb="fifo serve", setup=[fifo_with(b"one\ntwo\n")], run="fifo serve -n 2 f cat", check="readonly", program=True),
    dict(verb="fifo serve", setup=[FIFO], run="fifo serve -t 20ms f cat", check="readonly", status=4),
    dict(verb="fifo serve", setup=[fifo_with(b"one\n")], run="fifo serve -n 1 f /nowhere", check="readonly", status=127),
    dict(verb="fifo read", setup=[FIFO], run="fifo read f", waits="fifo write f hello", out=b"hello\n"),
    dict(verb="fifo read", setup=[FIFO], run="fifo read -t 1m -F line f", waits="fifo write f hello", out=b"hello\n"),
    dict(verb="fifo read", setup=[FIFO], run="fifo read --keep -n 1 f", waits="fifo write f hello", out=b"hello\n"),
    dict(verb="fifo write", setup=[FIFO], run="fifo write f hello", waits="fifo read -n 1 f"),
    dict(verb="fifo write", setup=[FIFO], run="fifo write -t 1m f hello", waits="fifo read -n 1 f"),
    dict(verb="fifo serve", setup=[FIFO], run="fifo serve -n 1 f cat", waits="fifo write f hello", out=b"hello"),
]

# /tmp is where other scenarios have their files, at the same time; /dev/shm is private.
OBJECTS = [
    dict(verb="ls", setup=[FIFO], run="ls --dir . fifo", check="readonly", volatile=TIMES, loose=fewer_rows),
    dict(verb="stat", setup=[FIFO], run="stat fifo:f", check="readonly", volatile=TIMES, loose=weaker_stat),
    dict(verb="rm", setup=[FIFO], run="rm -f fifo:f", check="steps", recover=[ABSENT]),
    dict(verb="chmod", setup=[FIFO], run="chmod 0640 fifo:f", check="steps"),
    dict(verb="wait", setup=[FIFO], run="wait --for live -t 20ms fifo:f", check="readonly", status=4),
    dict(verb="wait", run="wait fifo:f", waits=FIFO),
    dict(verb="ls", setup=ONE_OF_EACH, run="ls --dir /dev/shm", check="readonly", volatile=TIMES, loose=weaker_table),
    dict(verb="ls", setup=ONE_OF_EACH, run="ls --names --dir /dev/shm", check="readonly"),
    dict(verb="ls", setup=ONE_OF_EACH, run="ls -J --dir /dev/shm", check="readonly", volatile=TIMES, loose=weaker_json),
    dict(verb="ls", setup=ONE_OF_EACH, run="ls --names --sort size mq 'shm:/s*'", check="readonly", loose=other_order),
    dict(verb="ls", setup=ONE_OF_EACH, run="mq ls --names", check="readonly"),
    dict(verb="ls", setup=ONE_OF_EACH, run="ls --names --ns {self}", check="readonly"),
    dict(verb="stat", setup=ONE_OF_EACH, run=f"stat --ns {{self}} {NAMES}", check="readonly", volatile=TIMES, loose=weaker_stat),
    dict(verb="rm", setup=SEEN_EVERYWHERE, run=f"rm --ns {{self}} {SURE}", check="steps", recover=["ls --names"]),
    dict(verb="rm", setup=SEEN_EVERYWHERE, run="rm -y --ns {self} 'shm:*' 'mq:*'", check="steps", recover=["ls --names"]),
    dict(verb="chmod", setup=ONE_OF_EACH, run=f"chmod --ns {{self}} 0640 {NAMES}", check="steps"),
    dict(verb="ls", setup=[unlinked_segment], run="ls --state orphan shm", check="readonly", volatile=ORPHAN, loose=fewer_rows),
    dict(verb="ls", setup=[unlinked_segment], run="ls -J --state orphan shm", check="readonly", volatile=ORPHAN, loose=fewer_objects),
    dict(verb="rm", setup=[unlinked_segment], run="rm -n --state orphan shm:*", check="readonly", status=1),
    dict(verb="ls", setup=ONE_OF_EACH, run="ls --names --state idle,unknown --dir /dev/shm", check="readonly"),
    dict(verb="stat", setup=ONE_OF_EACH, run="stat 'shm:*'", check="readonly", volatile=TIMES, loose=weaker_stat),
    dict(verb="stat", setup=ONE_OF_EACH, run=f"stat {NAMES}", check="readonly", volatile=TIMES, loose=weaker_stat),
    dict(verb="stat", setup=ONE_OF_EACH, run=f"stat -J {NAMES}", check="readonly", volatile=TIMES, loose=weaker_json),
    dict(verb="stat", setup=ONE_OF_EACH, run="stat -J --error ENOSPC semget", check="readonly", loose=weaker_explanation),
    dict(verb="limits", setup=ONE_OF_EACH, run="limits -J --warn 0 sem", check="readonly", status=6, volatile=PROCESSES, loose=weaker_limits),
    dict(verb="graph", setup=ONE_OF_EACH, run=f"graph {NAMES}", check="readonly", volatile=TIMES, loose=weaker_graph),
    dict(verb="graph", setup=ONE_OF_EACH, run="graph --all --format mermaid mq shm sem", check="readonly", volatile=TIMES,
         loose=lambda want, got: got.startswith(b"flowchart LR\n")),
    dict(verb="graph", setup=[FIFO], run="graph --dir . fifo", check="readonly", volatile=TIMES, loose=weaker_graph),
    dict(verb="rm", setup=SEEN_EVERYWHERE, run=f"rm {SURE}", check="steps", recover=["ls --names"]),
    dict(verb="rm", setup=ONE_OF_EACH, run=f"rm -f {NAMES}", check="steps", recover=["ls --names"]),
    dict(verb="rm", setup=SEEN_EVERYWHERE, run="rm -y -", stdin=SURE.replace(" ", "\n").encode() + b"\n", check="steps", recover=["ls --names"]),
    dict(verb="rm", setup=SEEN_EVERYWHERE, run="rm -n 'shm:*' 'mq:*'", check="readonly", volatile=TIMES, loose=weaker_table),
    dict(verb="rm", setup=SEEN_EVERYWHERE, run="rm -y 'shm:*' 'mq:*'", check="steps", recover=["ls --names"]),
    dict(verb="rm", setup=POSIX_FULL, run="rm mq:/q", status=1),
    dict(verb="ls", setup=[dead_socket], run="ls --dir /dev/shm sock", check="readonly", volatile=TIMES, loose=fewer_rows),
    dict(verb="ls", setup=[dead_socket], run="ls -J --dir /dev/shm sock", check="readonly", volatile=TIMES, loose=fewer_objects),
    dict(verb="top", setup=ONE_OF_EACH, run="top", status=2, check="readonly"),
    dict(verb="stat", setup=[dead_socket], run="stat /dev/shm/dead", check="readonly", volatile=TIMES, loose=weaker_stat),
    dict(verb="rm", setup=[dead_socket], run="rm sock:/dev/shm/dead", check="steps", recover=[DEAD]),
    dict(verb="rm", run="rm -f sock:@nobody", status=3),
    dict(verb="wait", setup=[dead_socket], run="wait --for idle sock:/dev/shm/dead", check="readonly"),
    dict(verb="wait", setup=[dead_socket], run="wait --for live -t 20ms sock:/dev/shm/dead", check="readonly", status=4),
    dict(verb="chmod", setup=[dead_socket], run="chmod 0640 sock:/dev/shm/dead", check="steps"),
    dict(verb="chmod", setup=ONE_OF_EACH, run=f"chmod 0640 {NAMES}", check="steps"),
    dict(verb="chown", users=True, setup=ONE_OF_EACH, run=f"chown 1:2 {NAMES}", check="steps"),
    dict(verb="wait", setup=ONE_OF_EACH, run="wait mq:/q", check="readonly"),
    dict(verb="wait", setup=ONE_OF_EACH, run="wait --for empty mq:key:0x51", check="readonly"),
    dict(verb="wait", setup=ONE_OF_EACH, run="wait --for idle shm:/s", check="readonly"),
    dict(verb="wait", setup=ONE_OF_EACH, run="wait --for gone -t 20ms shm:/s", check="readonly", status=4),
    dict(verb="wait", run="wait --for exists -t 20ms shm:/s", check="readonly", status=4),
    dict(verb="wait", run="wait shm:/s", waits="shm create /s --size 64"),
    dict(verb="wait", run="wait mq:key:0x51", waits=SYSV_QUEUE),
    dict(verb="wait", setup=ONE_OF_EACH, run="wait --for gone sem:/l", waits="rm sem:/l"),
    dict(verb="wait", setup=ONE_OF_EACH, run="wait --for gone mq:/q", waits="rm mq:/q"),
    dict(verb="wait", setup=[POSIX_QUEUE], run="wait --for readable mq:/q", waits="mq send /q one"),
    dict(verb="wait", setup=SYSV_FULL, run="wait --for empty mq:key:0x51", waits="mq recv --drain key:0x51"),
]

CONVERSATIONS = [
    dict(verb="sock connect", setup=[echo_server], run="sock connect /dev/shm/echo one two"),
    dict(verb="sock connect", setup=[echo_server], run="sock connect /dev/shm/echo", stdin=b"one\ntwo\n" * 1000),
    dict(verb="sock connect", setup=[echo_server], run="sock connect -F netstring /dev/shm/echo", stdin=b"3:one,3:two,"),
    dict(verb="sock connect", setup=[echo_server], run="sock connect -J /dev/shm/echo one", volatile=TIMES),
    dict(verb="sock connect", setup=[echo_messages], run="sock connect --replies 2 /dev/shm/echo", stdin=b"one\ntwo\n"),
    dict(verb="sock probe", setup=[echo_server], run="sock probe /dev/shm/echo", check="readonly", answers=PROBED),
    dict(verb="sock relay", run="sock relay -t 20ms @a /dev/shm/echo", status=4),
    dict(verb="sock relay", setup=[echo_server], run="sock relay --once /dev/shm/s /dev/shm/echo", waits="sock connect /dev/shm/s one"),
]

SCENARIOS = HELP + QUEUES + SEGMENTS + SEMAPHORES + SOCKETS + CONVERSATIONS + PIPES + FIFOS + OBJECTS
