#!/usr/bin/env python3
"""figure_6.py RESULTS: the entropies of b-figure-6.yaml beside the means that the authors logged (Tian et al. 2023, Figure 6)."""
import os
import re
import sys

import h5py
import numpy as np

RATIOS = (1, 2, 5, 10)
# num_last, eta_Z: means over 10 seeds for the ratios 1, 2, 5, 10; from the authors' figure_6.log.
REFERENCE = {
    (1, 0.5): (1.971, 2.007, 2.066, 2.092), (1, 1): (1.871, 1.937, 2.022, 2.053),
    (1, 2): (1.699, 1.810, 1.934, 1.900), (1, 3): (1.551, 1.708, 1.786, 1.825),
    (3, 0.5): (2.019, 1.988, 2.031, 2.063), (3, 1): (1.963, 1.920, 1.982, 2.024),
    (3, 2): (1.842, 1.809, 1.899, 1.955), (3, 3): (1.737, 1.715, 1.821, 1.839)}


def cells(path):
    """Entropy of distinct tokens at the last record, by (num_last, eta_Z, ratio): a list over seeds."""
    out = {}
    with h5py.File(os.path.join(path, "results.h5") if os.path.isdir(path) else path) as results:
        table = results["trials"]
        for queries, rates, cohort, row in zip(table["task.num_last"][()], table["optimizer.learning_rate"].asstr()[()],
                                               table["cohort"][()], table["row"][()]):
            rate = {name: float(re.search(name + r'"?:\s*([-+.e\d]+)', rates)[1]) for name in "YZ"}
            entropy = results[f"cohorts/c{cohort}/distinct_entropy"][row, -1].mean()
            out.setdefault((int(queries), rate["Z"], round(rate["Y"] / rate["Z"])), []).append(entropy)
    return out


def main():
    seen = cells(sys.argv[1])
    off = []
    print("num_last eta_Z  ratio: measured (std over seeds) reference")
    for queries, eta in sorted({key[:2] for key in seen}):
        parts = []
        for place, ratio in enumerate(RATIOS):
            values = seen.get((queries, eta, ratio))
            if not values:
                continue
            text = f"{ratio}: {np.mean(values):.3f} ({np.std(values):.3f})"
            if (queries, eta) in REFERENCE:
                text += f" {REFERENCE[queries, eta][place]:.3f}"
                off.append(np.mean(values) - REFERENCE[queries, eta][place])
            parts.append(text)
        print(f"{queries:8d} {eta:5.1f}  " + "   ".join(parts))
    if off:
        print(f"{len(off)} cells with a reference: root mean square difference {np.sqrt(np.mean(np.square(off))):.3f}, "
              f"largest {np.max(np.abs(off)):.3f}")


if __name__ == "__main__":
    main()
