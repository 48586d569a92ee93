// Package dynamodb emulates Amazon DynamoDB: tables with global and local secondary indexes, items
// with conditional writes by expressions and by the older parameters, queries and scans.
//
// It is what the Kinesis Client Library in its generations 2 and 3, the AWS command line and the
// SDKs' waiters need. Each operation is a file, which says what it keeps and what it leaves out;
// operations.go lists them. Everything is kept in memory. What the real service does with delay,
// such as making a table or an index active, is done at once.
package dynamodb
