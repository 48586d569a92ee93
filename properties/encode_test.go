package properties_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"clickstream/properties"
)

func TestEncodeIsReadBackToTheSameSettings(t *testing.T) {
	for name, overrides := range map[string]map[string]string{
		"defaults": nil,
		"others": {
			"streamName": "other", "shards": "7", "putRecordsTps": "0", "createBucketIfNotPresent": "false", "bucket": "some-bucket",
			"executableName": `C:\bin\clickstream consume`, "maxBufferSize": "17", "format": "raw",
		},
		"placement": {
			"serverSideEncryption": "AWS:KMS", "kmsKeyId": "arn:aws:kms:us-east-1:123456789012:key/k", "storageClass": "standard_ia", "objectTags": "a=b=c, d = e f",
			"metricsAddress": `C:\metrics`,
		},
		"a start in time": {"initialPositionInStreamExtended": "1700000000"},
	} {
		t.Run(name, func(t *testing.T) {
			want, err := properties.Load("", overrides)
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(t.TempDir(), "encoded.properties")
			if err := os.WriteFile(path, want.Encode(), 0o600); err != nil {
				t.Fatal(err)
			}
			got, err := properties.Load(path, nil)
			if err != nil {
				t.Fatalf("%v in\n%s", err, want.Encode())
			}
			want.Path, got.Path = "", ""
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("settings after Encode and Load (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEntryIsReadBack(t *testing.T) {
	for _, want := range []properties.Entry{
		{Key: "kinesisClient.endpointOverride", Value: "http://127.0.0.1:4567"},
		{Key: `  a=b:c #! \ü`, Value: `  C:\x  `},
		{Key: "#", Value: "!"},
		{},
	} {
		file, err := properties.Parse(strings.NewReader(want.String()+"\n"), "test")
		if err != nil {
			t.Fatal(err)
		}
		want.Line = 1
		if diff := cmp.Diff([]properties.Entry{want}, file.Entries); diff != "" {
			t.Errorf("%s (-want +got):\n%s", want, diff)
		}
	}
}

func TestValue(t *testing.T) {
	config, err := properties.Load("", map[string]string{"shards": "7"})
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{"shards": "7", "retrievalMode": "POLLING", "workerId": "", "noSuchSetting": ""} {
		if got := config.Value(key); got != want {
			t.Errorf("%s = %q, want %q", key, got, want)
		}
	}
}
