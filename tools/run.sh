#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
set -euo pipefail
cd "$(dirname "$0")/.."

usage ()
{
  cat <<'END'
Usage: tools/run.sh [--no-demo] [-- MEERKATD-OPTION...]

Installs what is missing, builds, and starts meerkatd on 127.0.0.1:8080 with a demo session in it:
three simulated users who keep moving things. Ctrl+C stops everything. What is in the sessions is
kept in build/run-state.

  --no-demo   only the server
  --help      this
  --          options for the server, for example: -- --listen 0.0.0.0:8080 --log-level debug
END
}

say ()
{
  printf '==> %s\n' "$*"
}

demo=yes
while (( $# > 0 )); do
  case $1 in
    --help | -h) usage; exit 0 ;;
    --no-demo) demo=no ;;
    --) shift; break ;;
    *) echo "run.sh: unknown option $1, allowed are --no-demo, --help and --" >&2; exit 2 ;;
  esac
  shift
done

say 'Looking for what is needed'
tools/install-dependencies build
say 'Building'
tools/configure build
ninja -C build src/daemon/meerkatd src/ctl/meerkatctl src/bench/meerkat-bench addon

scratch="$(mktemp -d)"
: >"$scratch/output"
daemon=
demo_pid=

# The demo first, so that its users leave by themselves.
clean_up ()
{
  trap - EXIT INT TERM HUP
  echo
  say 'Stopping'
  [[ -z $demo_pid ]] || kill "$demo_pid" 2>/dev/null || true
  [[ -z $demo_pid ]] || wait "$demo_pid" 2>/dev/null || true
  [[ -z $daemon ]] || kill "$daemon" 2>/dev/null || true
  [[ -z $daemon ]] || wait "$daemon" 2>/dev/null || true
  rm -rf "$scratch"
}
trap clean_up EXIT
trap 'exit 0' INT TERM HUP

# In sessions of their own: Ctrl+C is for this script, which stops them in good order.
say 'Starting meerkatd'
setsid build/src/daemon/meerkatd --state-dir build/run-state "$@" >"$scratch/output" &
daemon=$!

until grep -q listening "$scratch/output"; do
  if ! kill -0 "$daemon" 2>/dev/null; then
    status=0
    wait "$daemon" || status=$?
    daemon=
    echo "meerkatd did not start." >&2
    # With 2 it was an option that is wrong, and it has said which.
    if (( status != 2 )); then
      echo "If the port is taken, choose another one:" >&2
      echo "  tools/run.sh -- --listen 127.0.0.1:8090 --metrics-listen 127.0.0.1:8091" >&2
    fi
    exit "$status"
  fi
  sleep 0.1
done

cat "$scratch/output"
url="$(sed -n 's/^meerkatd .* listening on //p' "$scratch/output" | head -n 1)"
# Who listens on all addresses is found on this one.
url="${url/0.0.0.0/127.0.0.1}"
url="${url/\[::\]/[::1]}"
page="${url/ws/http}"
page="${page%/ws}"

metrics=127.0.0.1:8081
for (( i = 1; i <= $#; i++ )); do
  case ${!i} in
    --metrics-listen) next=$(( i + 1 )); metrics="${!next}" ;;
    --metrics-listen=*) metrics="${!i#*=}" ;;
  esac
done
case $metrics in
  off) metrics_page='off' ;;
  main) metrics_page="$page/metrics" ;;
  *) metrics_page="http://$metrics/metrics" ;;
esac

if [[ $demo == yes ]]; then
  setsid tools/demo --url "$url" --session demo &
  demo_pid=$!
fi

cat <<END

  Server    $url
  Session   demo
  Health    $page/healthz
  Metrics   $metrics_page
  People    build/src/ctl/meerkatctl show demo
  Events    tools/demo --watch --url $url --session demo
  Add-on    $(ls build/meerkat-addon-*.zip)

Ctrl+C stops everything.

END

status=0
wait "$daemon" || status=$?
daemon=
exit "$status"
