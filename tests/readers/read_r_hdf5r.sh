#!/bin/sh
# read_r_hdf5r.sh: R with hdf5r (CRAN). Dimensions come reversed.
set -eu
command -v Rscript >/dev/null || { echo "SKIPPED: R is not installed (r-base-core)"; exit 77; }
Rscript -e 'quit(status = !requireNamespace("hdf5r", quietly = TRUE))' >/dev/null 2>&1 ||
  { echo "SKIPPED: hdf5r is not installed (r-cran-hdf5r)"; exit 77; }
Rscript - "$1" <<'R'
library(hdf5r)
file <- H5File$new(commandArgs(TRUE)[1], mode = "r")
loss <- file[["trials/final_loss"]]$read()
n <- 0:11
wanted <- 1 + 1000 * n + ifelse(n == 2, 2, 4) / 7
stopifnot(length(loss) == 12, is.nan(loss[2]), all(loss[-2] == wanted[-2]))
trial <- as.integer(file[["cohorts/c0/trial"]]$read())
attention <- file[["cohorts/c0/attention"]]$read(drop = FALSE)
one <- attention[, , 3, 2, 1, 2, which(trial == 3)]
stopifnot(all(one == outer(0:3, 0:3, function(key, query) 311200 + 10 * query + key)))
error <- file[["trials/error"]]$read()
stopifnot(error[1] == "", startsWith(error[2], "the task"))
file$close_all()
R
