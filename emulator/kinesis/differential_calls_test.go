package kinesis_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// call is one request of a differential run. Its body may hold $3.NextShardIterator and the like: what the call with that number
// answered, on whichever side it is sent to; of lists the first element counts.
type call struct {
	number    int
	operation string
	body      string
}

// generator makes random calls that are valid mostly: it knows of a run no more than which calls it made.
type generator struct {
	*rand.Rand
	calls []call
	plain bool // without ARNs, on-demand streams, consumers and policies, which not every peer has
}

func newGenerator(seed uint64, plain bool) *generator {
	return &generator{Rand: rand.New(rand.NewPCG(seed, 0)), plain: plain}
}

func (g *generator) pick(choices ...string) string { return choices[g.IntN(len(choices))] }

// maybe returns a text in one of n cases.
func (g *generator) maybe(n int, text string) string {
	if g.IntN(n) == 0 {
		return text
	}
	return ""
}

func (g *generator) stream() string {
	name := g.pick("a", "a", "a", "b", "b", "c")
	switch g.IntN(8) {
	case 0:
		return `"StreamARN":"arn:aws:kinesis:us-east-1:000000000000:stream/` + name + `"`
	default:
		return `"StreamName":"` + name + `"`
	}
}

func (g *generator) streamARN() string {
	return `"arn:aws:kinesis:us-east-1:000000000000:stream/` + g.pick("a", "a", "b") + `"`
}

func (g *generator) shard() string { return fmt.Sprintf("shardId-%012d", g.IntN(6)) }

// earlier returns a reference to an answer of one of the last calls of an operation; false if there was none.
func (g *generator) earlier(member string, operations ...string) (string, bool) {
	var found []int
	for _, one := range g.calls {
		for _, operation := range operations {
			if one.operation == operation {
				found = append(found, one.number)
			}
		}
	}
	if len(found) == 0 {
		return "", false
	}
	const last = 4
	return fmt.Sprintf("$%d.%s", found[max(0, len(found)-1-g.IntN(last))], member), true
}

func isFancy(call string) bool {
	for _, word := range []string{"ARN", "ON_DEMAND", "UpdateStreamMode"} {
		if strings.Contains(call, word) {
			return true
		}
	}
	return false
}

// next makes a call.
func (g *generator) next() call {
	for {
		operation, body := g.make()
		if operation != "" && (!g.plain || !isFancy(operation+body)) {
			made := call{len(g.calls), operation, "{" + strings.Trim(strings.ReplaceAll(body, ",,", ","), ",") + "}"}
			g.calls = append(g.calls, made)
			return made
		}
	}
}

func (g *generator) make() (operation, body string) {
	if len(g.calls) == 0 || g.IntN(25) == 0 {
		return g.create()
	}
	switch n := g.IntN(100); {
	case n < 25:
		return g.put()
	case n < 50:
		return g.read()
	case n < 70:
		return g.list()
	case n < 80:
		return g.reshard()
	case n < 90:
		return g.tag()
	default:
		return g.configure()
	}
}

func (g *generator) create() (operation, body string) {
	name := `"StreamName":"` + g.pick("a", "b", "c") + `"`
	if g.IntN(4) == 0 {
		return "DeleteStream", name + `,"EnforceConsumerDeletion":true`
	}
	if g.IntN(6) == 0 {
		return "CreateStream", name + `,"StreamModeDetails":{"StreamMode":"ON_DEMAND"}`
	}
	return "CreateStream", fmt.Sprintf(`%s,"ShardCount":%d`, name, 1+g.IntN(3))
}

func (g *generator) record() string {
	key := fmt.Sprintf(`"PartitionKey":"key-%d"`, g.IntN(20))
	if g.IntN(5) == 0 {
		key += `,"ExplicitHashKey":"` + g.pick("0", "170141183460469231731687303715884105800", "340282366920938463463374607431768211455") + `"`
	}
	return `"Data":"` + g.pick("AA==", "aGVsbG8=", "", "/+8A") + `",` + key
}

func (g *generator) put() (operation, body string) {
	if g.IntN(2) == 0 {
		return "PutRecord", g.stream() + "," + g.record()
	}
	records := make([]string, 1+g.IntN(4))
	for i := range records {
		records[i] = "{" + g.record() + "}"
	}
	return "PutRecords", g.stream() + `,"Records":[` + strings.Join(records, ",") + "]"
}

func (g *generator) read() (operation, body string) {
	if iterator, ok := g.earlier(g.pick("ShardIterator", "NextShardIterator"), "GetShardIterator", "GetRecords"); ok && g.IntN(3) > 0 {
		return "GetRecords", `"ShardIterator":"` + iterator + `"` + g.maybe(3, fmt.Sprintf(`,"Limit":%d`, 1+g.IntN(3)))
	}
	start := g.stream() + `,"ShardId":"` + g.shard() + `","ShardIteratorType":`
	switch g.IntN(5) {
	case 0:
		return "GetShardIterator", start + `"LATEST"`
	case 1:
		return "GetShardIterator", start + `"AT_TIMESTAMP","Timestamp":1500000000`
	case 2:
		number, ok := g.earlier("SequenceNumber", "PutRecord")
		if !ok {
			return "", ""
		}
		where := strings.TrimSuffix(number, "SequenceNumber") + "ShardId"
		return "GetShardIterator", g.stream() + `,"ShardId":"` + where + `","ShardIteratorType":` + g.pick(`"AT_SEQUENCE_NUMBER"`, `"AFTER_SEQUENCE_NUMBER"`) +
			`,"StartingSequenceNumber":"` + number + `"`
	default:
		return "GetShardIterator", start + `"TRIM_HORIZON"`
	}
}

func (g *generator) list() (operation, body string) {
	switch g.IntN(8) {
	case 0:
		return "ListStreams", g.maybe(2, fmt.Sprintf(`"Limit":%d`, 1+g.IntN(3))) + g.maybe(3, `,"ExclusiveStartStreamName":"`+g.pick("a", "b")+`"`)
	case 1:
		return "DescribeStream", g.stream() + g.maybe(3, fmt.Sprintf(`,"Limit":%d`, 1+g.IntN(3))) + g.maybe(3, `,"ExclusiveStartShardId":"`+g.shard()+`"`)
	case 2:
		return "DescribeStreamSummary", g.stream()
	case 3:
		return "DescribeLimits", ""
	case 4:
		return "ListTagsForStream", g.stream() + g.maybe(2, fmt.Sprintf(`,"Limit":%d`, 1+g.IntN(3))) + g.maybe(3, `,"ExclusiveStartTagKey":"k1"`)
	case 5:
		return "ListStreamConsumers", `"StreamARN":` + g.streamARN()
	default:
		filter := g.pick("AT_LATEST", "AT_TRIM_HORIZON", "FROM_TRIM_HORIZON", `AFTER_SHARD_ID","ShardId":"`+g.shard())
		return "ListShards", g.stream() + g.maybe(2, `,"ShardFilter":{"Type":"`+filter+`"}`) + g.maybe(4, fmt.Sprintf(`,"MaxResults":%d`, 1+g.IntN(3))) +
			g.maybe(4, `,"ExclusiveStartShardId":"`+g.shard()+`"`)
	}
}

func (g *generator) reshard() (operation, body string) {
	switch g.IntN(3) {
	case 0:
		key := g.pick("1000", "85070591730234615865843651857942052800", "170141183460469231731687303715884105800", "255211775190703847597530955573826158600")
		return "SplitShard", g.stream() + `,"ShardToSplit":"` + g.shard() + `","NewStartingHashKey":"` + key + `"`
	case 1:
		one := g.IntN(5)
		return "MergeShards", fmt.Sprintf(`%s,"ShardToMerge":"shardId-%012d","AdjacentShardToMerge":"shardId-%012d"`, g.stream(), one, one+1)
	default:
		return "UpdateShardCount", g.stream() + fmt.Sprintf(`,"TargetShardCount":%d,"ScalingType":"UNIFORM_SCALING"`, 1+g.IntN(4))
	}
}

func (g *generator) tag() (operation, body string) {
	tags := `"Tags":{"` + g.pick("k1", "k2", "k3") + `":"` + g.pick("v", "", "with blank") + `"}`
	keys := `"TagKeys":["` + g.pick("k1", "k2", "never") + `"]`
	switch g.IntN(5) {
	case 0:
		return "AddTagsToStream", g.stream() + "," + tags
	case 1:
		return "RemoveTagsFromStream", g.stream() + "," + keys
	case 2:
		return "TagResource", `"ResourceARN":` + g.streamARN() + "," + tags
	case 3:
		return "UntagResource", `"ResourceARN":` + g.streamARN() + "," + keys
	default:
		return "ListTagsForResource", `"ResourceARN":` + g.streamARN()
	}
}

func (g *generator) configure() (operation, body string) {
	switch g.IntN(9) {
	case 0:
		return "IncreaseStreamRetentionPeriod", g.stream() + fmt.Sprintf(`,"RetentionPeriodHours":%d`, 24+24*g.IntN(3))
	case 1:
		return "DecreaseStreamRetentionPeriod", g.stream() + fmt.Sprintf(`,"RetentionPeriodHours":%d`, 24+24*g.IntN(3))
	case 2:
		return g.pick("StartStreamEncryption", "StopStreamEncryption"), g.stream() + `,"EncryptionType":"KMS","KeyId":"alias/aws/kinesis"`
	case 3:
		metrics := g.pick(`"ALL"`, `"IncomingBytes"`, `"IncomingBytes","OutgoingRecords"`)
		return g.pick("EnableEnhancedMonitoring", "DisableEnhancedMonitoring"), g.stream() + `,"ShardLevelMetrics":[` + metrics + "]"
	case 4:
		return "UpdateStreamMode", `"StreamARN":` + g.streamARN() + `,"StreamModeDetails":{"StreamMode":"` + g.pick("ON_DEMAND", "PROVISIONED") + `"}`
	case 5:
		return "RegisterStreamConsumer", `"StreamARN":` + g.streamARN() + `,"ConsumerName":"` + g.pick("x", "y") + `"`
	case 6:
		return g.pick("DescribeStreamConsumer", "DescribeStreamConsumer", "DeregisterStreamConsumer"), `"StreamARN":` + g.streamARN() + `,"ConsumerName":"` + g.pick("x", "y") + `"`
	case 7:
		return "PutResourcePolicy", `"ResourceARN":` + g.streamARN() + `,"Policy":"{\"Version\":\"2012-10-17\",\"Statement\":[]}"`
	default:
		return g.pick("GetResourcePolicy", "DeleteResourcePolicy"), `"ResourceARN":` + g.streamARN()
	}
}
