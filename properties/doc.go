// Package properties reads the one settings file of clickstream and of the Kinesis Client Library's daemons: Java's .properties syntax,
// the settings typed, checked and explained, and the embedded sample.properties.
package properties
