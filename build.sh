#!/usr/bin/env bash
# One script for everything: ./build.sh VERB [...]. Without a verb it lists them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

readonly root=$PWD
readonly venv=$root/.venv
readonly native=$root/python/innerspace/_native
readonly runtime=$root/build/onnxruntime
readonly need_go=1.26 need_python=3.11
export GOFLAGS=${GOFLAGS:--mod=readonly}

say() { printf '\033[1m==> %s\033[0m\n' "$*" >&2; }
die() { printf 'build.sh: %s\n' "$*" >&2; exit 1; }

# ---- what the machine must have ----

platform() {
  case "$(uname -s)" in
    Linux | Darwin) ;;
    *) die "$(uname -s) is not supported: innerspace builds on Linux (tested) and macOS (untested); on Windows use WSL 2" ;;
  esac
}

# The first Python that is new enough; PYTHON overrides.
find_python() {
  local candidate
  for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
    if "$candidate" -c "import sys; sys.exit(sys.version_info < (3, 11))" 2>/dev/null; then
      command -v "$candidate"
      return
    fi
  done
  die "Python $need_python or newer is needed and none was found; set PYTHON to one"
}

# Installs Debian packages where that is allowed, else says the one line to run.
system_packages() {
  local missing=() package
  pkg-config --exists libturbojpeg 2>/dev/null || missing+=(libturbojpeg0-dev)
  pkg-config --exists libwebp libwebpdemux 2>/dev/null || missing+=(libwebp-dev)
  command -v pkg-config >/dev/null || missing+=(pkg-config)
  command -v gcc >/dev/null || missing+=(gcc libc6-dev)
  command -v git >/dev/null || missing+=(git)
  "$(find_python)" -c "import ensurepip, venv" 2>/dev/null || missing+=(python3-venv)
  ((${#missing[@]})) || return 0
  if [[ $(uname -s) == Darwin ]]; then
    die "missing: ${missing[*]}. Run: brew install pkg-config jpeg-turbo webp"
  fi
  local line="apt-get install -y --no-install-recommends ${missing[*]}"
  if [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null; then
    say "installing ${missing[*]}"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive $line -qq >/dev/null
  else
    die "missing: ${missing[*]}. Run: sudo $line"
  fi
}

check_go() {
  command -v go >/dev/null || die "Go $need_go or newer is needed: https://go.dev/dl"
  local have
  have=$(go env GOVERSION)
  printf '%s\n%s\n' "$need_go" "${have#go}" | sort -V -C || die "Go $need_go or newer is needed, this is $have"
}

# Runs its arguments only when the files named before -- differ from the last time (a stamp in build/).
when_changed() {
  local stamp=$root/build/stamps/$1 files=() now
  shift
  while [[ $1 != -- ]]; do files+=("$1"); shift; done
  shift
  now=$(cat "${files[@]}" | git hash-object --stdin)
  [[ -f $stamp && $(<"$stamp") == "$now" ]] && return 0
  "$@"
  mkdir -p "${stamp%/*}"
  printf '%s\n' "$now" >"$stamp"
}

install_python() {
  say "Python packages in .venv"
  "$(find_python)" -m venv --clear "$venv"
  "$venv/bin/python" -m pip install -q --disable-pip-version-check --require-hashes -r requirements/dev.txt
  # A .pth file is all that an editable install would do.
  "$venv/bin/python" - "$root/python" <<'PY'
import pathlib, sys, sysconfig
pathlib.Path(sysconfig.get_path("purelib"), "innerspace.pth").write_text(sys.argv[1] + "\n")
PY
}

install_onnxruntime() {
  say "ONNX Runtime from its wheel"
  rm -rf "$runtime" build/wheels
  "$venv/bin/python" -m pip download -q --disable-pip-version-check --no-deps --require-hashes \
    -r requirements/onnxruntime.txt -d build/wheels
  "$venv/bin/python" tools/onnxruntime.py build/wheels "$runtime"
  rm -rf build/wheels
}

do_setup() {
  platform
  system_packages
  check_go
  [[ -x $venv/bin/python ]] || rm -f build/stamps/python
  compgen -G "$runtime/libonnxruntime*" >/dev/null || rm -f build/stamps/onnxruntime
  when_changed python requirements/dev.txt -- install_python
  when_changed onnxruntime requirements/onnxruntime.txt tools/onnxruntime.py -- install_onnxruntime
}

# ---- build, demo, test ----

do_build() {
  do_setup
  say "libinnerspace"
  capi/build.sh "$native"
  cp -f "$runtime"/libonnxruntime* "$native/"
  cp -f "$runtime/LICENSE" "$native/onnxruntime-LICENSE"
  cp -f "$runtime/ThirdPartyNotices.txt" "$native/onnxruntime-ThirdPartyNotices.txt"
}

do_demo() {
  do_build
  say "notebook"
  "$venv/bin/python" tools/demo.py notebooks/image_embedding.ipynb build/demo
}

do_lint() {
  do_setup
  say "gofmt, go vet, staticcheck"
  local unformatted
  unformatted=$(gofmt -l core capi bench)
  [[ -z $unformatted ]] || die "gofmt would change: $unformatted"
  go vet ./...
  go tool -modfile=tools/go.mod staticcheck ./...
  say "ruff, mypy"
  "$venv/bin/ruff" check .
  "$venv/bin/ruff" format --check .
  "$venv/bin/mypy"
  say "licences of what the library links"
  "$venv/bin/python" tools/notices.py --check
}

do_test() {
  do_build
  do_lint
  say "Go tests: race detector, checks of pointers given to C"
  GOEXPERIMENT=cgocheck2 go test -race -timeout 20m ./...
  do_arm64
  say "C ABI tests"
  capi/test/run.sh
  say "Python tests"
  "$venv/bin/python" -X faulthandler -m pytest "$@"
  say "the notebook"
  "$venv/bin/python" tools/demo.py notebooks/image_embedding.ipynb build/demo
}

# What is written for arm64 alone, on an emulated one: the search kernels. Another machine than x86-64 Linux runs its own in do_test.
do_arm64() {
  [[ $(uname -sm) == "Linux x86_64" ]] || return 0
  if ! command -v qemu-aarch64 >/dev/null || ! command -v aarch64-linux-gnu-gcc >/dev/null; then
    local line="apt-get install -y --no-install-recommends qemu-user gcc-aarch64-linux-gnu libc6-dev-arm64-cross"
    [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null || die "the kernels for arm64 are tested under emulation. Run: sudo $line"
    say "installing an emulator and a compiler for arm64"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive $line -qq >/dev/null
  fi
  say "Go tests of the search kernels on emulated arm64"
  # Linked statically: the emulator of Debian 12 hangs when a dynamically linked program starts a thread from C.
  GOARCH=arm64 CGO_ENABLED=1 CC=aarch64-linux-gnu-gcc go test -short -timeout 10m -tags netgo,osusergo -ldflags '-linkmode external -extldflags -static' \
    -exec qemu-aarch64 ./core/vector
}

do_bench() {
  do_build
  "$venv/bin/python" bench/run.py "$@"
}

do_wheel() {
  do_build
  say "wheel"
  rm -rf dist build/wheel
  "$venv/bin/python" -m build --wheel --no-isolation --outdir build/wheel
  if [[ $(uname -s) == Linux ]]; then
    PATH=$venv/bin:$PATH "$venv/bin/auditwheel" repair --wheel-dir dist build/wheel/*.whl
  else
    mkdir -p dist && cp build/wheel/*.whl dist/
  fi
  say "trying it in an empty environment"
  tools/try_wheel.sh dist/*.whl
  ls -l dist
}

do_lock() {
  do_setup
  "$venv/bin/python" -m pip install -q uv
  local in
  for in in dev onnxruntime; do
    "$venv/bin/uv" pip compile --quiet --universal --python-version $need_python --generate-hashes --no-header \
      $([[ $in == onnxruntime ]] && echo --no-deps) --no-emit-index-url --no-emit-find-links --upgrade \
      "requirements/$in.in" -o "requirements/$in.txt"
  done
}

do_clean() {
  rm -rf build dist .venv .mypy_cache .ruff_cache .pytest_cache "$native"/*.so* "$native"/*.dylib* "$native"/onnxruntime-*
  find python bench tools -name __pycache__ -prune -exec rm -rf {} +
}

usage() {
  cat >&2 <<'TXT'
usage: ./build.sh VERB

  setup   system libraries, .venv with the locked Python packages, ONNX Runtime
  build   setup, then the shared library into python/innerspace/_native
  demo    build, then run the notebook; writes build/demo/image_embedding.{ipynb,html}
  test    build, lint, every test (arguments go to pytest)
  lint    gofmt, go vet, staticcheck, ruff, mypy
  arm64   tests of what is written for arm64 alone, under emulation
  bench   build, then bench/run.py (see bench/README.md)
  wheel   build, then a repaired wheel in dist/, tried in an empty environment
  lock    resolve the Python requirements anew
  clean   remove all that the other verbs made
TXT
  exit 2
}

verb=${1:-}
case $verb in
  setup | build | demo | test | lint | arm64 | bench | wheel | lock | clean) shift; "do_$verb" "$@" ;;
  *) usage ;;
esac
