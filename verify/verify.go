// Package verify proves that each record of a stream, up to each shard's checkpoint, is in exactly one object of the bucket.
//
// It reads the leases, then the bucket, then the stream, so that what was checkpointed when it began is in the bucket when it looks. Every
// object is read, its bytes compared with the digest it was stored with; the objects of a shard must follow one another as their metadata
// says, without gap and overlap, up to the checkpoint; and the records that the stream still keeps must give the same digests, which
// bind every record's position and every byte. What it holds in memory grows with the objects, not with the records.
package verify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	smithy "github.com/aws/smithy-go"
	"golang.org/x/sync/errgroup"

	"clickstream/internal/awsclient"
	"clickstream/internal/delivery"
	"clickstream/internal/exit"
	"clickstream/internal/leases"
	"clickstream/properties"
)

// parallelShards are read at a time.
const parallelShards = 8

// Config says what to verify and where to report.
type Config struct {
	Settings *properties.Config
	Out      io.Writer
	JSON     bool
}

// Run verifies, writes the report and returns an error for exit code 3 if something is missing, there twice or not what was stored.
func Run(ctx context.Context, cfg Config) error {
	clients, err := awsclient.Load(ctx, cfg.Settings)
	if err != nil {
		return err
	}
	report, err := Check(ctx, clients, cfg.Settings)
	if err != nil {
		return err
	}
	write := report.Write
	if cfg.JSON {
		write = report.WriteJSON
	}
	return errors.Join(write(cfg.Out), report.Err())
}

// Check verifies the objects of one application. An error says that it could not be found out; what is wrong with the objects is in the
// report.
func Check(ctx context.Context, clients *awsclient.Clients, settings *properties.Config) (*Report, error) {
	v := &verifier{kinesis: clients.Kinesis, settings: settings}
	report, err := v.check(ctx, clients)
	if answer, ok := errors.AsType[smithy.APIError](err); ok && answer.ErrorCode() == "NoSuchBucket" {
		err = fmt.Errorf("there is no bucket %s: nothing was ever stored there, or it was deleted; correct bucket, or let the daemon store first", v.bucket.name)
		return nil, exit.With(exit.Usage, err)
	}
	if err != nil && awsclient.Permanent(err) {
		err = exit.With(exit.Usage, err)
	}
	return report, err
}

type verifier struct {
	kinesis  *kinesis.Client
	settings *properties.Config
	bucket   *bucket

	leases map[string]leases.Lease
	shards map[string]types.Shard // nil where the stream is gone
	found  *inventory
}

func (v *verifier) check(ctx context.Context, clients *awsclient.Clients) (*Report, error) {
	name, err := clients.Bucket(ctx, v.settings)
	if err != nil {
		return nil, err
	}
	template, err := delivery.ParseTemplate(v.settings.KeyTemplate)
	if err != nil {
		return nil, exit.With(exit.Usage, fmt.Errorf("keyTemplate %w", err))
	}
	v.bucket = &bucket{
		client: clients.S3, name: name, application: v.settings.ApplicationName, shared: template.Separates(),
		pattern: template.Pattern(v.settings.ApplicationName, v.settings.StreamName),
	}
	if err := v.readLeases(ctx, clients); err != nil {
		return nil, err
	}
	if err := v.checkOwner(ctx); err != nil {
		return nil, err
	}
	if v.found, err = v.bucket.read(ctx); err != nil {
		return nil, err
	}
	if v.shards, err = listShards(ctx, v.kinesis, v.settings.StreamName); err != nil {
		return nil, err
	}
	return v.report(ctx)
}

// checkOwner refuses a bucket whose marker names another application or stream: with a stream that is misspelled its objects would be
// taken for those of a stream that is gone.
func (v *verifier) checkOwner(ctx context.Context) error {
	if v.bucket.shared {
		return nil
	}
	owner, err := v.bucket.owner(ctx)
	if err != nil || owner == nil || owner.Application == v.settings.ApplicationName && owner.Stream == v.settings.StreamName {
		return err
	}
	return exit.With(exit.Usage, fmt.Errorf("bucket %s belongs to application %s and stream %s, as its marker %s says; correct the settings",
		v.bucket.name, owner.Application, owner.Stream, delivery.OwnerKey))
}

func (v *verifier) readLeases(ctx context.Context, clients *awsclient.Clients) error {
	list, err := leases.NewTable(clients.DynamoDB, v.settings.TableName).List(ctx)
	if _, none := errors.AsType[*dynamodbtypes.ResourceNotFoundException](err); none {
		return exit.With(exit.Usage, fmt.Errorf("there is no lease table %s in %s: no daemon has run this application, or its tables were deleted; "+
			"without checkpoints nothing can be proved", v.settings.TableName, clients.Region))
	}
	if err != nil {
		return awsclient.Explain(err, "read the leases")
	}
	v.leases = make(map[string]leases.Lease, len(list))
	for _, lease := range list {
		v.leases[lease.Key] = lease
	}
	return nil
}

func (v *verifier) report(ctx context.Context) (*Report, error) {
	ids := map[string]bool{}
	for id := range v.leases {
		ids[id] = true
	}
	for id := range v.shards {
		ids[id] = true
	}
	for id := range v.found.objects {
		ids[id] = true
	}
	for id := range v.found.claims {
		ids[id] = true
	}
	checks := make([]*shardCheck, 0, len(ids))
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(parallelShards)
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		c := v.newCheck(id)
		checks = append(checks, c)
		group.Go(func() error { return c.run(inner) })
	}
	if err := group.Wait(); err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, err
	}
	r := &Report{
		Application: v.settings.ApplicationName, Stream: v.settings.StreamName, Bucket: v.bucket.name,
		Totals: Shard{ID: "total"}, Findings: []Finding{}, Notes: []string{},
	}
	behind := 0
	for _, c := range checks {
		r.add(c.result, c.findings)
		r.Notes = append(r.Notes, c.notes...)
		if c.behind {
			behind++
		}
	}
	if behind > 0 {
		r.Notes = append(r.Notes, fmt.Sprintf("%d of %d shards have records behind their checkpoint, which are still to be processed", behind, len(checks)))
	}
	v.strangers(r)
	if v.shards == nil {
		r.Notes = append(r.Notes, "stream "+v.settings.StreamName+" is gone: its records could not be compared")
	}
	return r, nil
}

// strangers reports objects without our metadata: copies, what lies among our keys, and how many others there are.
func (v *verifier) strangers(r *Report) {
	for _, s := range v.found.strangers {
		original := v.found.contents[s.sum]
		switch {
		case original != nil && s.sum != delivery.ContentSum(nil):
			r.Findings = append(r.Findings, Finding{Shard: original.ShardID, Object: s.key, Problem: "is a copy of " + original.key})
			r.twice(original.ShardID, int64(original.Records))
		case v.bucket.pattern.MatchString(s.key):
			r.Findings = append(r.Findings, Finding{Object: s.key, Problem: "lies among the application's objects but was not written by clickstream"})
		default:
			v.found.others++
			v.found.example = s.key
		}
	}
	if v.found.others > 0 {
		r.Notes = append(r.Notes, fmt.Sprintf("%d objects in the bucket were not written by clickstream, such as %s", v.found.others, v.found.example))
	}
}
