"""What may be true after a command that something happened to. Each rule returns a complaint, or None."""

import base64
import json
import re
import signal
from collections import Counter

CRASHES = {signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGILL, signal.SIGFPE, signal.SIGSYS, signal.SIGXFSZ}


class Clean:
    """What the command does when nothing happens to it: the states around it, what it prints, its status."""

    def __init__(self, before, done, result):
        self.before, self.done, self.result = before, done, result


def nobody_waits(state):
    """Without the number of waiters of POSIX semaphores: one that is killed goes on being counted, as in glibc,
    which costs a needless system call and no more."""
    return {name: (*thing[:5], 0, *thing[6:]) if thing[0] == "semaphore" else thing for name, thing in state.items()}


def without_waiters(clean):
    return Clean(nobody_waits(clean.before), nobody_waits(clean.done), clean.result)


def messages(state):
    """All messages of all queues, as their bytes."""
    return [data for thing in state.values() if thing[0] == "queue" for _, data in thing[-1]]


def without_messages(state):
    return {name: thing[:-1] if thing[0] == "queue" else thing for name, thing in state.items()}


def difference(state, expected):
    return "; ".join(
        f"{name} is {state.get(name, 'missing')}, not {expected.get(name, 'missing')}"
        for name in sorted(set(state) | set(expected))
        if state.get(name) != expected.get(name)
    )[:400]


def whole_or_nothing(scenario, clean, result, state):
    """All of the effect or none."""
    if state in (clean.before, clean.done) or (result.killed and unfinished(scenario, clean, state)):
        return None
    return "half done: " + difference(state, clean.done)


def unfinished(scenario, clean, state):
    """Whether all that is new is what will be, or that with fewer permissions and other attributes."""

    def less(name):
        mode, final = int(state[name][1], 8), int(clean.done[name][1], 8)
        return state[name][0] == clean.done[name][0] and mode & ~final & 0o777 == 0

    old = [name for name in state if name in clean.before]
    new = [name for name in state if name not in clean.before]
    return (
        scenario.get("unfinished")
        and len(old) == len(clean.before)
        and all(state[name] == clean.before[name] for name in old)
        and all(name in clean.done and less(name) for name in new)
    )


def steps(scenario, clean, result, state):
    """Of each object all of the effect or none."""
    names = set(state) | set(clean.before) | set(clean.done)
    wrong = [name for name in names if state.get(name) not in (clean.before.get(name), clean.done.get(name))]
    return "half done: " + difference(state, clean.done) if wrong else None


def half_written(scenario, clean, result, state):
    """As whole_or_nothing, but for what is in segments."""

    def outside(state):
        return {name: thing[:-1] if thing[0] in ("file", "segment") else thing for name, thing in state.items()}

    allowed = [outside(clean.before), outside(clean.done)]
    return None if outside(state) in allowed else "half done: " + difference(state, clean.done)


def some_units(scenario, clean, result, state):
    """A SIGKILL between two units of a POSIX semaphore keeps one; nothing else does."""
    if not result.killed or set(state) != set(clean.before):
        return whole_or_nothing(scenario, clean, result, state)
    for name, thing in state.items():
        if thing[0] == "semaphore" and clean.done[name][4] <= thing[4] <= clean.before[name][4]:
            continue
        if thing not in (clean.before[name], clean.done[name]):
            return "half done: " + difference(state, clean.done)
    return None


def readonly(scenario, clean, result, state):
    return None if state == clean.before else "it changed something: " + difference(state, clean.before)


def sent_in_order(scenario, clean, result, state):
    """The queue has what it had and then some of the new messages, from the first."""
    if without_messages(state) not in (without_messages(clean.before), without_messages(clean.done)):
        return "half done: " + difference(without_messages(state), without_messages(clean.done))
    had, want, have = messages(clean.before), messages(clean.done), messages(state)
    if len(have) < len(had) or have != want[: len(have)]:
        return f"queue holds {have}, which is not the beginning of {want}"
    return None


def netstrings(data):
    found = []
    while match := re.match(rb"(\d+):", data):
        end = match.end() + int(match[1])
        if data[end : end + 1] != b",":
            break  # cut off: not printed
        found.append(data[match.end() : end])
        data = data[end + 1 :]
    return found


def printed(scenario, result):
    if "shows" in scenario:
        return [message for message, text in scenario["shows"].items() if text in result.out]
    if scenario["check"] == "take_netstrings":
        return netstrings(result.out)
    lines = [line for line in result.out.split(b"\n") if line]
    if scenario["check"] != "take_json":
        return lines
    found = []
    for line in lines:
        try:
            record = json.loads(line)
            found.append(record["data"].encode() if "data" in record else base64.b64decode(record["data_base64"]))
        except (ValueError, KeyError):
            pass  # cut off: not printed
    return found


def none_lost(scenario, clean, result, state):
    """Every message is in a queue, or printed whole, or said to be lost. A kill may cost what a POSIX receive
    had taken and not yet passed on (one message; the kernel offers no peek), and may double a System V one."""
    shape = without_messages(state)
    if shape not in (without_messages(clean.before), without_messages(clean.done)):
        return "half done: " + difference(shape, without_messages(clean.done))
    had = Counter(messages(clean.before))
    have = Counter(messages(state)) + Counter(record for record in printed(scenario, result) if record in had)
    missing, doubled = had - have, have - had
    told = re.search(rb"lost", result.err)
    if missing and result.killed:
        return None if sum(missing.values()) <= scenario.get("kill_loses", 0) else f"lost at a kill: {list(missing)}"
    if missing and not told:
        return f"lost in silence: {list(missing)}"
    said = result.killed and scenario.get("kill_doubles") or b"in both" in result.err
    if doubled and not said:
        return f"doubled: {list(doubled)}"
    return None


RULES = {
    "whole": whole_or_nothing,
    "readonly": readonly,
    "send": sent_in_order,
    "take": none_lost,
    "take_json": none_lost,
    "take_netstrings": none_lost,
    "steps": steps,
    "bytes": half_written,
    "units": some_units,
}


def steady(scenario, text):
    """Output without what differs from run to run."""
    for pattern, instead in scenario.get("volatile", []):
        text = re.sub(pattern, instead, text)
    return text


def same_output(scenario, clean, result):
    want, have = steady(scenario, clean.result.out), steady(scenario, result.out)
    if want == have:
        return None
    loose = scenario.get("loose")
    if loose and loose(want, have):
        return None
    return f"status 0 and another output: {have[:300]!r}, not {want[:300]!r}"


def complaints(scenario, clean, result, state, stdout_lost=False, stderr_lost=False):
    """All that is wrong with a run that something was done to."""
    found = []
    if result.hung:
        return ["it hangs"]
    if result.left:
        found.append(f"processes left running: {result.left}")
    if result.signal in CRASHES and not scenario.get("program"):
        found.append(f"killed by {result.signal.name}")
    success = result.status == clean.result.status and not result.signal
    if success and state != clean.done:
        found.append(f"status {result.status}, and not done: " + difference(state, clean.done))
    if success and not stdout_lost:
        found.append(same_output(scenario, clean, result))
    if success and stdout_lost and clean.result.out:
        found.append(f"status {result.status}, though its output went nowhere")
    if not success:
        found.append(RULES[scenario.get("check", "whole")](scenario, clean, result, state))
        program_killed = scenario.get("program") and result.status > 128
        answered = scenario.get("answers", {}).get(result.status) == result.out
        if not result.signal and not result.err and not stderr_lost and not program_killed and not answered:
            found.append(f"status {result.status} without a message")
    return [complaint for complaint in found if complaint]
