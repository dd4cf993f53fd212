"""What the machine has to give: limits of control groups, of both versions and at every level."""

from artneuro.study.machine import limits, machine_bytes


def test_every_group_around_a_process_limits_it(tmp_path):
    """Such as a job's group under a batch system: the root has no limit, the job has, the step asks for more."""
    groups = tmp_path / "cgroup"
    groups.write_text("0::/slurm/job/step\n")
    job = tmp_path / "mount" / "slurm" / "job"
    (job / "step").mkdir(parents=True)
    (job / "step" / "memory.max").write_text("9000\n")
    (job / "memory.max").write_text("5000\n")
    (job.parent / "memory.max").write_text("max\n")
    (tmp_path / "memory.max").write_text("1\n")  # outside
    assert list(limits(groups, tmp_path / "mount")) == [9000, 5000]


def test_in_a_container_the_mount_is_the_group_itself(tmp_path):
    (tmp_path / "cgroup").write_text("0::/docker/0123\n")
    (tmp_path / "memory.max").write_text("7000\n")
    assert list(limits(tmp_path / "cgroup", tmp_path)) == [7000]


def test_the_older_version_has_a_hierarchy_for_memory(tmp_path):
    (tmp_path / "cgroup").write_text("5:cpu,cpuacct:/job\n4:memory:/job\n")
    (tmp_path / "memory" / "job").mkdir(parents=True)
    (tmp_path / "memory" / "job" / "memory.limit_in_bytes").write_text("3000\n")
    assert list(limits(tmp_path / "cgroup", tmp_path)) == [3000]


def test_without_groups_there_is_what_the_machine_has(tmp_path):
    assert not list(limits(tmp_path / "cgroup", tmp_path))
    assert machine_bytes("cpu") > 2**28
