package jars

import (
	"context"
	"errors"
)

// Make makes the lock of a version from a Maven repository.
func Make(context.Context, string, Options) (*Lock, error) { return nil, errors.New("being built") }
