package policy

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"clickstream/internal/awsclient"
	"clickstream/internal/delivery"
	"clickstream/internal/exit"
	"clickstream/internal/leases"
	"clickstream/properties"
)

// Names are what the resources of a policy are called.
type Names struct {
	Settings *properties.Config
	Account  string
	Region   string
	Bucket   string
	Tables   leases.Names
}

// Find returns the names that the settings come to. The account is the one given, else the one that the credentials belong to, by STS: streamArn
// may name a stream of another one, and the tables and the bucket are not there.
func Find(ctx context.Context, settings *properties.Config, account string) (*Names, error) {
	clients, err := awsclient.Load(ctx, settings)
	if err != nil {
		return nil, err
	}
	n := &Names{Settings: settings, Region: clients.Region, Account: account}
	if n.Tables, err = leases.NamesOf(settings); err != nil {
		return nil, exit.With(exit.Usage, err)
	}
	if n.Account == "" {
		if n.Account, err = clients.Account(ctx); err != nil {
			code := exit.Failed
			if awsclient.Permanent(err) {
				code = exit.Usage
			}
			return nil, exit.With(code, fmt.Errorf("find the account whose resources the policy names (--account names it without asking): %w", err))
		}
	}
	if len(n.Account) != 12 || strings.Trim(n.Account, "0123456789") != "" {
		return nil, exit.With(exit.Usage, fmt.Errorf("an AWS account is a number of 12 digits, not %q", n.Account))
	}
	n.Bucket = settings.Bucket
	if n.Bucket == "" {
		n.Bucket = "clickstream-" + n.Account + "-" + n.bucketRegion()
	}
	if _, err := delivery.ParseTemplate(settings.KeyTemplate); err != nil {
		return nil, exit.With(exit.Usage, errors.New("keyTemplate "+err.Error()))
	}
	return n, nil
}

func (n *Names) bucketRegion() string {
	if n.Settings.BucketRegion != "" {
		return n.Settings.BucketRegion
	}
	return n.Region
}

// partition is the part of AWS that a region belongs to, which each ARN names.
func (n *Names) partition() string {
	switch {
	case strings.HasPrefix(n.Region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(n.Region, "us-gov-"):
		return "aws-us-gov"
	}
	return "aws"
}

func (n *Names) arn(service, region, resource string) string {
	account := n.Account
	if service == "s3" {
		region, account = "", "" // a bucket's name is enough
	}
	return strings.Join([]string{"arn", n.partition(), service, region, account, resource}, ":")
}

func (n *Names) stream() string {
	if n.Settings.StreamArn != "" {
		return n.Settings.StreamArn
	}
	return n.arn("kinesis", n.Region, "stream/"+n.Settings.StreamName)
}

// consumer is the one that reads by fan-out. Where only its name is known, it is every registration of that name: the service puts the time
// of creation behind it.
func (n *Names) consumer() string {
	switch {
	case n.Settings.ConsumerArn != "":
		return n.Settings.ConsumerArn
	case n.Settings.ConsumerName != "":
		return n.stream() + "/consumer/" + n.Settings.ConsumerName + ":*"
	}
	return n.stream() + "/consumer/" + n.Settings.ApplicationName + ":*"
}

func (n *Names) table(name string) string { return n.arn("dynamodb", n.Region, "table/"+name) }

func (n *Names) object(key string) string { return n.arn("s3", "", n.Bucket+"/"+key) }

// objects is what the key template names, with a star where a placeholder stands for what is not known beforehand.
func (n *Names) objects() string {
	template := n.Settings.KeyTemplate
	if template == "" {
		template = delivery.DefaultTemplate
	}
	fill := strings.NewReplacer(
		"{application}", n.Settings.ApplicationName, "{stream}", n.Settings.StreamName, "{shardId}", "shardId-*",
		"{first}", "*", "{last}", "*", "{year}", "*", "{month}", "*", "{day}", "*", "{hour}", "*", "{minute}", "*")
	return n.object(fill.Replace(template))
}

// own are the application's keys under a prefix that ends in a slash, those of claims and of records that could not be stored.
func (n *Names) own(prefix string) string {
	key := delivery.ClaimKey(n.Settings.ApplicationName, "", delivery.Position{})
	name, _, _ := strings.Cut(strings.TrimPrefix(key, delivery.ClaimPrefix), "/")
	return n.object(prefix + name + "/*")
}

// key is the ARN of the KMS key, or for an alias that of every key of the account, to which the condition on the alias belongs.
func (n *Names) key() string {
	id := n.Settings.KmsKeyID
	switch {
	case strings.Contains(id, ":alias/"), strings.HasPrefix(id, "alias/"):
		return n.arn("kms", n.bucketRegion(), "key/*")
	case strings.HasPrefix(id, "arn:"):
		return id
	}
	return n.arn("kms", n.bucketRegion(), "key/"+id)
}

// alias is the name that stands for the KMS key, "" if the setting names the key itself.
func (n *Names) alias() string {
	if _, name, found := strings.Cut(":"+n.Settings.KmsKeyID, ":alias/"); found {
		return "alias/" + name
	}
	return ""
}
