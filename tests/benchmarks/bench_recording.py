"""How much memory does recording take, truly?

    ARTNEURO_DATA=data python tests/benchmarks/bench_recording.py --pool mean --images 50000
    ARTNEURO_DATA=data python tests/benchmarks/bench_recording.py --pool none --images 2000

Each is one process that does nothing else: it loads CIFAR-10, makes a naive `all_cnn` at full width and streams the
activity of all its sites for that many training images to a netCDF file, with the default limit. Printed is the most
resident memory that the system saw (`ru_maxrss`), before recording and at its end: with everything imported, all of
CIFAR-10 and the network. The file is opened again and compared with a recording of its first and last images in
memory. Full maps of `all_cnn` are 1.5 MB an image: see that the disk has room.
"""

import argparse
import resource
import tempfile
import time
from pathlib import Path

import numpy as np
import torch

import artneuro as an
from artneuro.recording import record


def peak() -> float:
    """Most resident memory of this process so far, in GiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def main() -> None:
    """Record, and print a row."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pool", choices=("mean", "max", "none"), default="mean")
    parser.add_argument("--images", type=int, default=50_000)
    parser.add_argument("--folder", type=Path, default=None, help="where the file is written; it is removed")
    given = parser.parse_args()
    torch.set_num_threads(1)
    cifar = an.environment("cifar10")
    subject = an.Subject.naive(an.anatomy("all_cnn"), cifar, seed=0)
    stimuli = cifar.train.of_numbers(torch.arange(given.images))
    before, began = peak(), time.process_time()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        path = Path(folder) / "activity.nc"
        made = record(subject, stimuli, pool=given.pool, path=path)
        at_end, took = peak(), time.process_time() - began
        row = f"{given.images:7d} images {made.sizes['unit']:8d} units {len(subject.sites())} sites, pool {given.pool}"
        size = path.stat().st_size / 1e9
        print(
            f"{row}: {before:.2f} GiB before, {at_end:.2f} GiB at most, {size:.2f} GB on disk, {took:.0f} s", flush=True
        )
        for few in (torch.arange(4), torch.arange(given.images - 4, given.images)):
            there = made.activity.sel(stimulus=stimuli.index[few].numpy()).values
            # convolutions of other batches sum in another order
            expected = record(subject, stimuli.of_numbers(few), pool=given.pool).activity.values
            np.testing.assert_allclose(there, expected, rtol=1e-4, atol=1e-5)
        made.close()


if __name__ == "__main__":
    main()
