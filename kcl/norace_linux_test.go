//go:build !race

package kcl_test

const raceDetector = false
