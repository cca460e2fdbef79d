package onnx

import (
	"debug/elf"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"

	ort "github.com/yalue/onnxruntime_go"

	"github.com/innerspace/innerspace/core/errs"
)

// LibraryVariable is the environment variable that names the ONNX Runtime library
// where Options.Library does not.
const LibraryVariable = "INNERSPACE_ORT_LIBRARY"

// telemetryVariable keeps ONNX Runtime's telemetry from starting: the builds of PyPI come with it, and once started it
// leaves a device id and a database in the user's cache folder, and a thread that hangs the exit of a forked child.
const telemetryVariable = "ORT_DISABLE_TELEMETRY"

// minimumMinor is the first 1.x release whose C API the binding can use.
const minimumMinor = 24

// runtimeLibrary is the ONNX Runtime of this process. There is one: its
// environment is process-wide, and it is never unloaded, because its threads may outlive a session.
var runtimeLibrary struct {
	sync.Mutex
	path    string // symbolic links resolved; "" before the first success
	version string
}

// initialise loads the ONNX Runtime library once per process. A later call that
// asks for another file is refused: the first one cannot be taken out again.
func initialise(library string) error {
	source := "the option onnxruntime_library"
	if library == "" {
		library, source = os.Getenv(LibraryVariable), LibraryVariable
	}
	runtimeLibrary.Lock()
	defer runtimeLibrary.Unlock()
	if library == "" {
		if runtimeLibrary.path != "" {
			return nil
		}
		return errs.New(errs.NotFound,
			"no ONNX Runtime library is named: set the option onnxruntime_library or the environment variable %s to the path of libonnxruntime", LibraryVariable)
	}
	path, err := resolveLibrary(library, source)
	if err != nil {
		return err
	}
	switch runtimeLibrary.path {
	case path:
		return nil
	case "":
	default:
		return errs.New(errs.InvalidState,
			"this process already runs the ONNX Runtime of %s and cannot also load %s: use one library, or another process", runtimeLibrary.path, path)
	}
	if err := checkComplete(path); err != nil {
		return err
	}
	version, err := libraryVersion(path)
	if err != nil {
		return err
	}
	if err := checkVersion(version, path); err != nil {
		return err
	}
	if err := os.Setenv(telemetryVariable, "1"); err != nil {
		return errs.Wrap(err, errs.Internal, "the telemetry of ONNX Runtime %s could not be kept off: %v", version, err)
	}
	ort.SetSharedLibraryPath(path)
	// What ONNX Runtime has to say comes back as errors; it must not write to the user's terminal.
	if err := ort.InitializeEnvironment(ort.WithLogLevelFatal()); err != nil {
		return errs.Wrap(err, errs.Internal, "the ONNX Runtime %s of %s did not start: %v", version, path, err)
	}
	if err := ort.DisableTelemetry(); err != nil {
		return errs.Wrap(err, errs.Internal, "the telemetry of ONNX Runtime %s could not be switched off: %v", version, err)
	}
	runtimeLibrary.path, runtimeLibrary.version = path, version
	return nil
}

// resolveLibrary gives the file behind a library's path.
func resolveLibrary(library, source string) (string, error) {
	path, err := filepath.Abs(library)
	if err == nil {
		path, err = filepath.EvalSymlinks(path)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return "", errs.Wrap(err, errs.NotFound, "the ONNX Runtime library %s, named by %s, does not exist", library, source)
	}
	if err != nil {
		return "", errs.Wrap(err, errs.InvalidInput, "the ONNX Runtime library %s, named by %s, cannot be opened: %v", library, source, err)
	}
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return "", errs.New(errs.InvalidInput, "the ONNX Runtime library %s, named by %s, is not a file", library, source)
	}
	return path, nil
}

// checkComplete refuses a file that is no ELF library or whose end is missing, as after a download that
// broke off: opening such a file does not fail, it kills the process. Other systems check their own libraries.
func checkComplete(path string) error {
	if runtime.GOOS != "linux" {
		return nil
	}
	file, err := os.Open(path)
	if err != nil {
		return errs.Wrap(err, errs.InvalidInput, "the ONNX Runtime library %s cannot be opened: %v", path, err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return errs.Wrap(err, errs.InvalidInput, "the ONNX Runtime library %s cannot be read: %v", path, err)
	}
	library, err := elf.NewFile(file)
	if err != nil {
		return errs.Wrap(err, errs.InvalidInput, "%s is not a shared library, or was cut off: %v", path, err)
	}
	for _, segment := range library.Progs {
		if segment.Type == elf.PT_LOAD && (segment.Off > uint64(info.Size()) || segment.Filesz > uint64(info.Size())-segment.Off) {
			return errs.New(errs.InvalidInput, "%s was cut off: it has %d bytes, and a part of it should lie behind them", path, info.Size())
		}
	}
	return nil
}

// checkVersion refuses a release that is older than the binding's C API.
func checkVersion(version, path string) error {
	major, rest, _ := strings.Cut(version, ".")
	minor, _, _ := strings.Cut(rest, ".")
	a, errMajor := strconv.Atoi(major)
	b, errMinor := strconv.Atoi(minor)
	if errMajor != nil || errMinor != nil {
		return errs.New(errs.InvalidInput, "the library %s calls itself ONNX Runtime %.40q, which is no version", path, version)
	}
	if a < 1 || a == 1 && b < minimumMinor {
		return errs.New(errs.Unsupported, "the library %s is ONNX Runtime %s; 1.%d or newer is needed", path, version, minimumMinor)
	}
	return nil
}
