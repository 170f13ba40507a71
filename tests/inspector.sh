#!/usr/bin/env bash
# Check `alphaforge serve` with the MCP inspector's command line, in both protocol eras.
#
# Needs Node >= 22 and the inspector: npm install @modelcontextprotocol/inspector@2.12.0
# Usage: tests/inspector.sh [PYTHON]        (INSPECTOR names the program, default mcp-inspector)
set -euo pipefail

python="${1:-python3}"
inspector="${INSPECTOR:-mcp-inspector}"
home="$(mktemp -d)"
trap 'rm -rf "$home"' EXIT

inspect() { # ERA ARGUMENTS...
  local era="$1"
  shift
  "$inspector" --cli "$python" -m alphaforge serve --home "$home" --protocol-era "$era" "$@"
}

expect() { # STATUS WORD ERA ARGUMENTS...
  local status="$1" word="$2" said=0 answer
  shift 2
  answer="$(inspect "$@" 2>&1)" || said=$?
  if [[ "$said" != "$status" || "$answer" != *"$word"* ]]; then
    printf 'expected status %s and "%s", got status %s:\n%s\n' "$status" "$word" "$said" "$answer"
    exit 1
  fi
}

for era in modern legacy; do
  # Status 6 would be a schema that is not portable, 5 is a tool's own error.
  expect 0 '"compile"' "$era" --method tools/list --strict
  expect 0 sig_ "$era" --method tools/call --tool-name compile \
    --tool-args-json '{"text": "rank(ts_mean(close, 24h) / close)"}'
  expect 5 AF "$era" --method tools/call --tool-name compile \
    --tool-args-json '{"text": "rank(delay(close, -1))"}'
  expect 5 'did you mean' "$era" --method tools/call --tool-name compile \
    --tool-args-json '{"txt": "close"}'
  echo "inspector, $era era: ok"
done
