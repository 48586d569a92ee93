// Package about holds the commands that speak of the program itself: its version, its manual page and its shell completions.
package about
