#!/usr/bin/env bash
# Builds the C library into a directory: capi/build.sh DIRECTORY [FLAG OF go build ...]
# The flags serve the tests (-race, -tags), as does SYMBOLS=1, which keeps what a debugger wants.
# Linux is tested; macOS is kept buildable, untested.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[[ $# -ge 1 ]] || { echo "usage: capi/build.sh DIRECTORY [FLAG OF go build ...]" >&2; exit 2; }
mkdir -p "$1"
out=$(cd "$1" && pwd)
shift

case "$(uname -s)" in
  Linux)
    library=libinnerspace.so
    # ONNX Runtime and the picture libraries lie beside the library in a wheel.
    link="\"-Wl,--version-script=$here/exports.map\" -Wl,-rpath,\$ORIGIN -Wl,-soname,$library"
    ;;
  Darwin)
    library=libinnerspace.dylib
    link="\"-Wl,-exported_symbols_list,$here/exports.darwin\" -Wl,-rpath,@loader_path -Wl,-install_name,@rpath/$library"
    ;;
  *) echo "capi/build.sh: $(uname -s) is not supported" >&2; exit 1 ;;
esac

strip="-s -w"
[[ -z ${SYMBOLS:-} ]] || strip=
cd "$here"
go build -buildmode=c-shared -trimpath -ldflags "$strip -extldflags '$link'" "$@" -o "$out/$library" .
rm -f "$out/libinnerspace.h" # Go's own; include/innerspace.h is the public one
