// Package e2e shows the whole flow, from produce to cleanup, with the real program: its processes against the embedded emulator,
// against LocalStack in a container, and against any endpoint that a variable names. The tests are one body that runs on each Endpoint.
//
// What is exported is for the same kind of tests of other record processors: see README.md beside this file. It is the only package
// that imports testcontainers, and nothing imports it.
package e2e
