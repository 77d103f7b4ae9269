#!/usr/bin/env python3
"""two_stage.py: a second grid that starts every kernel from the matrices with which one trial of a first grid ended.

  two_stage.py RESULTS.h5 TRIAL softmax,gaussian > configs/papers/stage-2.yaml

TRIAL is a number of /trials; its grid has `record: {parameters: {steps: [last]}}`. Paths of the task are those of the first grid, so write the
second grid into the same folder. numpy and h5py are needed.
"""
import json
import re
import sys

import h5py


def main(results, number, kernels):
    with h5py.File(results) as file:
        row = list(file["trials/trial"]).index(int(number))
        cohort = file[f"cohorts/c{file['trials/cohort'][row]}"]
        row = file["trials/row"][row]
        if "parameter_step" not in cohort:
            sys.exit(f"{results}: trial {number} kept no parameters; write record: {{parameters: {{steps: [last]}}}}")
        init = {name.removeprefix("parameter_"): {"values": cohort[name][row, -1].tolist()}
                for name in cohort if name.startswith("parameter_") and name != "parameter_step"}
        settings = cohort["settings"].asstr()[row]
    # The temperature of the first kernel is left out: each kernel has its own default.
    settings = re.sub(r"\n    kernel:\n(?:      .*\n)+", f"\n    kernel: {{plugin: {kernels[0]}}}\n", settings)
    settings = re.sub(r"\n  init:.*\n(?:    .*\n)*", lambda _: f"\n  init: {json.dumps(init)}\n", settings)
    print(f"# Stage 2: from the matrices of trial {number} of {results}.\nname: stage-2\ntrial:")
    print("".join(f"  {line}\n" for line in settings.splitlines()), end="")
    print(f"sweep: {{grid: {{model.attention.kernel.plugin: [{', '.join(kernels)}]}}}}")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2], sys.argv[3].split(","))
