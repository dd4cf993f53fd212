import os
import subprocess
import sys

import attrs
import pytest

from artneuro.study.holder import Holder


def test_this_process_lives():
    here = Holder.here()
    assert here.process == os.getpid()
    assert here.alive() is True
    assert Holder.parse(here.line()) == here


def test_a_process_that_ended_does_not_live():
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    holder = attrs.evolve(Holder.here(), process=child.pid, born="")
    assert holder.alive() is True
    child.communicate(b"\n")
    assert holder.alive() is False


@pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="only Linux tells when a process started")
def test_a_number_that_another_process_has_got_since_is_not_the_holder():
    assert attrs.evolve(Holder.here(), born="1").alive() is False


@pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="only Linux tells the state of a process")
def test_a_process_that_ended_and_was_not_asked_for_does_not_live():
    child = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert attrs.evolve(Holder.here(), process=child.pid, born="").alive() is False
    child.wait()


def test_of_another_machine_nothing_is_said():
    assert attrs.evolve(Holder.here(), host="elsewhere").alive() is None


@pytest.mark.parametrize("text", ["", "\n", "x y z", "-4 here", "0 here", "9" * 400, "٣ here", "\x00\xff"])
def test_what_tells_of_nobody_is_nobody(text):
    assert Holder.parse(text) is None
