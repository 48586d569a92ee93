package dynamodb_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// modelItem is an item of the model: hash and sort key, and the index's key, which may be absent.
type modelItem struct {
	k, s string
	v    string
	w    string // of some length
}

// TestTablesLikeAModel writes at random and compares table and index with a plain map after each
// hundred writes.
func TestTablesLikeAModel(t *testing.T) {
	t.Parallel()
	const seed = 7
	random := rand.New(rand.NewPCG(seed, seed))
	c := newClient(t)
	c.ok("CreateTable", `{"TableName":"tab","BillingMode":"PAY_PER_REQUEST",
		"KeySchema":[{"AttributeName":"k","KeyType":"HASH"},{"AttributeName":"s","KeyType":"RANGE"}],
		"AttributeDefinitions":[{"AttributeName":"k","AttributeType":"S"},{"AttributeName":"s","AttributeType":"S"},{"AttributeName":"v","AttributeType":"S"}],
		"GlobalSecondaryIndexes":[{"IndexName":"idx","KeySchema":[{"AttributeName":"v","KeyType":"HASH"}],"Projection":{"ProjectionType":"ALL"}}]}`)
	model := map[string]modelItem{}
	for n := range 1000 {
		it := modelItem{k: fmt.Sprint("k", random.IntN(30)), s: fmt.Sprint("s", random.IntN(5)), v: fmt.Sprint("v", random.IntN(4))}
		key := fmt.Sprintf(`"k":{"S":"%s"},"s":{"S":"%s"}`, it.k, it.s)
		switch random.IntN(4) {
		case 0:
			c.ok("DeleteItem", `{"TableName":"tab","Key":{`+key+`}}`)
			delete(model, it.k+it.s)
		case 1:
			c.ok("UpdateItem", `{"TableName":"tab","Key":{`+key+`},"UpdateExpression":"REMOVE v"}`)
			it.v, it.w = "", model[it.k+it.s].w
			model[it.k+it.s] = it
		default:
			it.w = strings.Repeat("w", 1+random.IntN(9))
			c.ok("PutItem", `{"TableName":"tab","Item":{`+key+`,"v":{"S":"`+it.v+`"},"w":{"S":"`+it.w+`"}}}`)
			model[it.k+it.s] = it
		}
		if n%100 == 0 || n == 999 {
			compareToModel(t, c, model)
		}
	}
}

func compareToModel(t *testing.T, c *client, model map[string]modelItem) {
	t.Helper()
	bytes, held := 0, 0 // sizes of the table and of the index
	var want, indexed []string
	for _, it := range model {
		want = append(want, it.k+" "+it.s)
		size := len(it.k) + len(it.s) + 2
		if it.w != "" {
			size += len(it.w) + 1
		}
		if it.v != "" {
			indexed = append(indexed, it.v+" "+it.k+" "+it.s)
			size += len(it.v) + 1
			held += size
		}
		bytes += size
	}
	var got []string
	for _, item := range c.service.Items("tab") {
		got = append(got, item["k"].Text()+" "+item["s"].Text())
	}
	slices.SortFunc(want, cmp.Compare)
	slices.SortFunc(got, cmp.Compare)
	if !slices.Equal(got, want) {
		t.Fatalf("the table holds %v, want %v", got, want)
	}
	var found []string
	for v := range 4 {
		reply := decode(t, c.ok("Query", fmt.Sprintf(`{"TableName":"tab","IndexName":"idx","KeyConditionExpression":"v = :v",
			"ExpressionAttributeValues":{":v":{"S":"v%d"}}}`, v))).(map[string]any)
		for _, item := range reply["Items"].([]any) {
			members := item.(map[string]any)
			found = append(found, member(members, "v")+" "+member(members, "k")+" "+member(members, "s"))
		}
	}
	slices.SortFunc(indexed, cmp.Compare)
	if !slices.Equal(found, indexed) {
		t.Fatalf("the index holds %v, want %v", found, indexed)
	}
	description := c.ok("DescribeTable", `{"TableName":"tab"}`)
	for _, want := range []string{
		fmt.Sprintf(`"ItemCount":%d,"KeySchema":[{"AttributeName":"k"`, len(model)), fmt.Sprintf(`"TableSizeBytes":%d`, bytes),
		fmt.Sprintf(`"IndexSizeBytes":%d,"IndexStatus":"ACTIVE","ItemCount":%d`, held, len(indexed)),
	} {
		if !strings.Contains(description, want) {
			t.Fatalf("no %s in %s", want, description)
		}
	}
}

func member(item map[string]any, name string) string {
	return item[name].(map[string]any)["S"].(string)
}
