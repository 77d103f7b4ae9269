#!/bin/sh
# read_r_rhdf5.sh: R with rhdf5 (Bioconductor). Dimensions come reversed.
set -eu
command -v Rscript >/dev/null || { echo "SKIPPED: R is not installed (r-base-core)"; exit 77; }
Rscript -e 'quit(status = !requireNamespace("rhdf5", quietly = TRUE))' >/dev/null 2>&1 ||
  { echo "SKIPPED: rhdf5 is not installed (r-bioc-rhdf5)"; exit 77; }
Rscript - "$1" <<'R'
library(rhdf5)
file <- commandArgs(TRUE)[1]
loss <- h5read(file, "/trials/final_loss")
n <- 0:11
wanted <- 1 + 1000 * n + ifelse(n == 2, 2, 4) / 7
stopifnot(length(loss) == 12, is.nan(loss[2]), all(loss[-2] == wanted[-2]))
attention <- h5read(file, "/cohorts/c0/attention")
trial <- as.integer(h5read(file, "/cohorts/c0/trial"))
one <- attention[, , 3, 2, 1, 2, which(trial == 3)]
stopifnot(all(one == outer(0:3, 0:3, function(key, query) 311200 + 10 * query + key)))
error <- h5read(file, "/trials/error")
stopifnot(error[1] == "", startsWith(error[2], "the task"))
invisible(h5ls(file))
R
