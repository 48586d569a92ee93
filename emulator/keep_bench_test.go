package emulator_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"clickstream/emulator/internal/journal"
	kinesisservice "clickstream/emulator/kinesis"
)

const (
	benchBatch = 500
	benchPuts  = 400 // of a batch: 200,000 records
)

// benchService is Kinesis with a folder, or without where that is "".
func benchService(b *testing.B, dir string) (*kinesisservice.Service, *journal.Journal) {
	b.Helper()
	service, err := kinesisservice.New(kinesisservice.Options{})
	if err != nil || dir == "" {
		return service, nil
	}
	kept, _, err := journal.Open(dir, journal.Options{CompactAt: 1 << 40}, map[byte]journal.Keeper{'k': service})
	if err != nil {
		b.Fatal(err)
	}
	if err := service.Keep(kept.Part('k')); err != nil {
		b.Fatal(err)
	}
	return service, kept
}

func benchFill(b *testing.B, service *kinesisservice.Service) {
	b.Helper()
	entry := `{"PartitionKey":"key","Data":"` + strings.Repeat("YWFh", 33) + `YQ=="}` // 100 bytes
	handler := service.Wire()
	for i := -1; i < benchPuts; i++ {
		operation, body := "PutRecords", `{"StreamName":"clicks","Records":[`+strings.Repeat(entry+",", benchBatch-1)+entry+`]}`
		if i < 0 {
			operation, body = "CreateStream", `{"StreamName":"clicks","ShardCount":4}`
		}
		request := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "/", strings.NewReader(body))
		request.Header.Set("X-Amz-Target", kinesisTarget+operation)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, request)
		if w.Code != http.StatusOK {
			b.Fatal(w.Body)
		}
	}
}

// BenchmarkKeep puts 200,000 records of 100 bytes in batches of 500, read from JSON but not from a connection, with a folder and without, and reads
// the folder again.
func BenchmarkKeep(b *testing.B) {
	for _, dir := range []string{"", b.TempDir()} {
		name := "put in memory"
		if dir != "" {
			name = "put into a folder"
		}
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				into := dir
				if dir != "" {
					into = b.TempDir()
				}
				service, kept := benchService(b, into)
				benchFill(b, service)
				if err := kept.Close(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("replay", func(b *testing.B) {
		dir := b.TempDir()
		service, kept := benchService(b, dir)
		benchFill(b, service)
		for b.Loop() {
			if err := kept.Close(); err != nil {
				b.Fatal(err)
			}
			_, kept = benchService(b, dir)
		}
		if err := kept.Close(); err != nil {
			b.Fatal(err)
		}
	})
}
