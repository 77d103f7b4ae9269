"""read_h5py.py: h5py reads losses and maps of every trial through /trials/cohort and /trials/row."""
import sys

import expected

try:
    import h5py
except ImportError:
    expected.skip("h5py is not installed (python3-h5py)")

with h5py.File(sys.argv[1]) as file:
    trials = file["trials"]
    expected.check_losses(trials["final_loss"][:])
    for n in range(12):
        cohort, row = trials["cohort"][n], trials["row"][n]
        assert trials["trial"][n] == n
        if n == 1:
            assert (cohort, row) == (-1, -1)
            assert trials["error"].asstr()[n] == "the task 'text' found no file; \u00e4h"
            continue
        group = file[f"cohorts/c{cohort}"]
        assert group["trial"][row] == n
        expected.check_map(group["attention"][row, 1, 0, 1, 2], n, 1, 1, 2)
        assert f"seed: {n + 7}\n" in group["settings"].asstr()[row]
    assert list(trials["status"][:3]) == [0, 2, 1]
    assert list(trials["seed"][:]) == [n + 7 for n in range(12)]
    assert trials["task.dim"].dtype == "int64" and trials["optimizer.learning_rate"].dtype == "float64"
    assert trials["model.attention.kernel.plugin"].asstr()[1] == "{degree: 2, plugin: polynomial}"
    assert file[file.attrs["default"]].name == "/cohorts/c0/loss"
    assert file.attrs["format_version"] == 1 and file.attrs["Conventions"] == "CF-1.8"
    assert "\u00fcber" in file.attrs["grid_yaml"]
    assert list(file["cohorts/c0/matrix"].asstr()) == ["W_Q", "W_K \u2202"]
