package sts_test

import (
	"encoding/xml"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"clickstream/emulator/internal/clock"
	"clickstream/emulator/sts"
)

// reply is what a test looks at of a reply.
type reply struct {
	Result struct {
		Arn         string
		UserId      string //nolint:revive // the wire's name
		Account     string
		Credentials struct {
			AccessKeyId, SecretAccessKey, SessionToken, Expiration string //nolint:revive // the wire's name
		}
		AssumedRoleUser struct{ Arn string }
	} `xml:",any"`
	Error struct{ Type, Code, Message string }
}

// post sends a form, signed by an access key unless that is "".
func post(t *testing.T, s *sts.Service, key string, form url.Values) (int, reply) {
	t.Helper()
	request := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(form.Encode()))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	if key != "" {
		request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+key+"/20260101/eu-west-1/sts/aws4_request, SignedHeaders=host, Signature=0")
	}
	recorder := httptest.NewRecorder()
	s.Wire().ServeHTTP(recorder, request)
	var read reply
	if err := xml.Unmarshal(recorder.Body.Bytes(), &read); err != nil {
		t.Fatalf("%d %s: %v", recorder.Code, recorder.Body, err)
	}
	return recorder.Code, read
}

func assume(t *testing.T, s *sts.Service, change ...string) (int, reply) {
	t.Helper()
	form := url.Values{"Action": {"AssumeRole"}, "Version": {"2011-06-15"}, "RoleArn": {"arn:aws:iam::123456789012:role/path/reader"}, "RoleSessionName": {"me@home"}}
	for i := 0; i < len(change); i += 2 {
		form.Set(change[i], change[i+1])
	}
	return post(t, s, "test", form)
}

func identity(t *testing.T, s *sts.Service, key string) [3]string {
	t.Helper()
	status, got := post(t, s, key, url.Values{"Action": {"GetCallerIdentity"}})
	if status != http.StatusOK {
		t.Fatalf("%d %+v", status, got.Error)
	}
	return [3]string{got.Result.Arn, got.Result.UserId, got.Result.Account}
}

func TestCallersIdentity(t *testing.T) {
	t.Parallel()
	s := sts.New(nil)
	for key, want := range map[string][3]string{
		"":                     {"arn:aws:iam::000000000000:user/clickstream", "AIDAEMULATOR", "000000000000"},
		"test":                 {"arn:aws:iam::000000000000:user/clickstream", "test", "000000000000"},
		"LKIAQNZGKIQY56JQ7WML": {"arn:aws:iam::029608264753:user/clickstream", "LKIAQNZGKIQY56JQ7WML", "029608264753"},
		"ASIAQNZGKIQY56JQ7WML": {"arn:aws:iam::000000000000:user/clickstream", "ASIAQNZGKIQY56JQ7WML", "000000000000"},
		"LSIA1NZGKIQY56JQ7WML": {"arn:aws:iam::000000000000:user/clickstream", "LSIA1NZGKIQY56JQ7WML", "000000000000"},
		"LKIA7777777777777777": {"arn:aws:iam::000000000000:user/clickstream", "LKIA7777777777777777", "000000000000"},
		"123456789012":         {"arn:aws:iam::123456789012:user/clickstream", "AIDAEMULATOR", "123456789012"},
	} {
		if diff := cmp.Diff(want, identity(t, s, key)); diff != "" {
			t.Errorf("%q: %s", key, diff)
		}
	}
}

// TestSessions takes on a role: the keys are the role's until the session's time is over, on the emulated clock.
func TestSessions(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var now clock.Clock
		s := sts.New(&now)
		if err := now.Advance(24 * time.Hour); err != nil {
			t.Fatal(err)
		}
		_, got := assume(t, s, "DurationSeconds", "900")
		given, role := got.Result.Credentials, "arn:aws:sts::123456789012:assumed-role/reader/me@home"
		if given.Expiration != "2000-01-01T00:15:00Z" || got.Result.AssumedRoleUser.Arn != role {
			t.Errorf("until %s, as %s", given.Expiration, got.Result.AssumedRoleUser.Arn)
		}
		if diff := cmp.Diff([3]string{role, "AROAEMULATOR:me@home", "123456789012"}, identity(t, s, given.AccessKeyId)); diff != "" {
			t.Error(diff)
		}
		if secret, ok := s.Secret(given.AccessKeyId); !ok || secret.Over || secret.Key != given.SecretAccessKey || secret.Token != given.SessionToken {
			t.Error("the session's secret is another one")
		}
		_, longer := assume(t, s)
		if err := now.Advance(10 * time.Minute); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Minute)
		if secret, ok := s.Secret(given.AccessKeyId); !ok || !secret.Over {
			t.Error("the session goes on")
		}
		if secret, ok := s.Secret(longer.Result.Credentials.AccessKeyId); !ok || secret.Over {
			t.Error("the longer session is over")
		}
		if got := identity(t, s, given.AccessKeyId); got[0] == role {
			t.Errorf("its key is still that of %s", got[0])
		}
		time.Sleep(25 * time.Hour)
		assume(t, s)
		if _, ok := s.Secret(given.AccessKeyId); ok {
			t.Error("the session is remembered for more than a day")
		}
	})
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	s := sts.New(nil)
	for _, test := range []struct{ name, value, code, message string }{
		{"Action", "GetFederationToken", "InvalidAction", "GetFederationToken"},
		{"RoleArn", "", "ValidationError", "roleArn"},
		{"RoleArn", "arn:aws:iam::12345:role/r", "ValidationError", "is invalid"},
		{"RoleArn", "arn:aws:iam::123456789012:user/me", "ValidationError", "is invalid"},
		{"RoleSessionName", "", "ValidationError", "roleSessionName"},
		{"RoleSessionName", "a", "ValidationError", "roleSessionName"},
		{"RoleSessionName", "not here", "ValidationError", "roleSessionName"},
		{"DurationSeconds", "899", "ValidationError", "durationSeconds"},
		{"DurationSeconds", "43201", "ValidationError", "durationSeconds"},
	} {
		status, got := assume(t, s, test.name, test.value)
		if status != http.StatusBadRequest || got.Error.Code != test.code || !strings.Contains(got.Error.Message, test.message) {
			t.Errorf("%s %q: %d %+v", test.name, test.value, status, got.Error)
		}
	}
	for _, duration := range []string{"900", "43200"} {
		if status, got := assume(t, s, "DurationSeconds", duration); status != http.StatusOK {
			t.Errorf("%s: %d %+v", duration, status, got.Error)
		}
	}
}

// FuzzForms sends any form.
func FuzzForms(f *testing.F) {
	f.Add("Action=AssumeRole&RoleArn=arn:aws:iam::123456789012:role/r&RoleSessionName=me&DurationSeconds=900", "test")
	f.Add("Action=GetCallerIdentity&Action=AssumeRole", "LSIAQAAAAAAVNCBMPNSG")
	f.Add("Action=AssumeRole&DurationSeconds=1e9&Tags.member.1.Key=%zz&RoleArn.x=1", "")
	s := sts.New(nil)
	f.Fuzz(func(t *testing.T, form, key string) {
		request := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(form))
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+key+"/20260101/eu-west-1/sts/aws4_request, SignedHeaders=host, Signature=0")
		recorder := httptest.NewRecorder()
		s.Wire().ServeHTTP(recorder, request)
		if recorder.Code != http.StatusOK && recorder.Code != http.StatusBadRequest {
			t.Errorf("%d %s", recorder.Code, recorder.Body)
		}
	})
}
