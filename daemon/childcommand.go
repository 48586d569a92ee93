package daemon

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"clickstream/properties"
)

// childCommand splits the command line of a child at white space, as KCL does, which knows no quotes, and puts this program in for the
// word clickstream. (Where the program's own path has a space in it no link is needed, unlike for the Java daemon, since nothing
// splits it again.)
func childCommand(settings *properties.Config) ([]string, error) {
	command := strings.Fields(settings.ExecutableName)
	if len(command) == 0 {
		return nil, errors.New("executableName is empty; it is the command line of the record processor, such as clickstream consume")
	}
	if command[0] != "clickstream" {
		// Found now: one that is not there is a mistake in the settings, not a fault of a record processor that may pass.
		if _, err := exec.LookPath(command[0]); err != nil {
			return nil, fmt.Errorf("executableName: the record processor cannot be started: %w", err)
		}
		return command, nil
	}
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	command[0] = self
	// The sample names itself. Where it is the embedded one there is no such file, and the child finds the embedded one without a name.
	if n := len(command); settings.Path == "" && n > 2 && command[n-2] == "-p" && command[n-1] == properties.SampleName {
		command = command[:n-2]
	}
	return command, nil
}

// otherFile returns the properties file that a child command names, if it is another one than the daemon's: then the child may well store
// for another application, or in another bucket. Only commands of clickstream are looked at; what others take for a flag is not known.
func otherFile(settings *properties.Config) string {
	words := strings.Fields(settings.ExecutableName)
	if settings.Path == "" || len(words) == 0 || words[0] != "clickstream" {
		return ""
	}
	for i, word := range words[1:] {
		flag, file, joined := strings.Cut(word, "=")
		if !joined && i+2 < len(words) {
			file = words[i+2]
		}
		if name := strings.TrimLeft(flag, "-"); name != flag && (name == "p" || name == "properties") && !sameFile(file, settings.Path) {
			return file
		}
	}
	return ""
}

func sameFile(a, b string) bool {
	first, err1 := os.Stat(a)
	second, err2 := os.Stat(b)
	return err1 == nil && err2 == nil && os.SameFile(first, second)
}
