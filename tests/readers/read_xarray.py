"""read_xarray.py: what both xarray engines must do: open every group, read losses and one map by their labels."""
import expected


def groups(path):
    import h5py

    names = ["/"]
    with h5py.File(path) as file:
        file.visititems(lambda name, thing: names.append("/" + name) if isinstance(thing, h5py.Group) else None)
    return names


def read(path, engine):
    try:
        import xarray
        __import__(engine if engine == "h5netcdf" else "netCDF4")
    except ImportError as missing:
        expected.skip(str(missing))
    for group in groups(path):
        with xarray.open_dataset(path, group=group, engine=engine) as data:
            data.load()
    with xarray.open_dataset(path, group="/trials", engine=engine) as trials:
        expected.check_losses(trials["final_loss"].values)
        assert trials["final_loss"].dims == ("trial",)
        assert trials["error"].values[0] == "", repr(trials["error"].values[0])
    with xarray.open_dataset(path, group="/cohorts/c0", engine=engine) as cohort:
        one = cohort["attention"].sel(trial=3, attention_step=40, layer=0, head=1, sample=2)
        assert one.dims == ("query", "key")
        expected.check_map(one.values, 3, 1, 1, 2)
        norm = cohort["grad_norm"].sel(trial=3, record=20, matrix="W_K \u2202")
        assert float(norm) == -3
        assert cohort["loss"].sel(trial=2).isnull().sum() == 2
    with xarray.open_dataset(path, group="/claims", engine=engine) as claims:
        assert claims["claim"].size == 0
