package java_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"clickstream/bootstrap/java"
)

func TestParseVersion(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]java.Version{
		"openjdk version \"17.0.15\" 2025-04-15\nOpenJDK Runtime Environment": {Text: "17.0.15", Major: 17},
		"java version \"1.8.0_392\"":                                          {Text: "1.8.0_392", Major: 8},
		"openjdk version \"21\" 2023-09-19 LTS":                               {Text: "21", Major: 21},
		"openjdk version \"24-ea\" 2025-03-18":                                {Text: "24-ea", Major: 24},
		"Picked up X\nopenjdk version \"11.0.2\" 2019":                        {Text: "11.0.2", Major: 11},
		"java version \"1.7.0_80\"":                                           {Text: "1.7.0_80", Major: 7},
	} {
		got, err := java.ParseVersion(text)
		if err != nil || got != want || got.NewEnough() != (want.Major >= java.Oldest) {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "no version", `version "x"`, `version ""`} {
		if got, err := java.ParseVersion(text); err == nil {
			t.Errorf("%q: %+v, want an error", text, got)
		}
	}
}

func FuzzParseVersion(f *testing.F) {
	f.Add("openjdk version \"17.0.15\" 2025-04-15")
	f.Fuzz(func(t *testing.T, text string) {
		if v, err := java.ParseVersion(text); err == nil && (v.Text == "" || v.Major < 0) {
			t.Errorf("%q: %+v", text, v)
		}
	})
}

func TestFindAndAsk(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the java of this test is a shell script")
	}
	home := t.TempDir()
	program := filepath.Join(home, "bin", "java")
	if err := os.MkdirAll(filepath.Dir(program), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(program, []byte("#!/bin/sh\necho 'openjdk version \"17.0.1\"' >&2\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, set := range map[string]func(t *testing.T) string{
		"--java":    func(t *testing.T) string { t.Helper(); return program },
		"JAVA_HOME": func(t *testing.T) string { t.Helper(); t.Setenv("JAVA_HOME", home); return "" },
		"the PATH": func(t *testing.T) string {
			t.Helper()
			t.Setenv("JAVA_HOME", "")
			t.Setenv("PATH", filepath.Dir(program)+":"+os.Getenv("PATH"))
			return ""
		},
	} {
		t.Run(name, func(t *testing.T) {
			found, err := java.Find(set(t))
			if err != nil || found != program {
				t.Fatalf("found %s, %v", found, err)
			}
			if v, err := java.VersionOf(t.Context(), found); err != nil || v.Major != 17 {
				t.Errorf("%+v, %v", v, err)
			}
		})
	}
	t.Setenv("JAVA_HOME", t.TempDir())
	if _, err := java.Find(""); err == nil || !strings.Contains(err.Error(), "by JAVA_HOME") {
		t.Errorf("an empty JAVA_HOME: %v", err)
	}
	if err := os.WriteFile(program, []byte("#!/bin/sh\necho broken >&2\nexit 3\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := java.VersionOf(t.Context(), program); err == nil || !strings.Contains(err.Error(), "exit status 3: broken") {
		t.Errorf("a broken java: %v", err)
	}
}
