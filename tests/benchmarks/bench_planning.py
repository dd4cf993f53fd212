"""How long planning takes, and how much memory: a design of ten thousand subjects, in a process of its own.

    python tests/benchmarks/bench_planning.py [--subjects 10000] [--profile]

Ten arms, five entries of which one measures at three ages: as many subjects as asked, seven measurements each. Planned
is what `artneuro run` plans before it does anything: stimuli are loaded, a subject of each arm is born, every subject
and measurement gets its key, and `plan.json` is made. Seconds are of the processor, after all is imported.
"""

import argparse
import cProfile
import json
import pstats
import resource
import time

from artneuro.fields import build
from artneuro.study.document import parse
from artneuro.study.plan import plan_study
from artneuro.study.study import Study

STUDY = """\
study: large
question: How long does it take to plan?
cohort:
  n: {n}
  anatomy: {{mlp: {{widths: [64, 64]}}}}
  environment: {{digits: {{}}}}
  rearing: {{epochs: 20, batch: 64, keep: [5, 10]}}
  arms: {{{arms}}}
protocols:
  - LesionStudy: {{site: hidden1}}
  - LesionStudy: {{site: hidden2}}
    as: second
  - LesionStudy: {{site: hidden2}}
    as: growing
    ages: [5, 10, 20]
  - LesionStudy: {{site: hidden1, order: selectivity}}
    as: ordered
  - LesionStudy: {{site: hidden1, repeats: 2}}
    as: short
"""


def peak() -> float:
    """Return the largest resident memory of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def main() -> None:
    """Plan, and print seconds and megabytes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subjects", type=int, default=10_000)
    parser.add_argument("--profile", action="store_true", help="print where the time goes")
    given = parser.parse_args()
    arms = ", ".join(f"a{arm}: [{{LabelCorruption: {{fraction: {arm / 10}}}}}]" for arm in range(10))
    text = STUDY.format(n=given.subjects // 10, arms=arms)
    before = peak()
    profile = cProfile.Profile()
    if given.profile:
        profile.enable()
    begun = time.process_time()
    plan = plan_study(build(Study, parse(text, "large.yaml").bare()))
    planned = time.process_time() - begun
    size = len(json.dumps(plan.plain()))
    whole = time.process_time() - begun
    profile.disable()
    print(f"{len(plan.subjects)} subjects, {len(plan.parts)} measurements")
    print(f"planned in {planned:.2f} s, with plan.json ({size / 1e6:.1f} MB) {whole:.2f} s")
    print(f"{peak():.0f} MB resident at most; {before:.0f} MB before planning")
    if given.profile:
        pstats.Stats(profile).sort_stats("cumulative").print_stats(25)


if __name__ == "__main__":
    main()
