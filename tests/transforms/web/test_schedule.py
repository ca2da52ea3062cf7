from dataclasses import dataclass

from transforms.web.schedule import Schedule
from transforms.web.shares import WHOLE, HostShare


@dataclass
class FixedPace:
    per_host: int
    seconds: float
    share: HostShare

    def connections(self, host):
        return self.share.connections(self.per_host)

    def delay(self, host):
        return self.seconds

    def earliest(self, host, moment):
        return self.share.earliest(moment, self.seconds)


def schedule(per_host=2, delay=0.0, share=WHOLE):
    return Schedule(FixedPace(per_host, delay, share))


def add_all(line, jobs):
    for job in jobs:
        line.add(job[0], job, now=0.0)


def take_all(line, now=0.0):
    taken = []
    while (job := line.pop(now)) is not None:
        taken.append(job)
    return taken


def test_hosts_take_turns():
    line = schedule(per_host=9)
    add_all(line, ["a1", "a2", "a3", "b1", "c1", "b2"])
    assert take_all(line) == ["a1", "b1", "c1", "a2", "b2", "a3"]


def test_host_has_no_more_at_once_than_allowed():
    line = schedule(per_host=2)
    add_all(line, ["a1", "a2", "a3", "a4"])
    assert take_all(line) == ["a1", "a2"]
    line.done("a", 0.0)
    assert take_all(line) == ["a3"]


def test_delay_lies_between_two_starts_on_a_host():
    line = schedule(delay=1.0)
    add_all(line, ["a1", "a2", "b1"])
    assert take_all(line, now=0.0) == ["a1", "b1"]
    assert line.next_time() == 1.0
    assert take_all(line, now=0.9) == []
    assert take_all(line, now=1.0) == ["a2"]


def test_slow_host_does_not_hold_up_others():
    line = schedule(per_host=1)
    add_all(line, ["a1", "a2", "a3", "b1", "b2"])
    assert take_all(line) == ["a1", "b1"]
    line.done("b", 0.0)
    assert take_all(line) == ["b2"]


def test_blocked_host_waits_and_others_do_not():
    line = schedule()
    line.block("a", 10.0)
    add_all(line, ["a1", "b1"])
    assert take_all(line, now=5.0) == ["b1"]
    assert take_all(line, now=10.0) == ["a1"]


def test_host_that_is_blocked_while_in_line_waits():
    line = schedule()
    add_all(line, ["a1"])
    line.block("a", 10.0)
    assert take_all(line, now=5.0) == []
    assert line.next_time() == 10.0
    assert take_all(line, now=10.0) == ["a1"]


def test_drained_host_has_nothing_left():
    line = schedule()
    add_all(line, ["a1", "a2", "b1"])
    assert line.drain("a") == ["a1", "a2"]
    assert line.drain("nobody") == []
    assert take_all(line) == ["b1"]


def test_empty_schedule_waits_for_nothing():
    assert schedule().pop(0.0) is None
    assert schedule().next_time() is None
