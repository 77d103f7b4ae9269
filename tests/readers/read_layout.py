"""read_layout.py: every object of the file keeps the rules of the contract that keep all readers working."""
import sys

import expected

try:
    import h5py
except ImportError:
    expected.skip("h5py is not installed (python3-h5py)")

PLUMBING = {"CLASS", "NAME", "REFERENCE_LIST", "DIMENSION_LIST"}
NUMBERS = {"int8", "int32", "int64", "float32", "float64"}
n_datasets = 0


def is_text(type_id):
    return (type_id.get_class() == h5py.h5t.STRING and type_id.is_variable_str()
            and type_id.get_cset() == h5py.h5t.CSET_UTF8)


def check_attributes(name, thing):
    for key in thing.attrs:
        if key in PLUMBING:
            continue
        attribute = h5py.h5a.open(thing.id, key.encode())
        assert is_text(attribute.get_type()) or attribute.dtype.name in NUMBERS, (name, key)
        assert attribute.get_space().get_simple_extent_npoints() > 0, (name, key)


def check(name, thing):
    global n_datasets
    check_attributes(name, thing)
    # The id of a File is the file's; its root group has a list of its own.
    own = h5py.h5g.open(thing.id, b"/") if isinstance(thing, h5py.File) else thing.id
    creation = own.get_create_plist()
    assert creation.get_attr_creation_order() & h5py.h5p.CRT_ORDER_TRACKED, name
    if isinstance(thing, h5py.Group):
        assert creation.get_link_creation_order() & h5py.h5p.CRT_ORDER_TRACKED, name
        return
    n_datasets += 1
    assert not creation.get_obj_track_times(), name
    assert is_text(thing.id.get_type()) or thing.dtype.name in NUMBERS, (name, thing.dtype)
    assert thing.shape is not None, name
    assert thing.attrs["units"] and thing.attrs["long_name"], name
    if h5py.h5ds.is_scale(thing.id):
        assert thing.ndim == 1, name
    else:
        for axis, size in zip(thing.dims, thing.shape):
            assert len(axis) == 1 and len(axis[0]) == size, name
            scale = axis[0]
            assert scale.parent == thing.parent, name  # netCDF: the same group or above
    if "_FillValue" in thing.attrs:
        assert thing.dtype.kind == "f" and thing.attrs["_FillValue"][0] != thing.attrs["_FillValue"][0]
    elif name.startswith("cohorts") and thing.dtype.kind == "f":
        raise AssertionError(name + " has no _FillValue")
    if thing.chunks and 0 not in thing.shape:
        assert thing.compression in ("gzip", None) and thing.shuffle, name
        block = thing.dtype.itemsize
        for size in thing.chunks:
            block *= size
        assert block <= 1 << 20, (name, thing.chunks)


with h5py.File(sys.argv[1]) as file:
    check("/", file)
    file.visititems(check)
    assert n_datasets > 40
    assert list(file) and file["claims/claim"].shape == (0,)
    status = file["trials/status"]
    assert list(status.attrs["flag_values"]) == [0, 1, 2, 3, 4] and status.dtype == "int8"
    assert status.attrs["flag_meanings"].split() == ["done", "diverged", "failed", "timed_out", "crashed"]
    assert file["trials/cohort"].dtype == "int32" and file["trials/row"].dtype == "int64"
