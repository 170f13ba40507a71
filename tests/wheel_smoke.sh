#!/usr/bin/env bash
# The installed wheel alone: wheel_smoke.sh PATH/TO/alphaforge HOME_FOLDER
set -euo pipefail
program=$1
home=$2
cd "$(mktemp -d)"   # Not the checkout: nothing of it may be importable.
"$program" --version
"$program" compile -e 'rank(ts_mean(close, 24h) / close)' --json --home "$home"
if "$program" compile -e 'rank(delay(close, -1))' --home "$home"; then
  echo "look-ahead was accepted" >&2
  exit 1
fi
# The pages come along.
"$program" search AF201 --scope docs --home "$home" | grep "look ahead" >/dev/null
"$program" search cheatsheet --scope docs --home "$home" | grep "Common mistakes" >/dev/null
"$program" packs check --home "$home"
"$program" demo --home "$home" --folder "$home-demo"
echo "the wheel works alone"
