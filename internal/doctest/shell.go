package doctest

import "strings"

// Commands returns the words of each simple command in shell text: pipes, lists, substitutions and comments are taken apart, assignments
// before a command and redirections are left out. It is for finding programs and flags, not for running anything.
func Commands(text string) [][]string {
	s := &splitter{text: strings.ReplaceAll(text, "\\\n", " ")}
	s.split()
	return s.commands
}

type splitter struct {
	text     string
	commands [][]string
	words    []string
	word     strings.Builder
	inWord   bool
	redirect bool // the next word is the file of a redirection
}

func (s *splitter) split() {
	for i := 0; i < len(s.text); i++ {
		switch {
		case s.text[i] == '\'' || s.text[i] == '"':
			i = s.quoted(i)
		case strings.HasPrefix(s.text[i:], "$("):
			i = s.substitution(i)
		case s.text[i] == '#' && !s.inWord:
			i += strings.IndexByte(s.text[i:]+"\n", '\n') - 1
		case s.text[i] == '\\' && i+1 < len(s.text):
			i++
			s.add(s.text[i : i+1])
		default:
			s.character(s.text[i])
		}
	}
	s.endCommand()
}

func (s *splitter) character(c byte) {
	switch c {
	case ' ', '\t':
		s.endWord()
	case '>', '<':
		s.redirection()
	case '&':
		if !s.redirect { // as it is in 2>&1
			s.endCommand()
		}
	case '\n', ';', '|', '(', ')':
		s.endCommand()
	default:
		s.add(string(c))
	}
}

func (s *splitter) add(text string) {
	s.inWord = true
	s.word.WriteString(text)
}

// quoted takes what is between the quote at i and the next one, whose position it returns.
func (s *splitter) quoted(i int) int {
	length := strings.IndexByte(s.text[i+1:], s.text[i])
	if length < 0 {
		length = len(s.text) - i - 1
	}
	inside := s.text[i+1 : i+1+length]
	s.add(inside)
	if _, command, found := strings.Cut(inside, "$("); found && s.text[i] == '"' {
		s.commands = append(s.commands, Commands(strings.TrimSuffix(command, ")"))...)
	}
	return i + 1 + length
}

// substitution takes the command in $(…) at i, and returns where it ends.
func (s *splitter) substitution(i int) int {
	depth := 0
	for end := i + 1; end < len(s.text); end++ {
		switch s.text[end] {
		case '(':
			depth++
		case ')':
			depth--
		}
		if depth == 0 {
			s.commands = append(s.commands, Commands(s.text[i+2:end])...)
			s.add(s.text[i : end+1])
			return end
		}
	}
	s.add("$(")
	return i + 1
}

// redirection ends the word before it, which may be the number of a file.
func (s *splitter) redirection() {
	if number := s.word.String(); number == "1" || number == "2" {
		s.word.Reset()
		s.inWord = false
	}
	s.endWord()
	s.redirect = true
}

func (s *splitter) endWord() {
	if !s.inWord {
		return
	}
	word := s.word.String()
	s.word.Reset()
	s.inWord = false
	if s.redirect {
		s.redirect = false
		return
	}
	if name, _, assigned := strings.Cut(word, "="); assigned && len(s.words) == 0 && name == strings.ToUpper(name) {
		return
	}
	s.words = append(s.words, word)
}

func (s *splitter) endCommand() {
	s.endWord()
	s.redirect = false
	if len(s.words) > 0 {
		s.commands = append(s.commands, s.words)
	}
	s.words = nil
}
