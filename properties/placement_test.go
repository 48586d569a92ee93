package properties_test

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"clickstream/properties"
)

func TestTags(t *testing.T) {
	for text, want := range map[string][]properties.Tag{
		"":                       nil,
		"team=clicks":            {{Key: "team", Value: "clicks"}},
		" a = b c ,d=,e:f/g=h=@": {{Key: "a", Value: "b c"}, {Key: "d"}, {Key: "e:f/g", Value: "h=@"}},
	} {
		config, err := properties.Load(write(t, ""), map[string]string{"objectTags": text})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, config.Tags()); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
}

func TestKeyNeedsItsEncryption(t *testing.T) {
	settings := map[string]string{"kmsKeyId": "alias/clicks", "serverSideEncryption": "aws:kms:dsse"}
	config, err := properties.Load(write(t, ""), settings)
	if err != nil || config.KmsKeyID != "alias/clicks" || config.ServerSideEncryption != "aws:kms:dsse" {
		t.Fatalf("%v, key %q, encryption %q", err, config.KmsKeyID, config.ServerSideEncryption)
	}
	settings["serverSideEncryption"] = "AES256"
	if _, err := properties.Load(write(t, ""), settings); err == nil {
		t.Error("AES256 was taken with a key")
	}
}

func TestMetricsListeners(t *testing.T) {
	const shard = "shardId-000000000001"
	socket := func(folder string) []properties.MetricsListener {
		return []properties.MetricsListener{{Network: "unix", Address: filepath.Join(folder, "metrics-"+shard+".sock")}}
	}
	for address, want := range map[string][]properties.MetricsListener{
		"":            nil,
		"logs":        socket("logs"),
		"/run/c:s/":   socket("/run/c:s"),
		"127.0.0.1:0": {{Network: "tcp", Address: "127.0.0.1:0"}},
		":65534":      {{Network: "tcp", Address: ":65534"}, {Network: "tcp", Address: ":65535"}},
		"[::1]:65535": {{Network: "tcp", Address: "[::1]:65535"}},
		`C:\\metrics`: socket(`C:\\metrics`),
	} {
		config, err := properties.Load(write(t, ""), map[string]string{"metricsAddress": address})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, config.MetricsListeners(shard)); diff != "" {
			t.Errorf("%q: %s", address, diff)
		}
	}
	config, err := properties.Load(write(t, ""), map[string]string{"metricsAddress": "localhost:9464"})
	if err != nil {
		t.Fatal(err)
	}
	if all := config.MetricsListeners(shard); len(all) != 64 || all[63].Address != "localhost:9527" {
		t.Errorf("%d places, %v", len(all), all)
	}
}
