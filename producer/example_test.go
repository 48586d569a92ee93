package producer_test

import (
	"context"
	"fmt"
	"log"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"clickstream/emulator"
	"clickstream/producer"
)

// A record is sent, and its callback is told what became of it.
func ExampleProducer_Put() {
	cfg, stop := clicksOnAnEmulator()
	defer stop()
	ctx := context.Background()
	click := []byte(`{"resource":"/index.html","referrer":""}`)
	var stored atomic.Int64

	send := func() error {
		p, err := producer.New(ctx, producer.Options{Client: kinesis.NewFromConfig(cfg), Stream: "clicks", Aggregate: true})
		if err != nil {
			return err
		}
		err = p.Put(ctx, producer.Record{PartitionKey: "/index.html", Data: click}, func(r producer.Result) {
			// r.ShardID, r.SequenceNumber, r.Attempts, r.MaybeTwice, or r.Err
			if r.Err == nil {
				stored.Add(1)
			}
		})
		if err != nil {
			return err
		}
		return p.Close(ctx) // waits until all is settled; what the context leaves no time for is given up, and told
	}
	if err := send(); err != nil {
		log.Fatal(err)
	}
	fmt.Println(stored.Load(), "stored")
	// Output: 1 stored
}

// Who does not ask what became of a record gives no callback; Stats counts.
func Example() {
	cfg, stop := clicksOnAnEmulator()
	defer stop()
	ctx := context.Background()
	click := []byte(`{"resource":"resource-1","referrer":"http://www.amazon.com/"}`)

	send := func() error {
		p, err := producer.New(ctx, producer.Options{Client: kinesis.NewFromConfig(cfg), Stream: "clicks"})
		if err != nil {
			return err
		}
		err = p.Put(ctx, producer.Record{PartitionKey: "resource-1", Data: click}, nil)
		if err != nil {
			return err
		}
		return p.Close(ctx)
	}
	fmt.Println(send())
	// Output: <nil>
}

// clicksOnAnEmulator returns the configuration for an emulator in memory, which has a stream clicks.
func clicksOnAnEmulator() (aws.Config, func()) {
	e, err := emulator.New(emulator.Options{Setup: emulator.Setup{Streams: []emulator.StreamSetup{{Name: "clicks", Shards: 1}}}})
	if err != nil {
		log.Fatal(err)
	}
	cfg := aws.Config{
		Region: "us-east-1", HTTPClient: e.Client(), BaseEndpoint: aws.String(e.URL),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		}),
	}
	return cfg, func() { _ = e.Close() }
}
