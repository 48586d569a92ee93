package bootstrap_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/google/go-cmp/cmp"

	"clickstream/bootstrap"
	"clickstream/emulator"
	"clickstream/internal/awsclient"
	"clickstream/internal/exit"
	"clickstream/internal/leases"
	"clickstream/properties"
)

// stage is a machine with AWS around it, and a java that is a script.
type stage struct {
	*testing.T
	java    string
	clients *awsclient.Clients
	log     safeBuffer
}

type safeBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func newStage(t *testing.T, script string) *stage {
	t.Helper()
	s := &stage{T: t, java: machine(t, "17.0.15")}
	write(t, s.java, "#!/bin/sh\n"+script, 0o755)
	t.Setenv("AWS_ENDPOINT_URL", emulator.ServeT(t).URL)
	t.Setenv("AWS_ACCESS_KEY_ID", "test")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "test")
	var err error
	if s.clients, err = awsclient.Load(t.Context(), &properties.Config{}); err != nil {
		t.Fatal(err)
	}
	return s
}

// run executes the script as a daemon.
func (s *stage) run(ctx context.Context, cfg bootstrap.Config) error {
	s.Helper()
	if cfg.Settings == nil {
		cfg.Settings = s.settings(nil)
	}
	cfg.Java, cfg.Jars, cfg.Execute, cfg.Out, cfg.Err = s.java, noJars(), true, &s.log, &s.log
	return bootstrap.Run(ctx, cfg)
}

func (s *stage) settings(overrides map[string]string) *properties.Config {
	s.Helper()
	settings, err := properties.Load("", overrides)
	if err != nil {
		s.Fatal(err)
	}
	return settings
}

// stopWhenReady sends the stop of main once the script has said ready.
func (s *stage) stopWhenReady() context.Context {
	ctx, cancel := context.WithCancelCause(s.Context())
	var waiting sync.WaitGroup
	waiting.Go(func() {
		look := time.NewTicker(10 * time.Millisecond)
		defer look.Stop()
		for !strings.Contains(s.log.String(), "ready\n") && ctx.Err() == nil {
			<-look.C
		}
		cancel(&exit.Signal{Signal: syscall.SIGTERM})
	})
	s.Cleanup(func() {
		cancel(errors.New("the test is over"))
		waiting.Wait()
	})
	return ctx
}

func TestTheDaemonsExitCodeIsPassedOn(t *testing.T) {
	s := newStage(t, "echo 'ERROR Scheduler: no such stream' >&2\nexit 7\n")
	err := s.run(t.Context(), bootstrap.Config{})
	if exit.Code(err) != 7 || !strings.Contains(err.Error(), "ended with exit code 7: ERROR Scheduler: no such stream; see logs/application.log") {
		t.Errorf("exit code %d: %v", exit.Code(err), err)
	}
	if !strings.Contains(s.log.String(), "starts for the first time") {
		t.Errorf("said:\n%s", &s.log)
	}
}

// TestEmulatorsNeedNoCredentials has the daemon get the same made-up credentials as all commands here.
func TestEmulatorsNeedNoCredentials(t *testing.T) {
	s := newStage(t, "echo key $AWS_ACCESS_KEY_ID\n")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", os.DevNull)
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	if err := s.run(t.Context(), bootstrap.Config{}); err != nil || !strings.Contains(s.log.String(), "key test\n") {
		t.Errorf("%v\n%s", err, &s.log)
	}
	t.Setenv("AWS_ACCESS_KEY_ID", "mine")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "mine")
	if err := s.run(t.Context(), bootstrap.Config{}); err != nil || !strings.Contains(s.log.String(), "key mine\n") {
		t.Errorf("%v\n%s", err, &s.log)
	}
}

func TestADaemonThatGivesUpHasFailed(t *testing.T) {
	s := newStage(t, "echo 'ERROR Scheduler: no table'; echo 'ERROR Scheduler: Unable to initialize after 20 attempts. Shutting down.'; exit 0\n")
	if err := s.run(t.Context(), bootstrap.Config{}); exit.Code(err) != exit.Failed || !strings.Contains(err.Error(), "the daemon gave up: ERROR Scheduler: no table") {
		t.Errorf("exit code %d: %v", exit.Code(err), err)
	}
}

func TestStop(t *testing.T) {
	for name, test := range map[string]struct {
		script string
		code   int
	}{
		"in order": {"trap 'echo INFO Process terminated, will initiate shutdown; echo INFO Process shutdown is complete; exit 143' TERM", exit.Done},
		"too late": {"trap 'echo INFO Process terminated, will initiate shutdown; exit 143' TERM", 143},
		"left over": {"trap 'echo Process terminated, will initiate shutdown; " +
			"echo Waiting for 1 record process to complete shutdown notification, and 1 record processor to complete final shutdown; " +
			"echo Shutdown completed, but shutdownCompleteLatch still had outstanding 1; echo Process shutdown is complete; exit 143' TERM", 143},
		"left over, all answered": {"trap 'echo Process terminated, will initiate shutdown; echo Waiting for 1 record processors to complete final shutdown; " +
			"echo Shutdown completed, but shutdownCompleteLatch still had outstanding 1; echo Process shutdown is complete; exit 143' TERM", exit.Done},
		"before it has begun":  {"trap 'exit 143' TERM", exit.Done},
		"before it hears":      {"", exit.Done},
		"with another failure": {"trap 'exit 9' TERM", 9},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, test.script+"\necho ready\nwhile :; do sleep 0.05; done\n")
			if err := s.run(s.stopWhenReady(), bootstrap.Config{}); exit.Code(err) != test.code {
				t.Errorf("exit code %d, want %d: %v\n%s", exit.Code(err), test.code, err, &s.log)
			}
		})
	}
}

// TestStopUnseen has a log configuration that shows nothing: then nobody knows how the record processors ended.
func TestStopUnseen(t *testing.T) {
	s := newStage(t, "trap 'exit 143' TERM\necho ready\nwhile :; do sleep 0.05; done\n")
	write(t, "silent.xml", "<configuration/>", 0o600)
	err := s.run(s.stopWhenReady(), bootstrap.Config{LogConfiguration: "silent.xml"})
	if exit.Code(err) != 143 || !strings.Contains(s.log.String(), "silent.xml shows no lines of MultiLangDaemon") {
		t.Errorf("exit code %d: %v\n%s", exit.Code(err), err, &s.log)
	}
}

// TestLeadersLock has the lock of a dead daemon of this name released, and nobody else's.
func TestLeadersLock(t *testing.T) {
	for name, owner := range map[string]func(string) string{
		"own":    func(self string) string { return self },
		"others": func(string) string { return "other" },
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, "exit 0\n")
			if err := s.run(t.Context(), bootstrap.Config{}); err != nil {
				t.Fatal(err)
			}
			_, rest, _ := strings.Cut(s.log.String(), "worker ")
			self, _, _ := strings.Cut(rest, ":")
			table := "clickstream-sample-CoordinatorState"
			s.createTable(table, "key")
			item := map[string]types.AttributeValue{"key": text("Leader"), "ownerName": text(owner(self)), "recordVersionNumber": text("1")}
			if _, err := s.clients.DynamoDB.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table, Item: item}); err != nil {
				t.Fatal(err)
			}
			if err := s.run(t.Context(), bootstrap.Config{}); err != nil {
				t.Fatal(err)
			}
			left, err := s.clients.DynamoDB.Scan(t.Context(), &dynamodb.ScanInput{TableName: &table})
			if err != nil {
				t.Fatal(err)
			}
			if released := len(left.Items) == 0; released != (owner(self) == self) {
				t.Errorf("released: %v\n%s", released, &s.log)
			}
		})
	}
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func (s *stage) createTable(name, key string) {
	s.Helper()
	_, err := s.clients.DynamoDB.CreateTable(s.Context(), &dynamodb.CreateTableInput{
		TableName: &name, BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: &key, AttributeType: types.ScalarAttributeTypeS}},
		KeySchema:            []types.KeySchemaElement{{AttributeName: &key, KeyType: types.KeyTypeHash}},
	})
	if err != nil {
		s.Fatal(err)
	}
}

func TestTakeLeases(t *testing.T) {
	s := newStage(t, "exit 0\n")
	stream := aws.String("clickstream-sample")
	if _, err := s.clients.Kinesis.CreateStream(t.Context(), &kinesis.CreateStreamInput{StreamName: stream, ShardCount: aws.Int32(2)}); err != nil {
		t.Fatal(err)
	}
	if err := s.run(t.Context(), bootstrap.Config{TakeLeases: true}); err != nil {
		t.Fatal(err)
	}
	table := leases.NewTable(s.clients.DynamoDB, *stream)
	first := s.list(table)
	if len(first) != 2 || first[0].Checkpoint != leases.TrimHorizon || first[0].Owner == "" || first[1].EndingHashKey != "340282366920938463463374607431768211455" {
		t.Errorf("the leases are %+v", first)
	}
	if !strings.Contains(s.log.String(), "worker "+first[0].Owner) {
		t.Errorf("the leases belong to %s, who is not this worker:\n%s", first[0].Owner, &s.log)
	}
	again := func() []leases.Lease {
		t.Helper()
		if err := s.run(t.Context(), bootstrap.Config{TakeLeases: true}); err != nil {
			t.Fatal(err)
		}
		return s.list(table)
	}
	// One that was killed before it had made the second is completed.
	if err := table.Delete(t.Context(), first[1].Key); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, again()); diff != "" {
		t.Errorf("the leases after an unfinished start (-want +got):\n%s", diff)
	}
	// Leases that a daemon has had stay as they are.
	renewed, err := table.Renew(t.Context(), first[0])
	if err = errors.Join(err, table.Delete(t.Context(), first[1].Key)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]leases.Lease{renewed}, again()); diff != "" {
		t.Errorf("the leases of a daemon have changed (-want +got):\n%s", diff)
	}
	taken, err := table.Take(t.Context(), renewed, "other")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]leases.Lease{taken}, again()); diff != "" {
		t.Errorf("another's leases have changed (-want +got):\n%s", diff)
	}
}

// TestLeasesOfAnothersStream names a stream of another account, whose shards are not those of the stream here that has the same name.
func TestLeasesOfAnothersStream(t *testing.T) {
	s := newStage(t, "exit 0\n")
	stream := aws.String("clickstream-sample")
	if _, err := s.clients.Kinesis.CreateStream(t.Context(), &kinesis.CreateStreamInput{StreamName: stream, ShardCount: aws.Int32(2)}); err != nil {
		t.Fatal(err)
	}
	settings := s.settings(map[string]string{"streamArn": "arn:aws:kinesis:us-east-1:111122223333:stream/clickstream-sample"})
	if err := s.run(t.Context(), bootstrap.Config{Settings: settings, TakeLeases: true}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(s.log.String(), "the leases were not made beforehand") {
		t.Errorf("leases were made of another stream's shards:\n%s", &s.log)
	}
}

func (s *stage) list(table *leases.Table) []leases.Lease {
	s.Helper()
	all, err := table.List(s.Context())
	if err != nil {
		s.Fatal(err)
	}
	if len(all) == 2 && all[0].Key > all[1].Key {
		all[0], all[1] = all[1], all[0]
	}
	return all
}

// TestReshardedStreamIsLeftToTheDaemon has no lease made where it takes more to know which ones.
func TestReshardedStreamIsLeftToTheDaemon(t *testing.T) {
	s := newStage(t, "exit 0\n")
	stream := aws.String("clickstream-sample")
	if _, err := s.clients.Kinesis.CreateStream(t.Context(), &kinesis.CreateStreamInput{StreamName: stream, ShardCount: aws.Int32(2)}); err != nil {
		t.Fatal(err)
	}
	_, err := s.clients.Kinesis.MergeShards(t.Context(), &kinesis.MergeShardsInput{
		StreamName: stream, ShardToMerge: aws.String("shardId-000000000000"), AdjacentShardToMerge: aws.String("shardId-000000000001"),
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.run(t.Context(), bootstrap.Config{TakeLeases: true}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(s.log.String(), "the daemon makes them itself") {
		t.Errorf("said:\n%s", &s.log)
	}
	if _, err := os.Stat(properties.SampleName); err == nil {
		t.Error("a properties file was written")
	}
}
