package kinesis_test

import (
	"context"
	"reflect"
	"slices"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"

	"clickstream/emulator/kinesis"
)

// sdkOperations lists the operations of the SDK's client: its methods that take a context and an input.
func sdkOperations() []string {
	var names []string
	client := reflect.TypeFor[*sdk.Client]()
	for method := range client.Methods() {
		if method.Type.NumIn() == 4 && method.Type.In(1) == reflect.TypeFor[context.Context]() {
			names = append(names, method.Name)
		}
	}
	return names
}

// TestEveryOperationOfTheSDK wants all operations that the SDK has, and no others.
func TestEveryOperationOfTheSDK(t *testing.T) {
	t.Parallel()
	service, err := kinesis.New(kinesis.Options{})
	if err != nil {
		t.Fatal(err)
	}
	const known = 45
	table, wanted := service.Operations(), sdkOperations()
	if len(wanted) < known {
		t.Errorf("the SDK has %d operations, fewer than the %d of old", len(wanted), known)
	}
	for _, name := range wanted {
		if _, ok := table[name]; !ok {
			t.Errorf("%s is missing", name)
		}
	}
	for name := range table {
		if !slices.Contains(wanted, name) {
			t.Errorf("the SDK does not know %s", name)
		}
	}
}
