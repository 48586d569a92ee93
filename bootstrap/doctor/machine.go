package doctor

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"strings"
	"time"

	"clickstream/bootstrap/jars"
	"clickstream/bootstrap/java"
	"clickstream/internal/awsclient"
)

// java looks for the program and asks its version.
func (e *examination) java(ctx context.Context) []Finding {
	remedy := fmt.Sprintf("install Java %d or later, or run clickstream daemon, which needs none", java.Oldest)
	path, err := java.Find(e.Java)
	if err != nil {
		return one("java", Fails, err.Error(), remedy)
	}
	version, err := java.VersionOf(ctx, path)
	switch {
	case err != nil:
		return one("java", Fails, err.Error(), remedy)
	case !version.NewEnough():
		return one("java", Fails, fmt.Sprintf("%s is version %s", path, version.Text), remedy)
	}
	return one("java", OK, fmt.Sprintf("%s, version %s", path, version.Text), "")
}

// jars verifies the jars that are there. That there are none is in order: the daemon's first start fetches them.
func (e *examination) jars(ctx context.Context) []Finding {
	lock := e.Jars.Lock
	missing, dir, err := jars.Missing(ctx, e.Jars)
	switch {
	case err != nil:
		return one("jars", Warning, fmt.Sprintf("the jars of KCL %s could not be looked at: %v", lock.KCL, err), "name a folder for them by --jar-path")
	case missing > 0:
		return one("jars", Warning, fmt.Sprintf("%d of the %d jars of KCL %s are not in %s, or not as the lock says", missing, len(lock.Jars), lock.KCL, dir),
			"clickstream bootstrap -e fetches them, some tens of megabytes; where there is no network, bootstrap bundle makes a file of them to take along")
	}
	return one("jars", OK, fmt.Sprintf("the %d jars of KCL %s are in %s, each as its lock says", len(lock.Jars), lock.KCL, dir), "")
}

// credentials names the provider, and never what it provides.
func (e *examination) credentials(ctx context.Context) []Finding {
	// The names of AWS SDK 1, with which the daemon does not start.
	oldProvider := regexp.MustCompile(`(^|[,|])\s*com\.amazonaws\.|AWSCredentials`)
	var old []Finding
	if provider := e.settings.AwsCredentialsProvider; oldProvider.MatchString(provider) {
		old = one("credentials", Warning, fmt.Sprintf("AwsCredentialsProvider = %s is a class of AWS SDK 1, with which the Java daemon does not start; "+
			"clickstream bootstrap gives it another where it knows one", provider), "set AwsCredentialsProvider = DefaultCredentialsProvider")
	}
	return append(old, e.retrieved(ctx)...)
}

// retrieved says what credentials there are.
func (e *examination) retrieved(ctx context.Context) []Finding {
	found, err := e.clients.Kinesis.Options().Credentials.Retrieve(ctx)
	if err != nil {
		e.noCredentials = true
		return one("credentials", Fails, awsclient.Explain(err, "find AWS credentials").Error(),
			"run aws configure or aws sso login, set AWS_PROFILE, or run where there is a role")
	}
	text := "by " + found.Source
	switch {
	case found.Expired():
		return one("credentials", Fails, text+", expired at "+found.Expires.Format(time.RFC3339), "get new ones")
	case found.CanExpire:
		text += ", good until " + found.Expires.UTC().Format(time.RFC3339)
	}
	if found.Source == awsclient.EmulatorCredentials && os.Getenv("AWS_ACCESS_KEY_ID") == "" {
		return one("credentials", Warning, "none are configured; clickstream takes test/test for this endpoint, but the Java daemon finds none",
			"export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test")
	}
	return one("credentials", OK, text, "")
}

// region says which one is taken, and who named it.
func (e *examination) region(context.Context) []Finding {
	region := e.clients.Region
	if parts := strings.Split(e.settings.StreamArn, ":"); len(parts) == 6 && parts[3] != region {
		return one("region", Fails, fmt.Sprintf("%s, but streamArn names a stream in %s", region, parts[3]), "set regionName = "+parts[3])
	}
	whence := "from the AWS profile, or the default where it names none"
	switch {
	case e.settings.RegionName != "":
		whence = "from regionName"
	case os.Getenv("AWS_REGION") != "":
		whence = "from AWS_REGION"
	case os.Getenv("AWS_DEFAULT_REGION") != "":
		whence = "from AWS_DEFAULT_REGION"
	}
	return one("region", OK, region+", "+whence, "")
}

func one(name string, status Status, found, remedy string) []Finding {
	return []Finding{{Check: name, Status: status, Found: found, Remedy: remedy}}
}
