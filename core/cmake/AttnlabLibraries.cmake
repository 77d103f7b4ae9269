# The foreign libraries, each with the Debian package that brings it.
set(HDF5_PREFER_PARALLEL OFF)
find_package(MPI REQUIRED COMPONENTS CXX)       # libopenmpi-dev
find_package(TBB REQUIRED)                      # libtbb-dev
# ThreadSanitizer cannot see a join that happens inside a library which is not instrumented.
if(ATTNLAB_SANITIZE MATCHES "thread" AND NOT TBB_DIR MATCHES "^${CMAKE_BINARY_DIR}/")
  message(WARNING "oneTBB is not instrumented, so every read behind a parallel_for will look like a race: run tests/tsan_onetbb first, in a new build folder")
endif()
find_package(Eigen3 REQUIRED NO_MODULE)         # libeigen3-dev
find_package(Spectra REQUIRED)                   # libspectra-dev
find_package(yaml-cpp REQUIRED)                 # libyaml-cpp-dev
find_package(nlohmann_json REQUIRED)            # nlohmann-json3-dev
find_package(spdlog REQUIRED)                   # libspdlog-dev
find_package(CLI11 REQUIRED)                    # libcli11-dev
find_package(OpenSSL REQUIRED COMPONENTS Crypto)  # libssl-dev
find_package(ZLIB REQUIRED)                     # zlib1g-dev
find_package(HDF5 REQUIRED COMPONENTS C HL)     # libhdf5-dev
if(NOT TARGET attnlab_hdf5)
  add_library(attnlab_hdf5 INTERFACE)
  target_include_directories(attnlab_hdf5 SYSTEM INTERFACE ${HDF5_INCLUDE_DIRS})
  target_link_libraries(attnlab_hdf5 INTERFACE ${HDF5_C_LIBRARIES} ${HDF5_C_HL_LIBRARIES})
endif()
if(ATTNLAB_TESTS)
  find_package(GTest REQUIRED)                  # libgtest-dev
endif()
find_package(Threads REQUIRED)

# Chart.js 3 draws the curves of the report and is embedded in it.  libjs-chart.js
find_file(ATTNLAB_CHART_JS chart.min.js PATHS /usr/share/javascript/chart.js /usr/share/nodejs/chart.js/dist REQUIRED NO_DEFAULT_PATH)
