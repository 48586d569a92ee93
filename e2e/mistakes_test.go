package e2e_test

import "testing"
import "clickstream/e2e"

func testMistakes(t *testing.T, at *e2e.Endpoint, program string)   {}
func testInContainer(t *testing.T, at *e2e.Endpoint, program string) {}
