"""read_netcdf4.py: xarray with the engine netcdf4."""
import sys

import read_xarray

read_xarray.read(sys.argv[1], "netcdf4")
