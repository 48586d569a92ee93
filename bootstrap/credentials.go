package bootstrap

import (
	"strings"

	"clickstream/properties"
)

// credentialsKey is the one key that the KCL takes in any case.
const credentialsKey = "AwsCredentialsProvider"

// newProvider maps the credentials providers of AWS SDK 1, which older samples name, to those of SDK 2. The daemon looks for SDK 2's alone and
// ends with "No credential providers were specified" where it finds none.
func newProvider(name string) string {
	switch strings.TrimPrefix(strings.TrimPrefix(name, "com.amazonaws.auth."), "profile.") {
	case "DefaultAWSCredentialsProviderChain":
		return "DefaultCredentialsProvider"
	case "EnvironmentVariableCredentialsProvider":
		return "EnvironmentVariableCredentialsProvider"
	case "SystemPropertiesCredentialsProvider":
		return "SystemPropertyCredentialsProvider"
	case "ProfileCredentialsProvider":
		return "ProfileCredentialsProvider"
	case "InstanceProfileCredentialsProvider":
		return "InstanceProfileCredentialsProvider"
	case "ContainerCredentialsProvider":
		return "ContainerCredentialsProvider"
	case "EC2ContainerCredentialsProviderWrapper":
		return "ContainerCredentialsProvider,InstanceProfileCredentialsProvider"
	case "WebIdentityTokenCredentialsProvider":
		return "WebIdentityTokenFileCredentialsProvider"
	case "STSAssumeRoleSessionCredentialsProvider":
		return "StsAssumeRoleCredentialsProvider"
	}
	return name
}

// modernProviders rewrites the value of a credentials key: a chain of names with commas between them, each with arguments behind bars.
func modernProviders(value string) string {
	chain := strings.Split(value, ",")
	for i, provider := range chain {
		name, arguments, hasArguments := strings.Cut(strings.TrimSpace(provider), "|")
		chain[i] = newProvider(name)
		if hasArguments {
			chain[i] += "|" + arguments
		}
	}
	return strings.Join(chain, ",")
}

// modernCredentials adds to effective what the credentials keys of the file have to be, and says so.
func modernCredentials(file *properties.File, effective map[string]string, say func(string, ...any)) {
	for _, entry := range file.Entries {
		if !strings.HasPrefix(strings.ToLower(entry.Key), strings.ToLower(credentialsKey)) {
			continue
		}
		value := strings.TrimSpace(entry.Value)
		modern := modernProviders(value)
		if modern == strings.ReplaceAll(value, ", ", ",") {
			continue
		}
		key := entry.Key
		if strings.EqualFold(key, credentialsKey) {
			key = credentialsKey
		}
		effective[key] = modern
		say("%s:%d: %s = %s is a class of AWS SDK 1, with which the daemon does not start; it gets %s", file.Name, entry.Line, entry.Key, value, modern)
	}
}
