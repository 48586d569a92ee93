package cloudwatch_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/go-cmp/cmp"

	"clickstream/emulator/cloudwatch"
)

// call makes one request and returns its reply.
func call(t *testing.T, s *cloudwatch.Service, path string, body []byte, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	request := httptest.NewRequest(http.MethodPost, path, bytes.NewReader(body))
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	recorder := httptest.NewRecorder()
	s.Wire().ServeHTTP(recorder, request)
	return recorder
}

// query makes a request of the query protocol.
func query(t *testing.T, s *cloudwatch.Service, form string) *httptest.ResponseRecorder {
	t.Helper()
	return call(t, s, "/", []byte(form), "Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
}

// do makes a request in JSON that has to succeed.
func do(t *testing.T, s *cloudwatch.Service, operation, body string) map[string]any {
	t.Helper()
	reply := call(t, s, "/", []byte(body), "X-Amz-Target", "GraniteServiceVersion20100801."+operation, "Content-Type", "application/x-amz-json-1.0")
	if reply.Code != http.StatusOK {
		t.Fatalf("%s %s: %d %s", operation, body, reply.Code, reply.Body)
	}
	var decoded map[string]any
	if reply.Body.Len() > 0 {
		if err := json.Unmarshal(reply.Body.Bytes(), &decoded); err != nil {
			t.Fatal(err)
		}
	}
	return decoded
}

// recorded is what the KCL sends, shortened.
const recorded = "Action=PutMetricData&Version=2010-08-01&Namespace=fan3&MetricData.member.1.MetricName=CreateLease.Success" +
	"&MetricData.member.1.Dimensions.member.1.Name=Operation&MetricData.member.1.Dimensions.member.1.Value=ShardSyncTask" +
	"&MetricData.member.1.StatisticValues.SampleCount=2.0&MetricData.member.1.StatisticValues.Sum=2.0" +
	"&MetricData.member.1.StatisticValues.Minimum=0.5&MetricData.member.1.StatisticValues.Maximum=1.5&MetricData.member.1.Unit=Count" +
	"&MetricData.member.2.MetricName=CreateLease.Time&MetricData.member.2.Value=80.0&MetricData.member.2.Unit=Milliseconds"

// TestAllProtocolsPut puts the same metric by each protocol and finds it once.
func TestAllProtocolsPut(t *testing.T) {
	t.Parallel()
	s := cloudwatch.New(nil)
	if reply := query(t, s, recorded); reply.Code != http.StatusOK || !strings.HasPrefix(reply.Body.String(),
		`<PutMetricDataResponse xmlns="http://monitoring.amazonaws.com/doc/2010-08-01/"><ResponseMetadata><RequestId>`) {
		t.Errorf("query: %d %s", reply.Code, reply.Body)
	}
	put := map[string]any{"Namespace": "fan3", "MetricData": []any{map[string]any{
		"MetricName": "CreateLease.Success", "Dimensions": []any{map[string]any{"Name": "Operation", "Value": "ShardSyncTask"}},
		"Values": []any{3.0, 4.0}, "Counts": []any{1.0, 2.0}, "Timestamp": cbor.Tag{Number: 1, Content: float64(time.Now().UnixMilli()) / 1000}, "Unit": "Count",
	}}}
	body, err := cbor.Marshal(put)
	if err != nil {
		t.Fatal(err)
	}
	reply := call(t, s, "/service/GraniteServiceVersion20100801/operation/PutMetricData", body, "Smithy-Protocol", "rpc-v2-cbor", "Content-Type", "application/cbor")
	if reply.Code != http.StatusOK || reply.Header().Get("Smithy-Protocol") != "rpc-v2-cbor" || reply.Body.Len() > 0 {
		t.Errorf("RPC v2: %d %v %s", reply.Code, reply.Header(), reply.Body)
	}
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	_, _ = io.WriteString(writer, `{"Namespace":"fan3","MetricData":[{"MetricName":"CreateLease.Success","Dimensions":[{"Name":"Operation","Value":"ShardSyncTask"}],`+
		`"Value":10,"Unit":"Count"}]}`)
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	reply = call(t, s, "/", packed.Bytes(), "X-Amz-Target", "GraniteServiceVersion20100801.PutMetricData", "Content-Encoding", "gzip")
	if reply.Code != http.StatusOK || reply.Body.Len() > 0 {
		t.Errorf("JSON: %d %s", reply.Code, reply.Body)
	}
	want := []cloudwatch.Metric{
		{Namespace: "fan3", Name: "CreateLease.Success", Dimensions: map[string]string{"Operation": "ShardSyncTask"}, Statistics: cloudwatch.Statistics{SampleCount: 6, Sum: 23, Minimum: 0.5, Maximum: 10}},
		{Namespace: "fan3", Name: "CreateLease.Time", Dimensions: map[string]string{}, Statistics: cloudwatch.Statistics{SampleCount: 1, Sum: 80, Minimum: 80, Maximum: 80}},
	}
	if diff := cmp.Diff(want, s.Metrics()); diff != "" {
		t.Error(diff)
	}
}

func TestStatistics(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // at midnight of the first day of 2000
		s := cloudwatch.New(nil)
		begin := time.Now().UTC()
		for i := range 10 {
			do(t, s, "PutMetricData", fmt.Sprintf(`{"Namespace":"n","MetricData":[{"MetricName":"m","Value":%d,"Unit":"Count"},{"MetricName":"m","Value":1}]}`, i))
			time.Sleep(30 * time.Second)
		}
		start, end := begin.Format(time.RFC3339), begin.Add(5*time.Minute).Format(time.RFC3339)
		form := url.Values{
			"Action": {"GetMetricStatistics"}, "Namespace": {"n"}, "MetricName": {"m"}, "StartTime": {start}, "EndTime": {end}, "Period": {"120"}, "Unit": {"Count"},
			"Statistics.member.1": {"Average"}, "Statistics.member.2": {"Maximum"},
		}
		want := `<GetMetricStatisticsResult><Label>m</Label><Datapoints>` +
			`<member><Timestamp>2000-01-01T00:00:00Z</Timestamp><Average>1.5</Average><Maximum>3.0</Maximum><Unit>Count</Unit></member>` +
			`<member><Timestamp>2000-01-01T00:02:00Z</Timestamp><Average>5.5</Average><Maximum>7.0</Maximum><Unit>Count</Unit></member>` +
			`<member><Timestamp>2000-01-01T00:04:00Z</Timestamp><Average>8.5</Average><Maximum>9.0</Maximum><Unit>Count</Unit></member></Datapoints></GetMetricStatisticsResult>`
		if reply := query(t, s, form.Encode()); !strings.Contains(reply.Body.String(), want) {
			t.Errorf("%d %s", reply.Code, reply.Body)
		}
		form.Set("Period", "9223372036854775800") // the longest that there is
		want = `<member><Timestamp>1970-01-01T00:00:00Z</Timestamp><Average>4.5</Average><Maximum>9.0</Maximum><Unit>Count</Unit></member></Datapoints>`
		if reply := query(t, s, form.Encode()); !strings.Contains(reply.Body.String(), want) {
			t.Errorf("%d %s", reply.Code, reply.Body)
		}
		got := do(t, s, "GetMetricData", fmt.Sprintf(`{"StartTime":%d,"EndTime":%d,"MetricDataQueries":[{"Id":"a","MetricStat":{"Metric":{"Namespace":"n",`+
			`"MetricName":"m"},"Period":300,"Stat":"Sum","Unit":"Count"}}]}`, begin.Unix(), begin.Unix()+300))
		if diff := cmp.Diff(map[string]any{"MetricDataResults": []any{map[string]any{
			"Id": "a", "Label": "m", "Timestamps": []any{float64(begin.Unix())}, "Values": []any{45.0}, "StatusCode": "Complete",
		}}}, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestListMetrics(t *testing.T) {
	t.Parallel()
	s := cloudwatch.New(nil)
	for i := range 2 {
		var data []string
		for j := range 300 {
			data = append(data, fmt.Sprintf(`{"MetricName":"m%d","Dimensions":[{"Name":"d","Value":"%03d"},{"Name":"c","Value":"x"}],"Value":1}`, i, j))
		}
		do(t, s, "PutMetricData", `{"Namespace":"n","MetricData":[`+strings.Join(data, ",")+`]}`)
	}
	count := func(body string) (int, string) {
		reply := do(t, s, "ListMetrics", body)
		metrics, _ := reply["Metrics"].([]any)
		next, _ := reply["NextToken"].(string)
		return len(metrics), next
	}
	first, next := count(`{}`)
	second, end := count(fmt.Sprintf(`{"NextToken":%q}`, next))
	if first != 500 || second != 100 || end != "" {
		t.Errorf("pages of %d and %d, then %q", first, second, end)
	}
	for body, want := range map[string]int{
		`{"MetricName":"m1"}`: 300, `{"Namespace":"other"}`: 0, `{"Dimensions":[{"Name":"d","Value":"007"}]}`: 2, `{"MetricName":"m0","Dimensions":[{"Name":"c"}],"RecentlyActive":"PT3H"}`: 300,
	} {
		if got, _ := count(body); got != want {
			t.Errorf("%s: %d metrics, want %d", body, got, want)
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	s := cloudwatch.New(nil)
	for _, test := range []struct{ form, code, message string }{
		{"Action=PutMetricData", "MissingParameter", "The parameter Namespace is required."},
		{"Action=PutMetricData&Namespace=AWS/EC2", "InvalidParameterValue", "The value AWS/ for parameter Namespace is invalid."},
		{"Action=PutMetricData&Namespace=n&MetricData.member.1.Value=1", "MissingParameter", "The parameter MetricData.member.1.MetricName is required."},
		{
			"Action=PutMetricData&Namespace=n&MetricData.member.1.MetricName=m&MetricData.member.1.Value=1&MetricData.member.1.Values.member.1=1", "InvalidParameterCombination",
			"The parameters MetricData.member.1.Value and MetricData.member.1.Values are mutually exclusive and you have specified both.",
		},
		{"Action=PutMetricData&Namespace=n&MetricData.member.1.MetricName=m&MetricData.member.1.Value=NaN", "InvalidParameterValue", "The value NaN for parameter"},
		{"Action=PutMetricData&Namespace=n&MetricData.member.1.MetricName=m&MetricData.member.1.Value=one", "SerializationException", "MetricData.member.1.Value"},
		{"Action=PutMetricData&Namespace=n&MetricData.member.1.MetricName=m&MetricData.member.1.Value=1&MetricData.member.1.Unit=Clicks", "InvalidParameterValue", "Unit must be a value in the set"},
		{"Action=PutMetricData&Namespace=n&MetricData.member.1.MetricName=m&MetricData.member.1.Value=1&MetricData.member.1.Timestamp=2001-01-01T00:00:00Z", "InvalidParameterValue", "past two weeks"},
		{
			"Action=GetMetricStatistics&Namespace=n&MetricName=m&StartTime=2026-01-01T00:00:00Z&EndTime=2026-01-02T00:00:00Z&Period=1&Statistics.member.1=Sum", "InvalidParameterCombination",
			"You have requested up to 86400 datapoints, which exceeds the limit of 1440.",
		},
		{"Action=ListMetrics&NextToken=x", "InvalidNextToken", "NextToken"},
		{"Action=PutDashboard", "InvalidAction", "PutDashboard"},
	} {
		reply := query(t, s, test.form)
		if body := reply.Body.String(); reply.Code != http.StatusBadRequest || !strings.Contains(body, "<Code>"+test.code+"</Code>") || !strings.Contains(body, test.message) {
			t.Errorf("%s: %d %s", test.form, reply.Code, body)
		}
	}
	reply := call(t, s, "/", []byte(`{}`), "X-Amz-Target", "GraniteServiceVersion20100801.PutMetricData")
	if reply.Header().Get("X-Amzn-Query-Error") != "MissingParameter;Sender" || !strings.Contains(reply.Body.String(), "#MissingRequiredParameterException") {
		t.Errorf("JSON: %v %s", reply.Header(), reply.Body)
	}
	if metrics := s.Metrics(); len(metrics) > 0 {
		t.Errorf("what was refused is there: %v", metrics)
	}
}

// FuzzQuery puts whatever a form holds.
func FuzzQuery(f *testing.F) {
	f.Add(recorded)
	f.Add("Action=GetMetricStatistics&Statistics.member.1=Sum&Dimensions.member.1.Name=n")
	f.Add("Action=ListMetrics&Dimensions.member=1&Dimensions.member.1.Name.Name=")
	s := cloudwatch.New(nil)
	f.Fuzz(func(t *testing.T, form string) {
		if reply := query(t, s, form); reply.Code != http.StatusOK && reply.Code != http.StatusBadRequest {
			t.Errorf("%d %s", reply.Code, reply.Body)
		}
	})
}

// FuzzRequests sends anything to any operation, in JSON or, where it is that, in CBOR.
func FuzzRequests(f *testing.F) {
	operations := slices.Sorted(maps.Keys(cloudwatch.New(nil).Operations()))
	f.Add(uint8(0), []byte(`{"StartTime":0,"EndTime":1e300,"MetricDataQueries":[{"Id":"a","MetricStat":{"Metric":{"Namespace":"n","MetricName":"m"},"Period":60,"Stat":"Sum"}}]}`))
	f.Add(uint8(1), []byte(`{"Namespace":"n","MetricName":"m","StartTime":-1,"EndTime":5,"Period":9223372036854775800,"Statistics":["Average"]}`))
	f.Add(uint8(2), []byte(`{"NextToken":"LTE=","Dimensions":[null]}`))
	f.Add(uint8(3), []byte(`{"Namespace":"n","MetricData":[{"MetricName":"m","Values":[1,1e308],"Counts":[2,1e308],"StorageResolution":1}]}`))
	f.Fuzz(func(t *testing.T, index uint8, body []byte) {
		s := cloudwatch.New(nil)
		do(t, s, "PutMetricData", `{"Namespace":"n","MetricData":[{"MetricName":"m","Value":1}]}`)
		operation := operations[int(index)%len(operations)]
		reply := call(t, s, "/", body, "X-Amz-Target", "GraniteServiceVersion20100801."+operation, "Content-Type", "application/x-amz-json-1.0")
		if cbor.Wellformed(body) == nil {
			reply = call(t, s, "/service/GraniteServiceVersion20100801/operation/"+operation, body, "Smithy-Protocol", "rpc-v2-cbor", "Content-Type", "application/cbor")
		}
		if reply.Code != http.StatusOK && reply.Code != http.StatusBadRequest {
			t.Errorf("%s: %d %s", operation, reply.Code, reply.Body)
		}
	})
}
