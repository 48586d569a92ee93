package emulator_test

import (
	"testing"

	"clickstream/emulator/dynamodb"
	"clickstream/emulator/internal/journal"
	"clickstream/emulator/kinesis"
	"clickstream/emulator/s3"
)

// FuzzReplay hands the services entries that they never wrote: they may be refused, and nothing else.
func FuzzReplay(f *testing.F) {
	for _, one := range []string{"", "K", "S\xa1bID\x01", "R\x01\x00\x01\x01\x00\x00\x01\x01k", "T\xa0", "P\x00\x00\x00\x00", "B\x01\xa0", "O\x01\xa0body"} {
		f.Add(one, one)
	}
	f.Fuzz(func(t *testing.T, first, second string) {
		streams, err := kinesis.New(kinesis.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, keeper := range []journal.Keeper{streams, dynamodb.New(nil), s3.New(nil)} {
			for _, mending := range []bool{false, true} {
				for _, entry := range []string{first, second} {
					_ = keeper.Replay([]byte(entry), mending)
				}
			}
			if err := keeper.Snapshot(func(...[]byte) error { return nil }); err != nil {
				t.Error(err)
			}
		}
	})
}
