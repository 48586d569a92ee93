package emulator_test

import (
	"bytes"
	"errors"
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"clickstream/emulator"
)

// heapInUse is the memory that is held, in bytes. Tests that ask for it do not run beside others.
func heapInUse() int64 {
	runtime.GC()
	runtime.GC() // what finalizers and pools still held
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}

// follower reads a shard by iterators, none of which is good for longer than five minutes.
type follower struct {
	shard    string
	iterator *string
	last     *string // sequence number
	read     int
}

// TestDaysOfRetention puts records for three days into a stream that keeps them for one. They are read once each, by a reader that comes
// back every hour and finds its iterators expired; the horizon moves along, memory stays what a day takes, and is given back at last.
func TestDaysOfRetention(t *testing.T) { //nolint:paralleltest // it measures the memory of the process
	if testing.Short() {
		t.Skip("three days take some seconds; left out with -short")
	}
	const (
		shards = 4
		minute = 40 // records
		size   = 1 << 10
		day    = 24 * 60 * minute
	)
	synctest.Test(t, func(t *testing.T) {
		e := emulator.RunT(t)
		client := kinesis.NewFromConfig(config(e))
		create(t, client, "clicks", shards)
		readers := make([]*follower, shards)
		for i := range readers {
			readers[i] = &follower{shard: fmt.Sprintf("shardId-%012d", i)}
		}
		empty := heapInUse()
		var held [4]int64
		for hour := range 3 * 24 {
			for range 60 {
				putMinute(t, client, minute, size)
				time.Sleep(time.Minute)
			}
			for _, one := range readers {
				one.catchUp(t, client, hour > 0)
				oldest := one.horizon(t, client)
				if age := time.Since(oldest); age > 24*time.Hour || hour >= 24 && age < 24*time.Hour-time.Minute || hour < 24 && age < time.Duration(hour)*time.Hour {
					t.Fatalf("after hour %d the oldest record of %s is %v old", hour, one.shard, age)
				}
			}
			if (hour+1)%24 == 0 {
				held[hour/24+1] = heapInUse() - empty
			}
		}
		t.Logf("MiB held after a day, two and three: %d, %d, %d", held[1]>>20, held[2]>>20, held[3]>>20)
		if held[1] < day*size || held[2] > held[1]*5/4 || held[3] > held[2]*21/20 {
			t.Errorf("bytes held after a day, two and three: %d", held[1:])
		}
		time.Sleep(24*time.Hour + time.Second)
		read := 0
		for _, one := range readers {
			one.catchUp(t, client, true)
			read += one.read
			if got := one.horizon(t, client); !got.IsZero() {
				t.Errorf("a record of %v is left", got)
			}
		}
		if read != 3*day {
			t.Errorf("read %d of %d records", read, 3*day)
		}
		if left := heapInUse() - empty; left > day*size/20 {
			t.Errorf("%d bytes are held when all records are too old", left)
		}
	})
}

// putMinute puts records that are spread over the shards.
func putMinute(t *testing.T, client *kinesis.Client, records, size int) {
	t.Helper()
	in := &kinesis.PutRecordsInput{StreamName: aws.String("clicks")}
	for i := range records {
		key := fmt.Sprintf("key %d", i)
		in.Records = append(in.Records, types.PutRecordsRequestEntry{Data: bytes.Repeat([]byte{byte(i)}, size), PartitionKey: &key})
	}
	if out, err := client.PutRecords(t.Context(), in); err != nil || *out.FailedRecordCount > 0 {
		t.Fatal(out, err)
	}
}

// catchUp reads all that came since the last time.
func (f *follower) catchUp(t *testing.T, client *kinesis.Client, expired bool) {
	t.Helper()
	if expired {
		_, err := client.GetRecords(t.Context(), &kinesis.GetRecordsInput{ShardIterator: f.iterator})
		if _, ok := errors.AsType[*types.ExpiredIteratorException](err); !ok {
			t.Errorf("an iterator of an hour ago: %v", err)
		}
	}
	in := kinesis.GetShardIteratorInput{StreamName: aws.String("clicks"), ShardId: &f.shard, ShardIteratorType: types.ShardIteratorTypeTrimHorizon}
	if f.last != nil {
		in.ShardIteratorType, in.StartingSequenceNumber = types.ShardIteratorTypeAfterSequenceNumber, f.last
	}
	for f.iterator = iterator(t, client, in); ; {
		out, err := client.GetRecords(t.Context(), &kinesis.GetRecordsInput{ShardIterator: f.iterator})
		if err != nil {
			t.Fatal(err)
		}
		f.iterator, f.read = out.NextShardIterator, f.read+len(out.Records)
		if len(out.Records) > 0 {
			f.last = out.Records[len(out.Records)-1].SequenceNumber
		}
		if *out.MillisBehindLatest == 0 {
			return
		}
	}
}

// horizon returns when the oldest record that is left arrived; zero when none is.
func (f *follower) horizon(t *testing.T, client *kinesis.Client) time.Time {
	t.Helper()
	out, err := client.GetRecords(t.Context(), &kinesis.GetRecordsInput{Limit: aws.Int32(1), ShardIterator: iterator(t, client, kinesis.GetShardIteratorInput{
		StreamName: aws.String("clicks"), ShardId: &f.shard, ShardIteratorType: types.ShardIteratorTypeTrimHorizon,
	})})
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Records) == 0 {
		return time.Time{}
	}
	return *out.Records[0].ApproximateArrivalTimestamp
}
