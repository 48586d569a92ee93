// Package consume is the record processor that puts the records of a stream into S3 objects, each record into exactly one. A
// MultiLangDaemon starts one process of it for each shard and speaks with it on standard input and output, see package kcl.
//
// Records are gathered into batches that are closed by size, by age and at shutdown. Before a batch is stored it is claimed: a small
// object, named after the position that the batch follows, says which records it holds and under which key. There can be only one
// such claim, and whoever comes behind that position, be it after a crash, with other settings, or as a worker that does not know yet
// that its lease is lost, does as it says. So two workers write the same object or objects with no record in common. Then the object is
// stored, also at most once, and only then is the shard's checkpoint moved. See docs and package internal/delivery for names and shapes.
//
// While a shard has more records to give, a batch is stored beside the gathering of the next one. So memory holds two batches at the most,
// each of maxBufferSize (or as large as another worker has made it by its claim), the records of one delivery, and an object in
// compressed form.
package consume

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"

	"github.com/sirupsen/logrus"

	"clickstream/internal/awsclient"
	"clickstream/internal/delivery"
	"clickstream/internal/exit"
	"clickstream/internal/logging"
	"clickstream/internal/process"
	"clickstream/kcl"
	"clickstream/properties"
)

// logFolder is where the logs go, in the working directory, which is the daemon's.
const logFolder = "logs"

// Config is what a run needs.
type Config struct {
	Settings *properties.Config
	In       io.Reader     // the daemon's messages
	Out      io.Writer     // the answers
	Log      *logrus.Entry // until the shard is known
	LogLevel string        // of the shard's own log file, see logging.File
	Store    Store         // where objects go; nil is the settings' bucket
}

// Run serves the daemon until it closes In, and returns nil then. An error that cannot pass, such as a refused or missing bucket, carries
// exit.Usage; other faults of S3 are waited out.
func Run(ctx context.Context, cfg Config) error {
	rules, err := newRules(cfg.Settings)
	if err != nil {
		return exit.With(exit.Usage, err)
	}
	w := &worker{Config: cfg, rules: rules}
	defer w.close()
	p := &processor{open: w.open, ready: process.Trim}
	defer p.close()
	err = kcl.Run(ctx, cfg.In, cfg.Out, p)
	if err != nil && w.file != nil {
		w.Log.Errorf("this process ends: %v", err) // the caller says so too, elsewhere
		if panicked, ok := errors.AsType[*kcl.PanicError](err); ok {
			w.Log.Errorf("%s", panicked.Stack)
		}
	}
	return err
}

func newRules(settings *properties.Config) (*rules, error) {
	template, err := delivery.ParseTemplate(settings.KeyTemplate)
	if err != nil {
		return nil, fmt.Errorf("keyTemplate %q %w", settings.KeyTemplate, err)
	}
	if err := delivery.CheckFormat(settings.Format); err != nil {
		return nil, err
	}
	if err := delivery.CheckCompression(settings.Compression); err != nil {
		return nil, err
	}
	return &rules{
		application: settings.ApplicationName, stream: settings.StreamName, template: template,
		format: settings.Format, compression: settings.Compression,
		maxSize: settings.MaxBufferSize, maxAge: settings.MaxBufferAge(), maxHold: holdLimit, maxSilence: silenceLimit,
	}, nil
}

// worker makes ready what a shard needs once it is known.
type worker struct {
	Config
	rules *rules
	file  io.Closer // the log file

	scrape *scrape // nil where nobody asked for metrics
}

func (w *worker) close() {
	w.scrape.close()
	if w.file != nil {
		_ = w.file.Close() // every line has been written
	}
}

// open is called with the shard that this process serves.
func (w *worker) open(ctx context.Context, shardID string) (*chain, error) {
	w.openLog(shardID)
	counts := w.openMetrics(ctx, shardID)
	wait := &patience{metrics: counts, log: w.Log, permanent: permanent, random: rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))}
	store, err := w.openStore(ctx, wait)
	if err != nil {
		return nil, err
	}
	return &chain{rules: *w.rules, shardID: shardID, store: store, wait: wait, log: w.Log, metrics: counts}, nil
}

// openLog moves the log to the shard's own file: several processes cannot rotate one. Where none can be written, the log stays on
// standard error, which the daemon collects.
func (w *worker) openLog(shardID string) {
	path := filepath.Join(logFolder, "application-"+filepath.Base(shardID)+".log")
	log, file, err := logging.File(path, w.LogLevel)
	if err != nil {
		w.Log.Warnf("%v; this log stays here", err)
		return
	}
	w.Log, w.file = log, file
}

// openMetrics serves the shard's metrics if the settings ask for them. That they cannot be served is no reason to stop the shard.
func (w *worker) openMetrics(ctx context.Context, shardID string) *metrics {
	places := w.Settings.MetricsListeners(shardID)
	if len(places) == 0 {
		return nil
	}
	m := newMetrics(w.rules, shardID)
	var err error
	if w.scrape, err = serveMetrics(ctx, m, places); err != nil {
		w.Log.Warn(err)
		return nil
	}
	w.Log.Infof("metrics are served at %s, path /metrics", w.scrape.where)
	return m
}

// openStore returns the store, ready and ours, with its faults waited out.
func (w *worker) openStore(ctx context.Context, wait *patience) (Store, error) {
	if w.Store != nil {
		store := &patientStore{w.Store, wait}
		_, err := own(ctx, store, w.rules, w.Log)
		return store, err
	}
	clients, err := awsclient.Load(ctx, w.Settings)
	if err != nil {
		return nil, exit.With(exit.Usage, err)
	}
	b := &bucket{clients: clients, settings: w.Settings, log: w.Log}
	created := false
	err = wait.until(ctx, "making the bucket ready", func(error) bool { return false }, func() (err error) {
		if b.name, err = clients.Bucket(ctx, w.Settings); err == nil {
			created, err = b.ensure(ctx)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	store := &patientStore{&s3Store{client: clients.S3, bucket: b.name, placement: newPlacement(w.Settings)}, wait}
	first, err := own(ctx, store, w.rules, w.Log)
	if err == nil && first && !created {
		b.adviseClaims(ctx)
	}
	return store, err
}
