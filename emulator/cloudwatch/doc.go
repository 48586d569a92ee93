// Package cloudwatch emulates the metrics of Amazon CloudWatch: what is put can be listed and read as statistics. Values are held
// summed up by minute, or by second where they are of high resolution, in bounded memory: of a million periods the older half is
// forgotten.
//
// API: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/Welcome.html
package cloudwatch
