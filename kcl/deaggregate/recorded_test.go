package deaggregate_test

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"clickstream/kcl/deaggregate"
	"clickstream/kcl/multilang"
)

// TestOthersAggregates reads aggregates that other producers have made, one Kinesis record a file: of Java's RecordAggregator
// (com.amazonaws:amazon-kinesis-aggregator 1.0.3) and of Python's (aws_kinesis_agg 1.2.3). Both were given the same 60 records.
func TestOthersAggregates(t *testing.T) {
	t.Parallel()
	var want []multilang.Record
	for i := range 60 {
		key := fmt.Sprintf("resource-%d", i%10)
		if i%3 == 0 {
			key = fmt.Sprintf("страница-%d", i%7)
		}
		data := fmt.Sprintf(`{"resource":"%s","n":%d}`, key, i)
		if i == 7 {
			data = "{}"
		}
		want = append(want, part(int64(i), key, data))
	}
	files, err := filepath.Glob("testdata/recorded/*.base64")
	if err != nil || len(files) != 2 {
		t.Fatalf("recorded aggregates: %v, %v", files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		data, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(text)))
		if err != nil {
			t.Fatal(err)
		}
		got, dropped := deaggregate.Records([]multilang.Record{record(data)}, deaggregate.AllHashKeys())
		if diff := cmp.Diff(want, got); diff != "" || dropped != nil {
			t.Errorf("%s: dropped %v, records (-want +got):\n%s", file, dropped, diff)
		}
	}
}
