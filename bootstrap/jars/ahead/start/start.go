// Package start begins to digest the daemon's jars when the program starts, see package ahead. It is imported for that alone, by package main.
package start

import "clickstream/bootstrap/jars/ahead"

var _ = ahead.Begin() // the one thing of this program that happens before main
