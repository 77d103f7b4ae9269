#!/bin/sh
# read_ncdump.sh: ncdump prints every group, the final losses and one attention map.
set -eu
command -v ncdump >/dev/null || { echo "SKIPPED: ncdump is not installed (netcdf-bin)"; exit 77; }
ncdump "$1" | grep -q 'float attention(trial, attention_step, layer, head, sample, query, key) ;'
ncdump -v /trials/final_loss "$1" | tr -d ' \n' | grep -q 'final_loss=1\.571428571[0-9]*,_,2001\.28571'
# Trial 3, second snapshot, head 1, sample 2, query 0.
ncdump -v /cohorts/c0/attention "$1" | grep -q '311200, 311201, 311202, 311203'
