"""time_column.py RESULTS: how long h5py needs for one column of the table and for the last loss of every trial."""
import sys
import time

import h5py

with h5py.File(sys.argv[1]) as file:
    for name, read in [("/trials/final_loss", lambda: file["trials/final_loss"][:]),
                       ("/trials/task.dim", lambda: file["trials/task.dim"][:]),
                       ("/cohorts/c0/loss[:, -1]", lambda: file["cohorts/c0/loss"][:, -1])]:
        begin = time.perf_counter()
        values = read()
        print(f"{name}: {len(values)} numbers in {time.perf_counter() - begin:.3f} s")
