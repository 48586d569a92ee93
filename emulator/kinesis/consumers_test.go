package kinesis_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"clickstream/emulator/kinesis"
)

const clicksARN = "arn:aws:kinesis:us-east-1:000000000000:stream/clicks"

func register(t *testing.T, s server, name string) map[string]any {
	t.Helper()
	reply := s.do(t, "RegisterStreamConsumer", fmt.Sprintf(`{"StreamARN":%q,"ConsumerName":%q}`, clicksARN, name))
	consumer, ok := reply["Consumer"].(map[string]any)
	if !ok {
		t.Fatalf("reply %v", reply)
	}
	return consumer
}

func describe(t *testing.T, s server, body string) map[string]any {
	t.Helper()
	described, ok := s.do(t, "DescribeStreamConsumer", body)["ConsumerDescription"].(map[string]any)
	if !ok {
		t.Fatal("no description")
	}
	return described
}

func TestConsumersComeAndGo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newServerWith(t, kinesis.Options{CreateDelay: 10 * time.Second})
		s.do(t, "CreateStream", `{"StreamName":"clicks","ShardCount":1}`)
		time.Sleep(10 * time.Second)
		made := register(t, s, "fan")
		arn := fmt.Sprintf("%s/consumer/fan:%d", clicksARN, time.Now().Unix())
		if made["ConsumerARN"] != arn || made["ConsumerStatus"] != "CREATING" || made["ConsumerName"] != "fan" {
			t.Errorf("registered %v", made)
		}
		byARN, byName := fmt.Sprintf(`{"ConsumerARN":%q}`, arn), fmt.Sprintf(`{"StreamARN":%q,"ConsumerName":"fan"}`, clicksARN)
		if got := describe(t, s, byARN); got["ConsumerStatus"] != "CREATING" || got["StreamARN"] != clicksARN {
			t.Errorf("at once %v", got)
		}
		subscription := fmt.Sprintf(`{"ConsumerARN":%q,"ShardId":"shardId-000000000000","StartingPosition":{"Type":"LATEST"}}`, arn)
		if got := s.refuse(t, "SubscribeToShard", subscription); got.Type != "ResourceInUseException" {
			t.Errorf("subscription of a consumer that is CREATING: %v", got)
		}
		time.Sleep(10 * time.Second)
		if got := describe(t, s, byName); got["ConsumerStatus"] != "ACTIVE" || got["ConsumerARN"] != arn {
			t.Errorf("later %v", got)
		}
		summary, ok := s.do(t, "DescribeStreamSummary", `{"StreamName":"clicks"}`)["StreamDescriptionSummary"].(map[string]any)
		if !ok || summary["ConsumerCount"] != 1.0 {
			t.Errorf("summary %v", summary)
		}
		s.do(t, "DeregisterStreamConsumer", byName)
		if got := describe(t, s, byARN); got["ConsumerStatus"] != "DELETING" {
			t.Errorf("deregistered %v", got)
		}
		time.Sleep(10 * time.Second)
		if got := s.refuse(t, "DescribeStreamConsumer", byARN); got.Type != "ResourceNotFoundException" {
			t.Errorf("gone: %v", got)
		}
	})
}

// TestConsumerNames registers names again and again: no two consumers ever have the same ARN.
func TestConsumerNames(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.do(t, "CreateStream", `{"StreamName":"clicks","ShardCount":1}`)
	seen := map[any]bool{}
	for range 5 {
		arn := register(t, s, "fan")["ConsumerARN"]
		if seen[arn] {
			t.Errorf("%s comes twice", arn)
		}
		seen[arn] = true
		got := s.refuse(t, "RegisterStreamConsumer", fmt.Sprintf(`{"StreamARN":%q,"ConsumerName":"fan"}`, clicksARN))
		if got.Type != "ResourceInUseException" || got.Message != "Consumer fan under stream clicks already exists for account 000000000000." {
			t.Errorf("registered twice: %v", got)
		}
		s.do(t, "DeregisterStreamConsumer", fmt.Sprintf(`{"ConsumerARN":%q}`, arn))
		if got := s.refuse(t, "DescribeStreamConsumer", fmt.Sprintf(`{"ConsumerARN":%q}`, arn)); got.Type != "ResourceNotFoundException" {
			t.Errorf("deregistered: %v", got)
		}
	}
}

func TestConsumersAreListedInPages(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.do(t, "CreateStream", `{"StreamName":"clicks","ShardCount":1}`)
	var want []string
	for i := range 20 {
		want = append(want, fmt.Sprintf("fan-%d", i))
		register(t, s, want[i])
	}
	if got := s.refuse(t, "RegisterStreamConsumer", fmt.Sprintf(`{"StreamARN":%q,"ConsumerName":"more"}`, clicksARN)); got.Type != "LimitExceededException" {
		t.Errorf("the 21st: %v", got)
	}
	if got := s.refuse(t, "DeleteStream", `{"StreamName":"clicks"}`); got.Type != "ResourceInUseException" {
		t.Errorf("a stream with consumers: %v", got)
	}
	var names []string
	body := fmt.Sprintf(`{"StreamARN":%q,"MaxResults":7`, clicksARN)
	token := ""
	for range 3 {
		page := s.do(t, "ListStreamConsumers", body+token+"}")
		consumers, _ := page["Consumers"].([]any)
		for _, one := range consumers {
			consumer, _ := one.(map[string]any)
			name, _ := consumer["ConsumerName"].(string)
			names = append(names, name)
		}
		token = ""
		if next, more := page["NextToken"]; more {
			token = fmt.Sprintf(`,"NextToken":%q`, next)
		}
	}
	if !slices.Equal(names, want) || token != "" {
		t.Errorf("pages hold %q, then %s", names, token)
	}
	s.do(t, "DeleteStream", `{"StreamName":"clicks","EnforceConsumerDeletion":true}`)
	if got := s.refuse(t, "ListStreamConsumers", fmt.Sprintf(`{"StreamARN":%q}`, clicksARN)); got.Type != "ResourceNotFoundException" {
		t.Errorf("of a deleted stream: %v", got)
	}
}

func TestConsumersAreRefused(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.do(t, "CreateStream", `{"StreamName":"clicks","ShardCount":1}`)
	arn := register(t, s, "fan")["ConsumerARN"]
	for _, test := range []struct{ operation, body, want string }{
		{"DescribeStreamConsumer", `{}`, "InvalidArgumentException"},
		{"DescribeStreamConsumer", `{"ConsumerName":"fan"}`, "InvalidArgumentException"},
		{"DescribeStreamConsumer", fmt.Sprintf(`{"ConsumerARN":%q,"ConsumerName":"other"}`, arn), "InvalidArgumentException"},
		{"DescribeStreamConsumer", fmt.Sprintf(`{"StreamARN":%q,"ConsumerName":"other"}`, clicksARN), "ResourceNotFoundException"},
		{"RegisterStreamConsumer", `{"StreamARN":"arn:aws:kinesis:us-east-1:000000000000:stream/other","ConsumerName":"fan"}`, "ResourceNotFoundException"},
		{"SubscribeToShard", fmt.Sprintf(`{"ConsumerARN":%q,"ShardId":"shardId-000000000001","StartingPosition":{"Type":"LATEST"}}`, arn), "ResourceNotFoundException"},
		{"SubscribeToShard", fmt.Sprintf(`{"ConsumerARN":%q,"ShardId":"shardId-000000000000","StartingPosition":{"Type":"AT_SEQUENCE_NUMBER"}}`, arn), "InvalidArgumentException"},
		{"SubscribeToShard", fmt.Sprintf(`{"ConsumerARN":%q,"ShardId":"shardId-000000000000","StartingPosition":{"Type":"AT_TIMESTAMP"}}`, arn), "InvalidArgumentException"},
		{"ListStreamConsumers", fmt.Sprintf(`{"StreamARN":%q,"NextToken":"made up"}`, clicksARN), "InvalidArgumentException"},
	} {
		if got := s.refuse(t, test.operation, test.body); got.Type != test.want {
			t.Errorf("%s %s: %v", test.operation, test.body, got)
		}
	}
}

// TestConsumersThatAreCreating makes no more than five at once where limits hold.
func TestConsumersThatAreCreating(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newServerWith(t, kinesis.Options{CreateDelay: time.Minute, Throttle: true})
		s.do(t, "CreateStream", `{"StreamName":"clicks","ShardCount":1}`)
		time.Sleep(time.Minute)
		for i := range 5 {
			register(t, s, fmt.Sprintf("fan-%d", i))
			time.Sleep(time.Second)
		}
		body := fmt.Sprintf(`{"StreamARN":%q,"ConsumerName":"sixth"}`, clicksARN)
		if got := s.refuse(t, "RegisterStreamConsumer", body); got.Type != "LimitExceededException" {
			t.Errorf("the sixth: %v", got)
		}
		time.Sleep(time.Minute)
		register(t, s, "sixth")
	})
}
