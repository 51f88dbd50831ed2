#!/usr/bin/python3
"""Fails each system call of each verb in turn, and looks at what is left.

    tests/run.sh -- tests/torture/torture.py [-j JOBS] [--full] [--only TEXT] [--repeat TEXT]

A first run under strace(1) shows which system calls a scenario (scenarios.py) makes behind the start of
main(); then each is failed, with each error that makes sense for it, and is the moment of a SIGKILL. Apart
from that each scenario meets closed and full outputs, low limits, a full /dev/shm, and, if it waits, storms of
signals. After each of these judge.py says what may be true.

Without --full (or TORTURE=full) of calls that look alike (shape()) only the first is failed with every error, or with
two, if most scenarios make it, or the scenario changes nothing; one in the middle and the last are with one, and killed
at only where something may be changed. Which is in the middle, and which errors, differs from scenario to scenario,
but is always the same for one.

A worker has a pid namespace of its own too, where that is possible: what other programs of the machine do
meanwhile neither moves a call to another place nor makes hundreds more of them.

--repeat repeats one injection, as printed for each that failed; --verbose tells what each scenario took. The
last lines count.
"""

import argparse
import ctypes
import functools
import json
import os
import re
import resource
import selectors
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zlib

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import judge
import world
from scenarios import SCENARIOS, let_go

HERE = os.path.abspath(__file__)
IPCCTL = os.environ.get("IPCCTL") or "ipcctl"
HANG = 5  # seconds
SHM_SIZE = 1 << 20
PAGE = os.sysconf("SC_PAGE_SIZE")

# --- which errors make sense for which call ------------------------------------------------------

EVERY = ("ENOSPC", "EINTR", "EMFILE", "EACCES", "ENOMEM")
DATA = ("ENOSPC", "EINTR", "EIO", "ENOMEM")
LOOK = ("EACCES", "ENOMEM")
# Calls that cannot fail, or whose failure libc takes for its own bug (an unknown error of futex ends the program,
# and a failed brk is not noticed). They are moments for a SIGKILL all the same.
NEVER = (
    "alarm arch_prctl brk clock_getres clock_gettime exit exit_group getegid geteuid getgid getpgid getpid getppid"
    " close_range getsid gettid gettimeofday getuid kill lseek membarrier munmap restart_syscall rseq rt_sigaction rt_sigpending"
    " rt_sigprocmask rt_sigreturn sched_getaffinity sched_yield set_robust_list set_tid_address sysinfo time umask"
    " uname setrlimit prlimit64 timer_delete"
).split()
ERRORS = {name: () for name in NEVER} | {
    "clock_nanosleep": ("EINTR",),
    "clone": ("EAGAIN", "ENOMEM"),
    "clone3": ("EAGAIN", "ENOMEM"),
    "close": ("EINTR", "ENOSPC", "EIO"),
    "execve": ("EACCES", "ENOMEM"),
    "fcntl": ("EINTR", "EACCES", "EMFILE", "ENOMEM"),
    "fork": ("EAGAIN", "ENOMEM"),
    "futex": ("EINTR",),
    "getdents64": ("EACCES", "EIO", "ENOMEM"),
    "getrandom": ("EINTR",),
    "ioctl": LOOK,
    "mmap": ("EACCES", "ENOMEM", "EMFILE"),
    "mprotect": LOOK,
    "mremap": ("ENOMEM",),
    "nanosleep": ("EINTR",),
    "newfstatat": LOOK,
    "fstat": LOOK,
    "poll": ("EINTR", "ENOMEM"),
    "ppoll": ("EINTR", "ENOMEM"),
    "pread64": DATA,
    "pwrite64": DATA,
    "read": DATA,
    "readlink": LOOK,
    "readlinkat": LOOK,
    "statx": LOOK,
    "vfork": ("EAGAIN", "ENOMEM"),
    "wait4": ("EINTR",),
    "waitid": ("EINTR",),
    "write": DATA,
    "writev": DATA,
}


@functools.cache
def sanitized():
    """Whether it is built with AddressSanitizer, which wants terabytes of address space."""
    with open(shutil.which(IPCCTL), "rb") as file:
        return b"__asan_init" in file.read()


ANY_PLACE = ("read", "getdents64", "mmap")  # whose arguments say nothing about what is read


def shape(call, arguments):
    """What calls that look alike have in common: their name, and their arguments up to the first that the kernel
    fills in, without numbers."""
    if call in ANY_PLACE:
        return call
    arguments = re.sub(r" = -?\d.*", "", arguments) if " = " in arguments else arguments
    if call in ("readlinkat", "newfstatat", "statx", "fstat", "fcntl", "readlink", "close", "pread64"):
        arguments = re.match(r'(?:"[^"]*"|[^,)"])*(?:,\s*(?:"[^"]*"|\w+))?', arguments)[0]
    return call + "(" + re.sub(r"0x[0-9a-f]+|\d+", "#", arguments)


# How calls look that most scenarios make: for each process they look at, and for what libraries need.
PER_PROCESS = (
    "# cgroup cmdline fd fd/# fdinfo fdinfo/# limits maps mountinfo ns/ipc ns/mnt ns/net ns/user root stat status syscall"
    " task task/#/syscall task/#/maps task/#/fd wchan ."
).split()
EVERYWHERE = tuple(
    [f'{call}(#, "{path}"' for call in ("openat", "newfstatat", "statx", "readlinkat") for path in PER_PROCESS]
    + [f'{call}(AT_FDCWD, "{path}' for call in ("openat", "newfstatat", "statx") for path in ("/etc", "/lib", "/proc", "/usr")]
    + ["access(", "memfd_create(", "newfstatat(#, \"\"", "fcntl(#, F_GETF", "fcntl(#, F_SETF", "socket(AF_NETLINK", "sendto(#, [{nlmsg"]
)


def choice(*what):
    """A number that is always the same for the same."""
    return zlib.crc32(repr(what).encode())


def errors_of(call, arguments):
    if call == "futex" and "FUTEX_WAKE" in arguments:
        return ()  # only a wait is interrupted
    if call == "close" and not arguments.startswith("1)"):
        return ()  # the descriptor would stay open, which it never does on Linux
    if call == "mmap" and sanitized():
        return ()  # its allocator gives up
    return ERRORS.get(call, EVERY)


# --- running -------------------------------------------------------------------------------------


class Result:
    def __init__(self, status, out=b"", err=b"", hung=False, left=None):
        self.signal = signal.Signals(-status) if status < 0 else None
        self.killed = status == -signal.SIGKILL
        self.status, self.out, self.err, self.hung, self.left = status, out, err, hung, left


class Worker:
    """One private world, and what is done in it."""

    def __init__(self, top):
        self.directories = [f"{top}/cwd", f"{top}/run"]
        self.scratch = f"{top}/scratch"
        for path in (*self.directories, self.scratch):
            os.makedirs(path, mode=0o700)
        os.chdir(self.directories[0])
        self.environment = dict(os.environ, XDG_RUNTIME_DIR=self.directories[1], LC_ALL="C.UTF-8")
        self.environment["ASAN_OPTIONS"] = "detect_leaks=0"
        ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER: orphans are seen

    def reap(self):
        """Waits for all that still runs; returns what had to be killed."""
        end, left = time.monotonic() + HANG, []
        while True:
            try:
                while os.waitpid(-1, os.WNOHANG) != (0, 0):
                    pass
            except ChildProcessError:
                return left
            if time.monotonic() > end:
                left += self.kill_children()
                end += HANG
            time.sleep(0.001)

    def kill_children(self):
        left = []
        with open("/proc/thread-self/children") as file:
            for pid in file.read().split():
                try:
                    with open(f"/proc/{pid}/cmdline", "rb") as cmdline:
                        left.append(cmdline.read().replace(b"\0", b" ").decode(errors="replace"))
                    os.kill(int(pid), signal.SIGKILL)
                except (ProcessLookupError, FileNotFoundError):
                    pass
        return left

    def execute(self, argv, stdin=b"", stdout=subprocess.PIPE, prepare=None, alone=True):
        process = subprocess.Popen(
            argv, stdin=subprocess.PIPE, stdout=stdout, stderr=subprocess.PIPE, preexec_fn=prepare, env=self.environment
        )
        hung, out, err = False, b"", b""
        try:
            out, err = process.communicate(stdin, timeout=HANG)
        except subprocess.TimeoutExpired:
            hung = True
            process.kill()
            self.kill_children()
            process.wait()
        return Result(process.returncode, out or b"", err, hung, self.reap() if alone else None)

    def ipcctl(self, line, stdin=b"", alone=True):
        return self.execute([IPCCTL, *shlex.split(line)], stdin, alone=alone)

    def prepare(self, scenario):
        """An empty world, and what the scenario wants to find in it."""
        let_go()
        world.sweep(self.directories)
        for step in scenario.get("setup", []):
            if callable(step):
                step()
                continue
            line, stdin = (step, b"") if isinstance(step, str) else step
            result = self.ipcctl(line, stdin)
            if result.status != 0:
                raise RuntimeError(f"setup failed: ipcctl {line}: {result.err.decode(errors='replace')}")

    def argv(self, scenario):
        return [IPCCTL, *shlex.split(scenario["run"].replace("{self}", str(os.getpid())))]

    def go(self, scenario, before=(), **how):
        self.prepare(scenario)
        return self.execute([*before, *self.argv(scenario)], scenario.get("stdin", b""), **how)

    def look(self, scenario, result, killed=False):
        if killed:
            for line in scenario.get("recover", []):
                self.ipcctl(line)
        state = world.snapshot(self.directories)
        return {judge.steady(scenario, name.encode()).decode(): thing for name, thing in state.items()}

    def clean(self, scenario):
        self.prepare(scenario)
        before = world.snapshot(self.directories)
        runs = []
        for _ in range(2):
            result = self.go(scenario)
            runs.append((result, self.look(scenario, result)))
        result, done = runs[0]
        if result.status != scenario.get("status", 0) or result.hung or result.left:
            raise RuntimeError(f"status {result.status} without any injection: {result.err.decode(errors='replace')}")
        again = runs[1][1]
        if judge.steady(scenario, result.out) != judge.steady(scenario, runs[1][0].out) or done != again:
            raise RuntimeError(
                f"two runs differ: {judge.difference(again, done)} {judge.steady(scenario, result.out)}"
                f" {judge.steady(scenario, runs[1][0].out)}"
            )
        return judge.Clean(before, done, result)

    # --- system calls ---

    def calls(self, scenario):
        """The system calls behind the start of main(), as (name, number, arguments) in order. Number K is what
        strace counts: by name, in each process, from its start."""
        log = f"{self.scratch}/trace"
        self.go(scenario, before=["strace", "-f", "-qq", "-s", "60", "-o", log])
        counts, found, ours, root = {}, [], {}, None
        with open(log, errors="replace") as file:
            for line in file:
                match = re.match(r"(\d+) +(\w+)\((.*)", line)
                if not match:
                    continue
                pid, name, rest = match.groups()
                root = root or pid
                number = counts[pid, name] = counts.get((pid, name), 0) + 1
                # libc's and the loader's calls come first; the first of main() is fcntl(0, F_GETFD).
                if pid not in ours:
                    ours[pid] = pid != root
                if not ours[pid] and pid == root and name == "fcntl" and rest.startswith("0, F_GETFD"):
                    ours[pid] = True
                elif ours[pid] and name == "execve" and re.search(r"\) += 0$", rest):
                    ours[pid] = None  # from here on it is another program
                if ours[pid]:
                    found.append((pid == root, name, number, rest))
        # At a child's call with a number that the parent uses up before main(), the parent would fail first.
        loader = self.loader_counts(log, root)
        return [call[1:] for call in found if call[0] or call[2] > loader.get(call[1], 0)]

    def loader_counts(self, log, root):
        counts = {}
        with open(log, errors="replace") as file:
            for line in file:
                match = re.match(rf"{root} +(\w+)\((.*)", line)
                if match and match[1] == "fcntl" and match[2].startswith("0, F_GETFD"):
                    break
                if match:
                    counts[match[1]] = counts.get(match[1], 0) + 1
        return counts

    def injections(self, scenario, full):
        """(call, number, fault, arguments), without repetition."""
        alike, seen = {}, set()
        for name, number, rest in self.calls(scenario):
            alike.setdefault(shape(name, rest), []).append((name, number, rest))
        for looks, group in alike.items():
            turn = choice(scenario["run"], looks)
            tried = group if full else group[:1] + group[1:-1][turn % max(len(group) - 2, 1) :][:1] + group[1:][-1:]
            for name, number, rest in tried:
                first = full or (name, number, rest) == group[0]
                for fault in self.faults(scenario, looks, errors_of(name, rest), turn + number, first, full):
                    if (name, number, fault) not in seen:
                        seen.add((name, number, fault))
                        yield name, number, fault, rest

    def faults(self, scenario, looks, errors, turn, first, full):
        """What is tried with one of the calls that look alike."""
        changes = scenario.get("check") != "readonly"
        common = looks.startswith(EVERYWHERE)
        many = len(errors) if full or first and changes and not common else 2 if first else 1
        some = [errors[(turn + i) % len(errors)] for i in range(min(many, len(errors)))]
        killed = changes and (first or not common) or first and not common
        return [*some, "KILL"] if full or killed else some

    def inject(self, scenario, clean, name, number, fault, rest):
        what = "signal=KILL" if fault == "KILL" else f"error={fault}"
        strace = ["strace", "-qq", "-f", "--seccomp-bpf", "-o", "/dev/null", "-e", f"trace={name}"]
        result = self.go(scenario, before=[*strace, "-e", f"inject={name}:{what}:when={number}"])
        told = scenario.get("recover_told") and result.err and result.status != clean.result.status
        state = self.look(scenario, result, fault == "KILL" or told)
        if fault == "KILL":
            clean = judge.without_waiters(clean)
            state = judge.nobody_waits(state)
        return judge.complaints(scenario, clean, result, state, stderr_lost=rest.startswith("2, "))

    # --- everything else that can go wrong ---

    def conditions(self, scenario, clean, full):
        """(name, function) of each condition the scenario is put under."""
        yield "stdout-full", lambda: self.under(scenario, clean, stdout="/dev/full")
        for streams in ("0<&-", "1>&-", "2>&-", "0<&- 1>&- 2>&-"):
            yield "closed:" + streams, lambda streams=streams: self.closed(scenario, clean, streams)
        yield "stdout-pipe-closed", lambda: self.pipe_closed(scenario, clean)
        yield "fsize-0", lambda: self.limited(scenario, clean, resource.RLIMIT_FSIZE, 0, f"{self.scratch}/out")
        for n in range(3, 9):
            yield f"nofile-{n}", lambda n=n: self.limited(scenario, clean, resource.RLIMIT_NOFILE, n)
        for size in () if sanitized() else range(2 << 20, 12 << 20, (128 if full else 512) << 10):
            # What a guard has no memory for is left to the next one that looks, as after a SIGKILL.
            yield f"as-{size >> 10}K", lambda size=size: self.limited(
                scenario, clean, resource.RLIMIT_AS, size, recover=True
            )
        for pages in (0, 1):
            yield f"shm-left-{pages}", lambda pages=pages: self.shm_full(scenario, clean, pages * PAGE)

    def under(self, scenario, clean, stdout=None, prepare=None, before=(), lost=True, stderr_lost=False, ready=None, recover=False):
        self.prepare(scenario)
        if ready:
            ready()
        file = os.open(stdout, os.O_WRONLY | os.O_CREAT | os.O_TRUNC) if isinstance(stdout, str) else stdout
        target = subprocess.PIPE if file is None else file
        result = self.execute([*before, *self.argv(scenario)], scenario.get("stdin", b""), target, prepare)
        if file is not None:
            os.close(file)
        state = self.look(scenario, result, recover)
        return judge.complaints(scenario, clean, result, state, lost and stdout is not None, stderr_lost)

    def closed(self, scenario, clean, streams):
        before = ["sh", "-c", f'exec "$@" {streams}', "sh"]
        self.prepare(scenario)
        result = self.execute([*before, *self.argv(scenario)], scenario.get("stdin", b""))
        state = self.look(scenario, result)
        return judge.complaints(scenario, clean, result, state, "1>" in streams, "2>" in streams)

    def pipe_closed(self, scenario, clean):
        r, w = os.pipe()
        os.close(r)
        found = self.under(scenario, clean, stdout=w)
        # Its reader went away: that needs no message.
        return [complaint for complaint in found if complaint != "status 141 without a message"]

    def limited(self, scenario, clean, limit, value, stdout=None, recover=False):
        return self.under(scenario, clean, stdout, lambda: resource.setrlimit(limit, (value, value)), recover=recover)

    def shm_full(self, scenario, clean, left):
        return self.under(scenario, clean, ready=lambda: world.fill(left))

    # --- all of a scenario ---

    def torture(self, scenario, full, only=None):
        """Yields (what, complaints)."""
        if "waits" in scenario:
            for name, found in self.storms(scenario):
                if only in (None, name):
                    yield name, found
            return
        clean = self.clean(scenario)
        for name, test in self.conditions(scenario, clean, full):
            if only in (None, name):
                yield name, test()
        for call, number, fault, rest in self.injections(scenario, full or only):
            what = f"{call}:{fault}:{number}"
            if only in (None, what):
                yield what, self.inject(scenario, clean, call, number, fault, rest)

    def storms(self, scenario):
        for name in ("SIGCHLD", "SIGWINCH", "SIGALRM", "SIGSTOP"):
            yield name, self.storm(scenario, getattr(signal, name))

    def storm(self, scenario, number):
        """A signal that is ignored or caught, or a stop, must not end a wait."""
        self.prepare(scenario)
        process = subprocess.Popen(
            self.argv(scenario),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self.environment,
        )
        try:
            for _ in range(10):
                if not self.sleeps(process.pid):
                    return [f"does not wait: {process.communicate(timeout=HANG)}"]
                if number == signal.SIGALRM and not self.catches(process.pid, number):
                    break  # it would end any program
                process.send_signal(number)
                if number == signal.SIGSTOP:
                    self.until(lambda: self.state(process.pid) in "TZ")
                    process.send_signal(signal.SIGCONT)
                time.sleep(0.002)
            if not self.sleeps(process.pid):
                return [f"{number.name} ended it: {process.communicate(timeout=HANG)}"]
            end = self.ipcctl(scenario["waits"], alone=False)
            if end.status != 0:
                return [f"what should end it failed: {end.err}"]
            out, err = process.communicate(timeout=HANG)
        except subprocess.TimeoutExpired:
            return ["it hangs"]
        finally:
            process.kill()
            process.wait()
            left = self.reap()
        result = Result(process.returncode, out, err, left=left)
        if (result.status, result.out) != (scenario.get("status", 0), scenario.get("out", b"")):
            return [f"ended with {result.status}, {result.out} {result.err}"]
        return [f"left running: {left}"] if left else []

    def until(self, condition):
        end = time.monotonic() + HANG
        while time.monotonic() < end:
            if condition():
                return True
            time.sleep(0.001)
        return False

    def state(self, pid):
        try:
            with open(f"/proc/{pid}/stat") as file:
                return file.read().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return "Z"

    def ignores(self, pid, number, what="SigIgn"):
        with open(f"/proc/{pid}/status") as file:
            bits = int(re.search(rf"{what}:\s*(\w+)", file.read())[1], 16)
        return bits >> (number - 1) & 1

    def catches(self, pid, number):
        return self.ignores(pid, number, "SigCgt")

    def sleeps(self, pid):
        """Waits until it sleeps, behind the start of main() (which ignores SIGPIPE first of all)."""
        for _ in range(3):
            if not self.until(lambda: self.state(pid) in "SZ") or self.state(pid) == "Z":
                return False
            time.sleep(0.001)
        return True


# --- workers and their master --------------------------------------------------------------------


def title(index):
    scenario = SCENARIOS[index]
    storm = ", waiting" if "waits" in scenario else ""
    return f"{scenario['verb']}: {scenario.get('name') or scenario['run']}{storm}"


def work(options):
    """Reads numbers of scenarios, answers with a line of JSON for each."""
    top = tempfile.mkdtemp(prefix="torture.")
    try:
        worker = Worker(top)
        for line in sys.stdin:
            index, only = json.loads(line)
            answer = {"index": index, "tried": 0, "failed": []}
            start = time.monotonic()
            try:
                for what, found in worker.torture(SCENARIOS[index], options.full, only):
                    answer["tried"] += 1
                    if found:
                        answer["failed"].append((what, found))
            except Exception as error:  # reported as what went wrong with this scenario
                answer["tried"] += 1
                answer["failed"].append(("clean", [f"{type(error).__name__}: {error}"]))
            answer["seconds"] = round(time.monotonic() - start, 1)
            print(json.dumps(answer), flush=True)
        world.sweep(worker.directories)
    finally:
        os.chdir("/")
        shutil.rmtree(top)


MOUNTS = (
    f"mount -t mqueue mqueue /dev/mqueue && mount -t tmpfs -o mode=1777,size={SHM_SIZE} tmpfs /dev/shm &&"
    f" mkdir -p {world.LEDGERS} && mount -t tmpfs -o mode=0755 tmpfs {world.LEDGERS} && exec \"$@\""
)


def world_of_its_own():
    """The beginning of a command line that gets a private world here, or None."""
    private = ["-pf", "--kill-child", "--mount-proc"]
    for way in ["-im", "-Urim"]:
        for more in (private, []):
            command = ["unshare", way, *more, "sh", "-c", MOUNTS, "sh"]
            if subprocess.run([*command, "true"], capture_output=True).returncode == 0:
                return command
    return None


def start_worker(options, command):
    command = [*command, "/usr/bin/python3", HERE, "--work"]
    if options.full:
        command.append("--full")
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def refused():
    """Why there can be no torture here, or None."""
    if not shutil.which("strace"):
        return "needs strace"
    if not world_of_its_own():
        return "namespaces are denied to this user"
    trial = subprocess.run(["strace", "-qq", "-o", "/dev/null", "true"], capture_output=True)
    return "ptrace is denied here: " + trial.stderr.decode().strip() if trial.returncode else None


def answers(options, tasks):
    """Gives the tasks to the workers; yields what they answer."""
    selector, waiting, command = selectors.DefaultSelector(), list(reversed(tasks)), world_of_its_own()

    def give(worker):
        if not waiting:
            selector.unregister(worker.stdout)
            worker.stdin.close()
            worker.wait()
            return
        worker.stdin.write(json.dumps(waiting.pop()) + "\n")
        worker.stdin.flush()

    for _ in range(min(options.jobs, len(tasks))):
        worker = start_worker(options, command)
        selector.register(worker.stdout, selectors.EVENT_READ, worker)
        give(worker)
    while selector.get_map():
        for key, _ in selector.select():
            line = key.data.stdout.readline()
            if not line:
                sys.exit("torture: a worker ended")
            yield json.loads(line)
            give(key.data)


def missing():
    """What the scenarios leave out, or should: a line each."""
    docs = os.path.join(os.path.dirname(shutil.which(IPCCTL)), "ipcctl-docs")
    verbs = subprocess.run([docs, "verbs"], capture_output=True, text=True, check=True).stdout.splitlines()
    have = {scenario["verb"] for scenario in SCENARIOS if "waits" not in scenario}
    titles = [title(i) for i in range(len(SCENARIOS))]
    return (
        [f"no scenario for '{verb}'" for verb in verbs if verb not in have]
        + [f"no such verb: '{verb}'" for verb in sorted(have) if verb not in verbs]
        + [f"two scenarios are called '{name}'" for name in sorted(set(titles)) if titles.count(name) > 1]
    )


def master(options):
    # In a user namespace there is no other user to give an object to.
    alone = os.environ.get("TESTS_REAL_ROOT") != "1" or os.environ.get("TESTS_AS") != "root"
    possible = [i for i in range(len(SCENARIOS)) if not (alone and SCENARIOS[i].get("users"))]
    tasks = [(i, None) for i in possible if options.only is None or options.only in title(i)]
    if options.repeat:
        name, what = options.repeat.rsplit(" @ ", 1)
        tasks = [(i, what) for i in range(len(SCENARIOS)) if title(i) == name]
    verbs = {}
    for answer in answers(options, tasks):
        index = answer["index"]
        tried, failed = verbs.setdefault(SCENARIOS[index]["verb"], [0, 0])
        verbs[SCENARIOS[index]["verb"]] = [tried + answer["tried"], failed + len(answer["failed"])]
        if options.verbose:
            print(f"{title(index)}: {answer['tried']} in {answer['seconds']} s", flush=True)
        for what, found in answer["failed"]:
            print(f"FAILED {title(index)} @ {what}")
            for complaint in found:
                print(f"    {complaint}")
            repeat = shlex.quote(f"{title(index)} @ {what}")
            print(f"    tests/run.sh -- tests/torture/torture.py --repeat {repeat}", flush=True)
    for verb, (tried, failed) in sorted(verbs.items()):
        print(f"torture: {verb}: {tried} injections, {tried - failed} passed")
    tried, failed = (sum(counts[i] for counts in verbs.values()) for i in (0, 1))
    print(f"torture: {tried} injections, {tried - failed} passed")
    return 0 if failed == 0 and tried > 0 else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("-j", "--jobs", type=int, default=2 * (os.cpu_count() or 1))
    parser.add_argument("--full", action="store_true", default=os.environ.get("TORTURE") == "full")
    parser.add_argument("--only", help="the scenarios whose title contains this")
    parser.add_argument("--repeat", help="one injection, as it was printed")
    parser.add_argument("--missing", action="store_true", help="print the verbs without a scenario")
    parser.add_argument("--check", action="store_true", help="say why it can't work here: status 77")
    parser.add_argument("-v", "--verbose", action="store_true", help="tell what each scenario took")
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        return work(options)
    if options.missing:
        found = missing()
        print("\n".join(found), end="\n" if found else "")
        return 1 if found else 0
    if reason := refused():
        print(reason)
        return 77
    return 0 if options.check else master(options)


if __name__ == "__main__":
    sys.exit(main())
