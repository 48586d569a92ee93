// Command produce measures ways to put clicks into a Kinesis stream. One run is one way; it prints records, seconds and CPU seconds of this
// process, separated by spaces. bench/produce.sh calls it in turns with producers in other languages.
//
//	produce -way sdk|producer|aggregate -records N -in-flight N
//
// The endpoint and the credentials come from the environment, as for every AWS tool.
package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime/pprof"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"golang.org/x/sync/errgroup"

	"clickstream/producer"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "produce:", err)
		os.Exit(1) //nolint:forbidigo // a program of its own
	}
}

func run(ctx context.Context) error {
	way := flag.String("way", "producer", "sdk, producer or aggregate")
	records := flag.Int("records", 1_000_000, "how many records to put")
	inFlight := flag.Int("in-flight", 4, "requests at once")
	stream := flag.String("stream", "bench", "stream's name")
	profile := flag.String("profile", "", "write a CPU profile to this file")
	flag.Parse()
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return err
	}
	client := kinesis.NewFromConfig(cfg)
	if *profile != "" {
		f, err := os.Create(*profile)
		if err != nil {
			return err
		}
		defer func() { _ = f.Close() }()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	source := newClicks()
	start, before := time.Now(), cpu()
	if *way == "sdk" {
		err = bySDK(ctx, client, source, *stream, *records, *inFlight)
	} else {
		err = byProducer(ctx, client, source, *stream, *records, *inFlight, *way == "aggregate")
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(os.Stdout, "%d %.3f %.3f\n", *records, time.Since(start).Seconds(), cpu()-before) //nolint:forbidigo // a program of its own
	return err
}

// clicks are 600 clicks of 70 bytes, 100 resources by 6 referrers as random clicks are, in a random order made beforehand: it is not the
// generator that is measured.
type clicks struct {
	all   []producer.Record
	order []uint16
	at    int
}

func newClicks() *clicks {
	c := &clicks{order: make([]uint16, 1<<12)}
	for resource := range 100 {
		for referrer := range 6 {
			key := fmt.Sprintf("resource-%03d", resource)
			data := fmt.Sprintf(`{"resource":"%s","referrer":"http://www.referrer-%d.example"}`, key, referrer)
			c.all = append(c.all, producer.Record{PartitionKey: key, Data: []byte(data)})
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	for i := range c.order {
		c.order[i] = uint16(random.IntN(len(c.all)))
	}
	return c
}

// next returns the next click.
func (c *clicks) next() *producer.Record {
	c.at++
	return &c.all[c.order[c.at&(len(c.order)-1)]]
}

// byProducer uses package producer.
func byProducer(ctx context.Context, client *kinesis.Client, source *clicks, stream string, records, inFlight int, aggregate bool) error {
	p, err := producer.New(ctx, producer.Options{
		Client: client, Stream: stream, InFlight: inFlight, Aggregate: aggregate,
		BufferedRecords: 50_000, // no more than is of use here: what a core's cache does not hold costs time
	})
	if err != nil {
		return err
	}
	var stored atomic.Int64
	done := func(r producer.Result) {
		if r.Err == nil && r.SequenceNumber != "" {
			stored.Add(1)
		}
	}
	for range records {
		click := source.next()
		if err := p.Put(ctx, *click, done); err != nil {
			return err
		}
	}
	if err := p.Close(ctx); err != nil {
		return err
	}
	if n := stored.Load(); n != int64(records) {
		return fmt.Errorf("%d of %d records were delivered", n, records)
	}
	return nil
}

// bySDK is what one writes without a library: batches of 500, so many requests at once, what is refused put again.
func bySDK(ctx context.Context, client *kinesis.Client, source *clicks, stream string, records, inFlight int) error {
	const batch = 500
	group, ctx := errgroup.WithContext(ctx)
	batches := make(chan []types.PutRecordsRequestEntry)
	for range inFlight {
		group.Go(func() error {
			for entries := range batches {
				for len(entries) > 0 {
					out, err := client.PutRecords(ctx, &kinesis.PutRecordsInput{StreamName: &stream, Records: entries})
					if err != nil {
						return err
					}
					var refused []types.PutRecordsRequestEntry
					for i, result := range out.Records {
						if result.ErrorCode != nil {
							refused = append(refused, entries[i])
						}
					}
					entries = refused
				}
			}
			return nil
		})
	}
	group.Go(func() error {
		defer close(batches)
		for left := records; left > 0; left -= batch {
			entries := make([]types.PutRecordsRequestEntry, min(left, batch))
			for i := range entries {
				click := source.next()
				entries[i] = types.PutRecordsRequestEntry{Data: click.Data, PartitionKey: &click.PartitionKey}
			}
			select {
			case batches <- entries:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	return group.Wait()
}
