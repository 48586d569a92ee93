package bootstrap

import (
	"os"
	"runtime"
	"strings"

	"clickstream/bootstrap/java"
)

// MainClass is the Java MultiLangDaemon's, in KCL 2 and 3.
const MainClass = "software.amazon.kinesis.multilang.MultiLangDaemon"

// argumentFiles is the first version of Java whose launcher reads arguments from a file.
const argumentFiles = 9

// classPath returns the arguments that give java the jars: a file of arguments, @FILE, written into dir, or the whole list where java is too old
// for that. A wildcard would take in whatever else is in the jars' folder.
func classPath(version java.Version, jars []string, dir string) ([]string, error) {
	if version.Major < argumentFiles {
		return []string{"-cp", strings.Join(jars, string(os.PathListSeparator))}, nil
	}
	quoted := make([]string, len(jars))
	quote := strings.NewReplacer(`\`, `\\`, `"`, `\"`)
	for i, jar := range jars {
		quoted[i] = quote.Replace(jar)
	}
	// Within quotes a backslash at the end of a line continues it, and the next line's leading white space does not count.
	text := "-cp\n\"" + strings.Join(quoted, string(os.PathListSeparator)+"\\\n ") + "\"\n"
	path, err := writeFile(dir, "class-path", []byte(text))
	return []string{"@" + path}, err
}

// quoteAll makes a line of words for the shell, on Windows for its command prompt.
func quoteAll(words []string) string {
	quote := quoteShell
	if runtime.GOOS == "windows" {
		quote = quoteWindows
	}
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = quote(word)
	}
	return strings.Join(quoted, " ")
}

// quoteShell quotes a word for POSIX shells: nothing but the single quote means anything between single quotes.
func quoteShell(word string) string {
	plain := func(r rune) bool {
		return r < 0x80 && (r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || strings.ContainsRune("0123456789-_=+,./:@%", r))
	}
	if word != "" && strings.IndexFunc(word, func(r rune) bool { return !plain(r) }) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// quoteWindows quotes a word for the command prompt. File names there hold no double quote.
func quoteWindows(word string) string {
	if word != "" && !strings.ContainsAny(word, " \t&|<>^()*;,='") {
		return word
	}
	return `"` + word + `"`
}
