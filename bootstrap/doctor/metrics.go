package doctor

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"clickstream/internal/awsclient"
	"clickstream/properties"
)

// metrics asks whether the Java daemon may send its metrics to CloudWatch, by a call that carries none.
func (e *examination) metrics(ctx context.Context) []Finding {
	const check = "metrics"
	if e.settings.MetricsLevel == properties.MetricsNone {
		return one(check, OK, "metricsLevel is NONE: the Java daemon sends none to CloudWatch", "")
	}
	if e.noCredentials {
		return one(check, Skipped, "there are no credentials", "")
	}
	s := service{name: "monitoring", variable: "CLOUDWATCH", version: "2010-08-01", host: e.host("monitoring." + e.clients.Region), region: e.clients.Region}
	if e.endpoint(s) == "" {
		return one(check, Skipped, "the stream is not AWS's, and no AWS_ENDPOINT_URL says where CloudWatch is", "")
	}
	_, err := e.call(ctx, s, url.Values{"Action": {"PutMetricData"}, "Namespace": {e.settings.ApplicationName}})
	refused, answered := errors.AsType[*queryError](err)
	e.measured = err
	switch {
	case answered && refused.denied():
		return one(check, Warning, "the Java daemon may not send metrics to CloudWatch ("+refused.Error()+")", iamRemedy+", or set metricsLevel = NONE")
	case answered && !refused.known():
		return one(check, Warning, "there is no CloudWatch at "+e.endpoint(s)+" ("+refused.Error()+")", "set metricsLevel = NONE")
	case err != nil && !answered:
		return one(check, Warning, awsclient.Explain(err, "ask CloudWatch").Error(), "let it be reached, or set metricsLevel = NONE: the Java daemon warns each ten seconds")
	}
	return one(check, OK, fmt.Sprintf("CloudWatch answers; namespace %s, metricsLevel %s", e.settings.ApplicationName, e.settings.MetricsLevel), "")
}

// host is the name of an AWS host in the region's part of AWS.
func (e *examination) host(prefix string) string {
	if strings.HasPrefix(e.clients.Region, "cn-") {
		return prefix + ".amazonaws.com.cn"
	}
	return prefix + ".amazonaws.com"
}
