//go:build race

package kcl_test

const raceDetector = true
