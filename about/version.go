package about

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// Version returns one line: version, commit, Go version, system. The Go tool writes the first two into a program that it builds in a
// clone of the repository or from a tagged module; where it has not, the line says "unknown".
func Version() string {
	version, commit, modified := "unknown", "unknown", ""
	if info, ok := debug.ReadBuildInfo(); ok {
		if info.Main.Version != "" {
			version = info.Main.Version
		}
		for _, setting := range info.Settings {
			switch {
			case setting.Key == "vcs.revision":
				commit = setting.Value
			case setting.Key == "vcs.modified" && setting.Value == "true":
				modified = " with changes"
			}
		}
	}
	return fmt.Sprintf("clickstream %s, commit %s%s, %s, %s/%s", version, commit, modified, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
