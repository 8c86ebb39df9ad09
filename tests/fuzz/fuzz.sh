#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Usage: fuzz.sh PROGRAM CORPUS DICTIONARY [LIBFUZZER-OPTION...]
# Starts from the files of CORPUS. What it finds goes to PROGRAM.found, crashes to PROGRAM.crash-*;
# a crash that was cured belongs in CORPUS.
set -eu
program=$1 corpus=$2 dictionary=$3
shift 3
mkdir -p "$program.found"
if [ -e "$dictionary" ]; then
  set -- -dict="$dictionary" "$@"
fi
exec "$program" -artifact_prefix="$program." -timeout=10 -rss_limit_mb=1024 "$@" "$program.found" "$corpus"
