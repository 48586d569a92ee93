package verify

import (
	"context"
	"fmt"
	"hash/maphash"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"clickstream/internal/awsclient"
	"clickstream/internal/delivery"
)

// diff compares an object record by record with the stream, which has t of it: all, or with trimmed only the end. It says in o what is
// wrong. It takes eight bytes of memory for each record of the object.
func (m *comparison) diff(ctx context.Context, o *object, t tally, trimmed bool) error {
	seed := maphash.MakeSeed()
	have, err := m.hashObject(ctx, o, seed)
	if err != nil {
		return err
	}
	want, err := m.hashStream(ctx, o, t.first, seed)
	if err != nil {
		return err
	}
	if trimmed && len(have) > len(want) {
		have = have[len(have)-len(want):]
	}
	o.diffed = true
	place := commonPrefix(have, want)
	if place == len(have) && place == len(want) {
		if o.problem == "" && !trimmed {
			o.problem = "holds the stream's records but was stored for others: its digest does not fit theirs"
		}
		return nil
	}
	if o.problem == "" {
		o.problem = "does not hold the stream's records"
	}
	var foreign int64
	o.missing, o.twice, foreign = difference(have, want)
	detail := "its records are those of the stream, but in another order"
	if o.missing+o.twice+foreign > 0 {
		detail = fmt.Sprintf("of the stream's records %d are not in it and %d are in it twice, %d records in it are not the stream's", o.missing, o.twice, foreign)
	}
	o.problem += fmt.Sprintf("; %s (from record %d on)", detail, place+1)
	return nil
}

func commonPrefix(a, b []uint64) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

// difference counts, between the records of an object and those of the stream, what the object lacks, has more than once too often, and
// has that the stream has not.
func difference(have, want []uint64) (missing, twice, foreign int64) {
	wanted := make(map[uint64]int, len(want))
	for _, h := range want {
		wanted[h]++
	}
	for _, h := range have {
		left, known := wanted[h]
		switch {
		case !known:
			foreign++
		case left == 0:
			twice++
		default:
			wanted[h]--
		}
	}
	for _, left := range wanted {
		missing += int64(left)
	}
	return missing, twice, foreign
}

// hashObject reads the object again, as far as it can be read.
func (m *comparison) hashObject(ctx context.Context, o *object, seed maphash.Seed) ([]uint64, error) {
	out, err := m.bucket.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &m.bucket.name, Key: &o.key})
	if err != nil {
		return nil, awsclient.Explain(err, "read object "+o.key)
	}
	defer func() { _ = out.Body.Close() }()
	body := &source{r: out.Body}
	r, err := newRecordReader(o.Format, o.Compression, body)
	if err != nil {
		return nil, body.err // not a compressed body at all: it has no records
	}
	defer r.close()
	var hashes []uint64
	for {
		record, err := r.next()
		if err != nil {
			return hashes, body.err
		}
		hashes = append(hashes, maphash.Bytes(seed, record))
	}
}

// hashStream reads the object's records from the stream again.
func (m *comparison) hashStream(ctx context.Context, o *object, first delivery.Position, seed maphash.Seed) ([]uint64, error) {
	reader := m.reader(first.Sequence)
	var hashes []uint64
	for {
		records, err := reader.next(ctx)
		if err != nil || len(records) == 0 {
			return hashes, err
		}
		for i := range records {
			p := position(&records[i])
			switch {
			case p.Compare(o.End) > 0:
				return hashes, nil
			case p.Compare(o.First) >= 0 && delivery.Storable(o.Format, records[i].Data) == nil:
				hashes = append(hashes, maphash.Bytes(seed, records[i].Data))
			}
		}
	}
}
