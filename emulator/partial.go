package emulator

import (
	"bytes"
	"io"
	"net/http"

	"clickstream/emulator/internal/wire"
)

// refuseSome takes some records out of PutRecords and says in its answer that they were refused, one by one.
func (one *spoiled) refuseSome(draw func(int) []bool) {
	members := one.look.Members()
	records, _ := members["Records"].([]any)
	refused := draw(len(records))
	var kept []any
	for i, record := range records {
		if !refused[i] {
			kept = append(kept, record)
		}
	}
	answer := map[string]any{}
	if len(kept) > 0 || len(records) == 0 {
		members["Records"] = kept
		if answer = one.put(members); answer == nil {
			return
		}
	}
	stored, _ := answer["Records"].([]any)
	answer["Records"], answer["FailedRecordCount"] = merge(stored, refused)
	body, err := one.look.Write(answer)
	if err != nil {
		panic(http.ErrAbortHandler) // never: what was read can be written
	}
	one.w.Header().Set("Content-Type", one.look.ContentType())
	one.w.Header().Set("X-Amzn-Requestid", wire.RequestID())
	_, _ = one.w.Write(body) // a client that left needs no answer
}

// merge puts the answers about refused records where they belong, and counts those that failed for whatever reason.
func merge(stored []any, refused []bool) (results []any, failed int) {
	results = make([]any, 0, len(refused))
	for _, one := range refused {
		switch {
		case one:
			results = append(results, map[string]any{"ErrorCode": throughputExceeded, "ErrorMessage": rateExceeded})
		case len(stored) > 0:
			results, stored = append(results, stored[0]), stored[1:]
		}
	}
	for _, result := range results {
		if entry, ok := result.(map[string]any); ok && entry["ErrorCode"] != nil {
			failed++
		}
	}
	return results, failed
}

// put sends changed members to the service and returns its answer; nil when it refused them all, which is passed on.
func (one *spoiled) put(members map[string]any) map[string]any {
	body, err := one.look.Write(members)
	if err != nil {
		panic(http.ErrAbortHandler) // never: what was read can be written
	}
	request := one.r.Clone(one.r.Context())
	request.Header.Del("Content-Encoding")
	request.Body, request.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	reply := reply{header: one.w.Header()}
	one.service.ServeHTTP(&reply, request)
	if answer := one.look.Read(reply.body.Bytes()); reply.status == http.StatusOK && answer != nil {
		reply.header.Del("Content-Length")
		return answer
	}
	one.w.WriteHeader(reply.status)
	_, _ = one.w.Write(reply.body.Bytes()) // a client that left needs no answer
	return nil
}
