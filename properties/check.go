package properties

import (
	"errors"
	"fmt"
	"math"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"clickstream/internal/delivery"
)

// Each check returns the value as it is kept. Its error is the end of a sentence that begins with the key: "must be …".

func integer(low, high int64) func(string) (string, error) {
	return func(text string) (string, error) {
		n, err := strconv.ParseInt(text, 10, 64)
		switch {
		case errors.Is(err, strconv.ErrRange), err == nil && n > high:
			return "", fmt.Errorf("must be at most %d", high)
		case err != nil:
			return "", errors.New("must be a whole number")
		case n < low:
			return "", fmt.Errorf("must be at least %d", low)
		}
		return text, nil
	}
}

func number(low, high float64) func(string) (string, error) {
	return func(text string) (string, error) {
		n, err := strconv.ParseFloat(text, 64)
		switch {
		case err != nil || math.IsNaN(n):
			return "", errors.New("must be a number")
		case n < low:
			return "", fmt.Errorf("must be at least %s", digits(low))
		case n > high:
			return "", fmt.Errorf("must be at most %s", digits(high))
		}
		return text, nil
	}
}

// digits writes a number as people do: 1000000, not 1e+06.
func digits(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }

// boolean accepts what the Java daemon's converter accepts for true and false, in any case.
func boolean(text string) (string, error) {
	switch strings.ToLower(text) {
	case "true", "yes", "y", "on", "1":
		return "true", nil
	case "false", "no", "n", "off", "0":
		return "false", nil
	}
	return "", errors.New("must be true or false")
}

// oneOf accepts the given words in any case, as the Java daemon does, and keeps them as given.
func oneOf(allowed ...string) func(string) (string, error) {
	return func(text string) (string, error) {
		i := slices.IndexFunc(allowed, func(word string) bool { return strings.EqualFold(word, text) })
		if i < 0 {
			return "", errors.New("must be one of " + strings.Join(allowed, ", "))
		}
		return allowed[i], nil
	}
}

func nonBlank(text string) (string, error) {
	if strings.TrimSpace(text) == "" {
		return "", errors.New("must not be empty")
	}
	return text, nil
}

const nameCharacters = "letters, digits, hyphens, underscores and dots"

func name(text string, low, high int) (string, error) {
	if len(text) < low || len(text) > high {
		return "", fmt.Errorf("must have %d to %d characters", low, high)
	}
	for i := range len(text) {
		if c := text[i]; !alphanumeric(c) && !strings.ContainsRune("-_.", rune(c)) {
			return "", errors.New("must have only " + nameCharacters)
		}
	}
	return text, nil
}

func alphanumeric(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// streamName follows the Kinesis API reference, CreateStream: [a-zA-Z0-9_.-]+, 1 to 128.
func streamName(text string) (string, error) { return name(text, 1, 128) }

// tableName follows the DynamoDB API reference, CreateTable: [a-zA-Z0-9_.-]+, 3 to 255.
func tableName(text string) (string, error) { return name(text, 3, 255) }

// applicationName leaves room for the names of the tables that KCL 3 makes from it, the longest ending in -WorkerMetricStats.
func applicationName(text string) (string, error) {
	return name(text, 1, 255-len("-WorkerMetricStats"))
}

func streamARN(text string) (string, error) {
	parts := strings.SplitN(text, ":", 6)
	problem := errors.New("must look like arn:aws:kinesis:us-east-1:123456789012:stream/name")
	if len(parts) != 6 || parts[0] != "arn" || parts[2] != "kinesis" || parts[3] == "" || parts[4] == "" {
		return "", problem
	}
	if stream, ok := strings.CutPrefix(parts[5], "stream/"); !ok {
		return "", problem
	} else if _, err := streamName(stream); err != nil {
		return "", fmt.Errorf("names a stream that %w", err)
	}
	return text, nil
}

// consumerName follows the Kinesis API reference, RegisterStreamConsumer: [a-zA-Z0-9_.-]+, 1 to 128.
func consumerName(text string) (string, error) { return name(text, 1, 128) }

// consumerARN follows the API reference, too: a stream's ARN, the consumer's name and when it was registered.
func consumerARN(text string) (string, error) {
	stream, consumer, found := strings.Cut(text, "/consumer/")
	name, created, dated := strings.Cut(consumer, ":")
	_, streamErr := streamARN(stream)
	_, nameErr := consumerName(name)
	if !found || !dated || streamErr != nil || nameErr != nil || created == "" || strings.Trim(created, "0123456789") != "" {
		return "", errors.New("must look like arn:aws:kinesis:us-east-1:123456789012:stream/name/consumer/name:1767225600")
	}
	return text, nil
}

func region(text string) (string, error) {
	for i := range len(text) {
		if c := text[i]; !alphanumeric(c) && c != '-' {
			return "", errors.New("must be a region's name like " + DefaultRegion)
		}
	}
	return nonBlank(text)
}

func endpoint(text string) (string, error) {
	u, err := url.Parse(text)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" {
		return "", errors.New("must be a URL like http://127.0.0.1:4567")
	}
	return text, nil
}

// bucket follows the S3 user guide, "General purpose bucket naming rules".
func bucket(text string) (string, error) {
	if len(text) < 3 || len(text) > 63 {
		return "", errors.New("must have 3 to 63 characters")
	}
	if strings.ContainsFunc(text, func(r rune) bool { return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789-.", r) }) {
		return "", errors.New("must have only lower-case letters, digits, hyphens and dots")
	}
	if !alphanumeric(text[0]) || !alphanumeric(text[len(text)-1]) {
		return "", errors.New("must begin and end with a letter or a digit")
	}
	if strings.Contains(text, "..") {
		return "", errors.New("must not have two dots side by side")
	}
	if _, err := netip.ParseAddr(text); err == nil {
		return "", errors.New("must not look like an IP address")
	}
	return text, reservedBucket(text)
}

func reservedBucket(text string) error {
	for _, reserved := range []string{"xn--", "sthree-", "amzn-s3-demo-"} {
		if strings.HasPrefix(text, reserved) {
			return fmt.Errorf("must not begin with %s, which S3 keeps for itself", reserved)
		}
	}
	for _, reserved := range []string{"-s3alias", "--ola-s3", ".mrap", "--x-s3", "--table-s3"} {
		if strings.HasSuffix(text, reserved) {
			return fmt.Errorf("must not end with %s, which S3 keeps for itself", reserved)
		}
	}
	return nil
}

// keyTemplate accepts what delivery.ParseTemplate does: templates that give each batch of each shard a key of its own.
func keyTemplate(text string) (string, error) {
	_, err := delivery.ParseTemplate(text)
	return text, err
}
