package deaggregate_test

import (
	"fmt"

	"clickstream/kcl/deaggregate"
	"clickstream/kcl/multilang"
)

func ExampleRecords() {
	read := []multilang.Record{{
		SequenceNumber: "17",
		PartitionKey:   "a",
		Data: deaggregate.Aggregate([]deaggregate.UserRecord{
			{PartitionKey: "resource-1", Data: []byte("first click")},
			{PartitionKey: "resource-2", Data: []byte("second click")},
		}),
	}}
	clicks, dropped := deaggregate.Records(read, deaggregate.AllHashKeys())
	for _, r := range clicks {
		fmt.Printf("%s.%d %s %s\n", r.SequenceNumber, r.SubSequenceNumber, r.PartitionKey, r.Data)
	}
	fmt.Println(len(dropped), "dropped")
	// Output:
	// 17.0 resource-1 first click
	// 17.1 resource-2 second click
	// 0 dropped
}
