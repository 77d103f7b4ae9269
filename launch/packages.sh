# packages.sh: the Debian packages that attnlab needs, by purpose. Read by launch/build and launch/quickstart.
build_packages="g++ cmake ninja-build libopenmpi-dev openmpi-bin libtbb-dev libeigen3-dev libspectra-dev libhdf5-dev libyaml-cpp-dev
  libcli11-dev libspdlog-dev nlohmann-json3-dev librandom123-dev libssl-dev zlib1g-dev libpng-dev libboost-dev libjs-chart.js"
test_packages="clang libgtest-dev libbenchmark-dev python3-numpy python3-h5py python3-xarray python3-h5netcdf python3-netcdf4
  python3-mpi4py python3-torch hdf5-tools netcdf-bin r-bioc-rhdf5 r-cran-hdf5r octave octave-netcdf slurm-wlm munge shellcheck dpkg-dev"
