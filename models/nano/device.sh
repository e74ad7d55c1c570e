#!/usr/bin/env bash
# Train on a rented GPU, in calls of at most ten minutes: run this again at once for the next slice, until it ends with 0.
#
#   bash models/nano/device.sh SHELF OUT [STATE]
#
# SHELF is what models.nano.stocking wrote; OUT receives the weights in parts and log.jsonl, every two minutes; STATE
# (default: /var/tmp/nano) stays on the machine between calls. The first call tries for some seconds which attention and
# how many rows at once work there. Ends with 0 when the course is over, 3 when there is more to do.
set -u
shelf=$1 out=$2 state=${3:-/var/tmp/nano}
limit=${LIMIT:-560}   # seconds of this call
export PYTHONUNBUFFERED=1 TOKENIZERS_PARALLELISM=false TORCHINDUCTOR_CACHE_DIR=$state/cache
mkdir -p "$state" "$out"

# shellcheck disable=SC2086 -- a list of options
train() { python3 -m models.nano.train "$shelf" --course gpu --workers "$(($(nproc) - 2))" ${OPTIONS:-} "$@"; }

if [ ! -s "$state/choice" ]; then
  nvidia-smi --query-gpu=name,memory.total --format=csv,noheader
  plain="--only documents --only tasks" # rows without branches, which plain causal attention would mix up
  for choice in "--attention flex" "--attention flex --rows 32 --accumulated 4" "--attention dense --rows 16 --accumulated 8" \
    "--attention causal $plain" "--attention causal $plain --no-muon --rate 2e-3" \
    "--attention causal $plain --no-compile --rows 16 --accumulated 8"; do
    echo "trying $choice at $SECONDS s"
    # shellcheck disable=SC2086 -- a list of options
    if train "$state/trial" --minutes 0.2 $choice >"$state/trial.log" 2>&1; then
      echo "$choice" >"$state/choice"
      grep tokens_per_second "$state/trial.log"
      break
    fi
    tail -n 25 "$state/trial.log"
  done
  cp "$state/trial.log" "$out/trial.log"
fi
[ -s "$state/choice" ] || exit 1
echo "$(cat "$state/choice"), $SECONDS s gone"
# shellcheck disable=SC2046 -- a list of options
train "$out" --state "$state" $(cat "$state/choice") --slice "$(awk "BEGIN { print ($limit - $SECONDS) / 60 }")"
