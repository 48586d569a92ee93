package s3

import (
	"net/http"
	"slices"
	"strconv"
)

// putBucketLifecycleConfiguration is PutBucketLifecycleConfiguration.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html
//
// Kept: 1 to 1000 rules: status, ids (made up where missing, none twice, at
// most 255 characters), at least one action, whole positive days; the rules
// replace those that were there.
//
// Left out: the effect: no object is ever moved or deleted. Filters, dates and
// storage classes are kept as they come.
func putBucketLifecycleConfiguration(rq *request) (*reply, error) {
	n, err := rq.readXML("LifecycleConfiguration")
	if err != nil {
		return nil, err
	}
	rules := n.all("Rule")
	if len(rules) == 0 || len(rules) > maxLifecycleRules {
		return nil, errMalformedXML
	}
	ids := map[string]bool{}
	for i, rule := range rules {
		if err := checkLifecycleRule(rule); err != nil {
			return nil, err
		}
		id := rule.value("ID")
		if id == "" {
			id = uploadID(rq.bucket, docLifecycle, rq.number) + "-" + strconv.Itoa(i)
			rule.children = append([]*node{{name: "ID", text: id}}, slices.DeleteFunc(rule.children, func(c *node) bool { return c.name == "ID" })...)
		}
		switch {
		case len(id) > maxLifecycleID:
			return nil, errInvalidArgument.because("ID length should not exceed allowed limit of %d", maxLifecycleID)
		case ids[id]:
			return nil, errInvalidArgument.because("Rule ID must be unique. Found same ID for more than one rule")
		}
		ids[id] = true
	}
	r, err := rq.putDocument(docLifecycle, n.document(), http.StatusOK)
	if err != nil {
		return nil, err
	}
	return r.set("X-Amz-Transition-Default-Minimum-Object-Size", "all_storage_classes_128K"), nil
}

// Limits of a lifecycle configuration.
const (
	maxLifecycleRules = 1000
	maxLifecycleID    = 255 // characters
)

// checkLifecycleRule looks at what makes a rule a rule.
func checkLifecycleRule(rule *node) error {
	if status := rule.value("Status"); status != "Enabled" && status != "Disabled" {
		return errMalformedXML
	}
	if (rule.child("Filter") == nil) == (rule.child("Prefix") == nil) {
		return errMalformedXML
	}
	actions := 0
	for _, c := range rule.children {
		switch c.name {
		case "Expiration", "Transition", "NoncurrentVersionExpiration", "NoncurrentVersionTransition", "AbortIncompleteMultipartUpload":
			actions++
			if err := checkLifecycleDays(c); err != nil {
				return err
			}
		}
	}
	if actions == 0 {
		return errInvalidRequest.because("At least one action needs to be specified in a rule")
	}
	return nil
}

func checkLifecycleDays(action *node) error {
	for _, name := range []string{"Days", "NoncurrentDays", "DaysAfterInitiation"} {
		if action.child(name) == nil {
			continue
		}
		least := 1
		if action.name == "Transition" {
			least = 0
		}
		if days, ok := action.number(name); !ok || days < least {
			return errInvalidArgument.because("'%s' for %s action must be a positive integer", name, action.name)
		}
	}
	return nil
}
