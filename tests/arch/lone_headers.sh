#!/usr/bin/env bash
# lone_headers.sh: every header compiles alone: those of the border as C11 and as C++20, all others as C++20.
# Arguments: source folder, C compiler, C++ compiler, then include flags.
set -u
root=$1 cc=$2 cxx=$3
shift 3
failed=0 n=0
check() {  # compiler, flags..., header
  n=$((n + 1))
  "$@" || { failed=$((failed + 1)); echo "does not compile alone: ${*: -1}"; }
}
while IFS= read -r header; do
  case "$header" in
    *.h)
      check "$cc" -std=c11 -Wall -Wextra -Wpedantic -Werror -fsyntax-only -I"$root/core/abi" -x c "$header"
      check "$cxx" -std=c++20 -Wall -Wextra -Wpedantic -Werror -fsyntax-only -I"$root/core/abi" -x c++ "$header" ;;
    *) check "$cxx" -std=c++20 -Wno-pragma-once-outside-header -w -fsyntax-only -I"$root/core" -I"$root/core/abi" -I"$root/core/sdk" "$@" -x c++ "$header" ;;
  esac
done < <(cd "$root" && git ls-files 'core/*.h' 'core/*.hpp' | sed "s|^|$root/|")
echo "$n headers, $failed failed"
[ "$n" -gt 10 ] && [ "$failed" = 0 ]
