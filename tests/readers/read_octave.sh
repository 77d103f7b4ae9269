#!/bin/sh
# read_octave.sh: Octave, through ncread of octave-netcdf: numbers only, its 1.0.16 knows no text. Dimensions come reversed.
set -eu
command -v octave-cli >/dev/null || { echo "SKIPPED: Octave is not installed (octave)"; exit 77; }
octave-cli --no-gui --eval 'pkg load netcdf' >/dev/null 2>&1 ||
  { echo "SKIPPED: octave-netcdf is not installed"; exit 77; }
octave-cli --no-gui --quiet --eval "
  pkg load netcdf
  loss = ncread('$1', '/trials/final_loss');
  assert(numel(loss) == 12);
  for n = [0 2:11]
    last = 4; if (n == 2) last = 2; end
    assert(loss(n + 1) == 1 + 1000 * n + last / 7);
  end
  assert(isnan(loss(2)));
  a = ncread('$1', '/cohorts/c0/attention');  % key query sample head layer attention_step trial
  t = ncread('$1', '/cohorts/c0/trial');
  one = squeeze(a(:, :, 3, 2, 1, 2, find(t == 3)));
  [key, query] = ndgrid(0:3, 0:3);
  assert(isequal(double(one), 311200 + 10 * query + key));
"
