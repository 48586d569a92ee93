package leases

import (
	"fmt"
	"os"

	"clickstream/properties"
)

// Names are the tables that one application may have. KCL 1 and 2 keep the lease table alone; KCL 3 keeps its leader's lock and its
// workers' metrics in tables of their own; KCL 3.5 may keep all of it in the lease table again.
type Names struct {
	Leases      string
	Coordinator string // of KCL 3: <applicationName>-CoordinatorState
	Metrics     string // of KCL 3: <applicationName>-WorkerMetricStats
}

// NamesOf returns the tables' names as the Java daemon makes them of the same settings. The keys coordinatorStateTableName and
// workerMetricsTableName, which only the Java daemon has, are read from the properties file; the error is that it cannot be read.
func NamesOf(settings *properties.Config) (Names, error) {
	n := Names{
		Leases:      settings.TableName,
		Coordinator: settings.ApplicationName + "-CoordinatorState",
		Metrics:     settings.ApplicationName + "-WorkerMetricStats",
	}
	if settings.Path == "" {
		return n, nil
	}
	file, err := os.Open(settings.Path)
	if err != nil {
		return n, fmt.Errorf("read the names of the Java daemon's tables: %w", err)
	}
	defer func() { _ = file.Close() }()
	parsed, err := properties.Parse(file, settings.Path)
	if err != nil {
		return n, err
	}
	for key, name := range map[string]*string{"coordinatorStateTableName": &n.Coordinator, "workerMetricsTableName": &n.Metrics} {
		if entry, ok := parsed.Get(key); ok && entry.Value != "" {
			*name = entry.Value
		}
	}
	return n, nil
}
