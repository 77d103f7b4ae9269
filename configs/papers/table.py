#!/usr/bin/env python3
"""table.py [--wide] ATTNLAB RESULTS...: the verdicts of finished grids as a Markdown table.

A row a grid and claim; with --wide a row a claim and a column a grid, for grids with the same claims. Measured: least to most over trials.
"""
import math
import subprocess
import sys

import h5py

COLUMNS = ("claim", "source", "grid", "measured", "bound", "verdicts that hold")


def sources(program):
    """Claim -> its source, as `check --list` prints them."""
    listed = subprocess.run([program, "check", "--list"], capture_output=True, text=True, check=False)
    out = {}
    for line in listed.stdout.splitlines():
        name, _, rest = line.partition(": ")
        out[name] = rest.partition(" [")[2].partition(";")[0]
    return out


def number(value):
    return "-" if math.isnan(value) else f"{value:.3g}"


def rows(path, source):
    with h5py.File(path) as results:
        grid = results.attrs["grid_name"]
        grid = grid.decode() if isinstance(grid, bytes) else grid
        claims = results["claims"]
        columns = (claims["claim"].asstr()[()], claims["holds"][()], claims["measured"][()], claims["bound"][()])
    found = {}
    for claim, holds, measured, bound in zip(*columns):
        found.setdefault(claim, []).append((holds, measured, bound))
    for claim, verdicts in found.items():
        measured = [m for _, m, _ in verdicts if not math.isnan(m)]
        least, most = (min(measured), max(measured)) if measured else (math.nan, math.nan)
        span = number(least) if number(least) == number(most) else f"{number(least)} .. {number(most)}"
        held = sum(1 for holds, _, _ in verdicts if holds)
        yield claim, source.get(claim, ""), grid, span, number(verdicts[0][2]), f"{held} of {len(verdicts)}"


def line(cells):
    print("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")


def wide(tables):
    """One row a claim: each grid says how many verdicts hold, and the numbers."""
    grids, cells = [], {}
    for table in tables:
        for claim, source, grid, span, bound, held in table:
            if grid not in grids:
                grids.append(grid)
            cells.setdefault((claim, source), {})[grid] = f"{held}: {span} ({bound})"
    line(("claim", "source", *grids))
    print("|" + "---|" * (len(grids) + 2))
    for (claim, source), found in cells.items():
        line((claim, source, *(found.get(grid, "") for grid in grids)))


def main():
    words = [word for word in sys.argv[1:] if word != "--wide"]
    program, *files = words
    source = sources(program)
    tables = [list(rows(path, source)) for path in files]
    if "--wide" in sys.argv:
        wide(tables)
        return
    line(COLUMNS)
    print("|" + "---|" * len(COLUMNS))
    for table in tables:
        for row in table:
            line(row)


if __name__ == "__main__":
    main()
