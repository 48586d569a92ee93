package e2e

import (
	"context"
	"fmt"
	"os"
	"testing"

	"clickstream/bootstrap/jars"
	"clickstream/bootstrap/java"
)

// JavaLacks says what this machine lacks to run the Java daemon, and how to get it; "" when it lacks nothing. It fetches the daemon's jars where they
// are missing.
func JavaLacks() string {
	if _, err := java.Find(""); err != nil {
		return fmt.Sprintf("%v (on Debian: apt-get install default-jre-headless)", err)
	}
	lock, err := jars.Embedded("")
	if err == nil {
		_, err = jars.Ensure(context.Background(), jars.Options{Lock: lock, Repository: os.Getenv(jars.RepositoryEnvironment)})
	}
	if err != nil {
		return fmt.Sprintf("the jars of the Java daemon cannot be fetched (%v): set %s to a Maven repository that can be reached", err, jars.RepositoryEnvironment)
	}
	return ""
}

// NeedsJava skips a test where the Java daemon cannot run.
func NeedsJava(tb testing.TB) {
	tb.Helper()
	if lacks := JavaLacks(); lacks != "" {
		needs(tb, "%s", lacks)
	}
}

// JavaDaemon starts the Java daemon by clickstream bootstrap, as a user does.
func (a *App) JavaDaemon(tb testing.TB, flags ...string) *Process {
	tb.Helper()
	p := start(tb, a.Folder, a.environment([]string{quickJava}), a.program, append([]string{"bootstrap", "-p", "sample.properties", "-e"}, flags...)...)
	tb.Cleanup(func() {
		if tb.Failed() {
			a.showLogs(tb)
		}
	})
	return p
}

// quickJava has a Java virtual machine that lives for some seconds spend half of the time on itself.
const quickJava = "JAVA_TOOL_OPTIONS=-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
