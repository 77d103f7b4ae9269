"""read_h5netcdf.py: xarray with the engine h5netcdf."""
import sys

import read_xarray

read_xarray.read(sys.argv[1], "h5netcdf")
