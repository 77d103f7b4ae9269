#!/bin/sh
# read_h5dump.sh: h5dump prints all of the file; one loss and one row of an attention map are where they belong.
set -eu
command -v h5dump >/dev/null || { echo "SKIPPED: h5dump is not installed (hdf5-tools)"; exit 77; }
h5dump "$1" >/dev/null
h5dump -d /trials/final_loss "$1" | tr -d ' \n' | grep -qi '(0):1\.57143,nan,2001\.29,3001\.57'
h5dump -d /cohorts/c0/attention -s 1,1,0,1,2,0,0 -c 1,1,1,1,1,1,4 "$1" | grep -q '211200, 211201, 211202, 211203'
