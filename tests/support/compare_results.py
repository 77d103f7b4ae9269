#!/usr/bin/env python3
"""compare_results.py A.h5 B.h5: are all datasets and attributes outside /provenance equal, bit for bit?"""
import sys

import h5py
import numpy


def datasets(file):
    """Name -> (dtype text, shape, bytes or texts) of every dataset outside /provenance."""
    found = {}

    def visit(name, node):
        if name.split("/")[0] == "provenance" or not isinstance(node, h5py.Dataset):
            return
        if h5py.check_string_dtype(node.dtype) is not None:
            content = [t for t in node.asstr()[...].ravel()]
        else:
            content = numpy.ascontiguousarray(node[...]).tobytes()
        found[name] = (str(node.dtype), node.shape, content)

    file.visititems(visit)
    return found


def attributes(file):
    found = {}

    def keep(name, node):
        if name.split("/")[0] == "provenance":
            return
        for key, value in node.attrs.items():
            if key in ("DIMENSION_LIST", "REFERENCE_LIST", "_Netcdf4Coordinates"):
                continue  # references into the file
            found[f"{name}@{key}"] = repr(value)

    keep("", file)
    file.visititems(keep)
    return found


def differences(a, b):
    """Sentences; empty if the files are equal."""
    found = []
    with h5py.File(a, "r") as one, h5py.File(b, "r") as two:
        for kind in (datasets, attributes):
            left, right = kind(one), kind(two)
            found += [f"only in {a}: {n}" for n in sorted(left.keys() - right.keys())]
            found += [f"only in {b}: {n}" for n in sorted(right.keys() - left.keys())]
            found += [f"differs: {n}" for n in sorted(left.keys() & right.keys()) if left[n] != right[n]]
        if not datasets(one):
            found.append(f"{a} holds no dataset")
    return found


if __name__ == "__main__":
    sentences = differences(sys.argv[1], sys.argv[2])
    print("\n".join(sentences) if sentences else "equal")
    sys.exit(1 if sentences else 0)
