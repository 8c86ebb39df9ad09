#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
exec </dev/null

# How long each fuzz target looks for something new, and how much longer than elsewhere a test may
# take: on a busy machine, and under the sanitizers.
fuzz_seconds=20
patience=3
sanitizer_patience=8

usage ()
{
  cat <<'END'
Usage: tools/check.sh [--quick]

Installs what is missing, builds, and runs all tests: once as they are, once under the address and
undefined behaviour sanitizers, and then the fuzz targets for some seconds each. The last line says
what came of it; the exit status is 0 only if nothing failed.

  --quick   only the plain build
  --help    this
END
}

say ()
{
  printf '\n==> %s\n' "$*"
}

passed=0
failed=0
skipped=0

finish ()
{
  # Nothing that ran is nothing that was checked.
  if (( passed + failed == 0 )); then
    failed=1
  fi
  printf '\n%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
  (( failed == 0 ))
  exit
}

# Something that all else needs did not work: one failure, and the end.
give_up ()
{
  echo "$*" >&2
  failed=$(( failed + 1 ))
  finish
}

# build FOLDER [MESON-OPTION...]
build ()
{
  say "Building in $1"
  tools/configure "$@" && ninja -C "$1"
}

# run_tests FOLDER [MESON-TEST-OPTION...]
run_tests ()
{
  local folder=$1 log=$1/meson-logs/testlog.json counts
  shift
  say "Testing in $folder"
  rm -f "$log"
  meson test -C "$folder" --no-rebuild --print-errorlogs "$@"
  if ! counts=$(tools/count-tests "$log"); then
    give_up "No test was run in $folder"
  fi
  read -r p f s <<<"$counts"
  passed=$(( passed + p )) failed=$(( failed + f )) skipped=$(( skipped + s ))
}

fuzz ()
{
  local name program
  for program in build-fuzz/tests/fuzz/fuzz-*; do
    name=${program##*/fuzz-}
    [[ -x $program && -f $program && -d tests/fuzz/corpus/$name ]] || continue
    say "Fuzzing: $name"
    if tests/fuzz/fuzz.sh "$program" "tests/fuzz/corpus/$name" "tests/fuzz/$name.dict" \
         -max_total_time="$fuzz_seconds" -print_final_stats=0 >"$program.log" 2>&1; then
      tail -n 1 "$program.log"
      passed=$(( passed + 1 ))
    else
      cat "$program.log"
      failed=$(( failed + 1 ))
    fi
  done
}

quick=no
for option; do
  case $option in
    --help | -h) usage; exit 0 ;;
    --quick) quick=yes ;;
    *) echo "check.sh: unknown option $option, allowed are --quick and --help" >&2; exit 2 ;;
  esac
done

# The same everywhere, whoever calls: what a service manager or a user has set up must not show.
export LC_ALL=C.UTF-8
export HOME="${HOME:-/nonexistent}"
unset STATE_DIRECTORY NOTIFY_SOCKET WATCHDOG_USEC WATCHDOG_PID LISTEN_FDS LISTEN_PID
unset MEERKAT_SERVER_URL MEERKAT_SESSION MEERKAT_DISPLAY_NAME

say 'Looking for what is needed'
tools/install-dependencies build || give_up 'Without that there is nothing to build with.'
tools/install-dependencies check || echo 'Going on; the tests that need it are left out or fail.' >&2

build build || give_up 'It does not build.'
run_tests build --timeout-multiplier "$patience"
if [[ $quick == yes ]]; then
  finish
fi

# Without the last one the search for leaks itself crashes once GnuTLS was loaded.
export ASAN_OPTIONS=abort_on_error=1:detect_stack_use_after_return=1:intercept_tls_get_addr=0
export UBSAN_OPTIONS=halt_on_error=1:abort_on_error=1:print_stacktrace=1
build build-asan -Db_sanitize=address,undefined -Db_lundef=false || give_up 'It does not build with sanitizers.'
run_tests build-asan --timeout-multiplier "$sanitizer_patience" \
  --suite unit --suite property --suite integration

if command -v clang >/dev/null; then
  if CC=clang build build-fuzz -Dfuzz=true -Db_sanitize=address,undefined -Db_lundef=false \
       -Dc_args=-fsanitize=fuzzer-no-link; then
    fuzz
  else
    give_up 'The fuzz targets do not build.'
  fi
else
  say 'No clang: the fuzz targets are left out'
  skipped=$(( skipped + $(find tests/fuzz -name 'fuzz-*.c' | wc -l) ))
fi

finish
