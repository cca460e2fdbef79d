#!/usr/bin/env bash
# Tests the C library from C and from Python: capi/test/run.sh. Prints "N passed, M failed".
# Two builds: what ships, with its symbols; and one with the race detector, the runtime's checks of
# pointers given to C, and a model that panics on request.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
readonly root=$(cd ../.. && pwd)
readonly out=$root/build/capi-test
mkdir -p "$out"
export TESTDATA=$root/testdata
export INNERSPACE_ORT_LIBRARY=${INNERSPACE_ORT_LIBRARY:-$(compgen -G "$root/build/onnxruntime/libonnxruntime.so.*" | head -n1)}
[[ -f ${INNERSPACE_ORT_LIBRARY:-} ]] || { echo "capi/test/run.sh: no ONNX Runtime; run ./build.sh setup or set INNERSPACE_ORT_LIBRARY" >&2; exit 1; }
python=$root/.venv/bin/python
[[ -x $python ]] || python=python3

passed=0 failed=0

# Runs a command; its outcome is one test, or as many as its last line says ("N passed, M failed").
check() {
  local name=$1 log status start=$SECONDS
  shift
  log=$("$@" 2>&1)
  status=$?
  if [[ ${log##*$'\n'} =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]]; then
    passed=$((passed + BASH_REMATCH[1])) failed=$((failed + BASH_REMATCH[2]))
    ((status == 0 || BASH_REMATCH[2] > 0)) || failed=$((failed + 1)) # it died after its last line
  elif ((status == 0)); then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
  fi
  printf '%-4s %s (%d s)\n' "$([[ $status == 0 ]] && echo ok || echo FAIL)" "$name" $((SECONDS - start))
  if [[ $status != 0 ]]; then
    echo "exit status $status"
    printf '%s\n' "$log" | tail -n 40
  elif [[ $log == *"resident memory"* ]]; then
    printf '%s\n' "$log" | grep "resident memory"
  fi
}

readonly warnings="-Wall -Wextra -Wno-unused-parameter -Werror"

# compile FLAG...: the test program
compile() {
  gcc -std=gnu11 -D_GNU_SOURCE -g -O1 $warnings ./*.c "$@" -lpthread -lm
}
readonly shared="-L$out/plain -linnerspace -Wl,-rpath,$out/plain"

# exactly_the_header LIBRARY: its visible functions are those of the header
exactly_the_header() {
  diff <(nm -D --defined-only "$1" | awk '{ print $3 }' | sort) \
    <("$python" signatures.py ../include/innerspace.h | sed -n 's/.*(void))\(.*\),$/\1/p' | sort)
}

every_function() {
  "$python" signatures.py ../include/innerspace.h >"$out/every_function.c" &&
    gcc -std=c11 $warnings -I../include "$out/every_function.c" -o "$out/every_c" -L"$out/plain" -linnerspace -Wl,-rpath,"$out/plain" &&
    g++ -std=c++17 $warnings -I../include -x c++ "$out/every_function.c" -o "$out/every_cxx" -L"$out/plain" -linnerspace -Wl,-rpath,"$out/plain" &&
    "$out/every_c" && "$out/every_cxx"
}

# The binding of ONNX Runtime never frees the path of a graph that it loads (createCSessionFromFile in
# onnxruntime_go): a few dozen bytes a load. Nothing else is let through.
known_leaks() {
  local binding
  binding=$(nm "$1" | sed -n 's/.* \(_cgo_[0-9a-f]*\)_Cfunc_CreateSessionFromFile$/\1/p')
  [[ -n $binding ]] && echo "leak:${binding}_Cfunc__Cmalloc" >"$out/known_leaks"
}

check "build" env SYMBOLS=1 ../build.sh "$out/plain"
check "only the header's functions are visible" exactly_the_header "$out/plain/libinnerspace.so"
check "every function from C and C++" every_function
check "compile" compile -o "$out/capi_test" $shared
check "C" "$out/capi_test" roundtrip embed vectors recall run_many put_reports thumbnail statuses handles arguments streams results_outlive_engines \
  cancel fork threads store
check "C, 1000 rounds" env ROUNDS=1000 "$out/capi_test" leaks
check "compile with AddressSanitizer" compile -fsanitize=address,undefined -fno-omit-frame-pointer -o "$out/capi_test_asan" $shared
check "find the known leak" known_leaks "$out/plain/libinnerspace.so"
check "C, AddressSanitizer and leaks" env ROUNDS=20 LSAN_OPTIONS="suppressions=$out/known_leaks:print_suppressions=0" \
  "$out/capi_test_asan"
check "Python, plain ctypes" env LIBRARY="$out/plain/libinnerspace.so" "$python" -X faulthandler ctypes_test.py
# An archive, because the race detector cannot map its shadow memory for a shared library.
checked_archive() {
  (cd .. && GOEXPERIMENT=cgocheck2 go build -buildmode=c-archive -race -tags innerspace_panic -o "$out/checked.a" .) &&
    compile -no-pie -DWITH_PANIC -o "$out/capi_test_checked" "$out/checked.a" $(pkg-config --libs libturbojpeg libwebp) -ldl
}

check "build with checks" checked_archive
check "C, race detector, pointer checks, panics" env ROUNDS=20 GORACE=halt_on_error=1 "$out/capi_test_checked"

echo "$passed passed, $failed failed"
((failed == 0))
