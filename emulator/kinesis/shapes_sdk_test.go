package kinesis_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"clickstream/emulator/internal/wire"
	"clickstream/emulator/kinesis"
)

// leftOut lists the members of the SDK's shapes that the emulator does not have, by the path to them.
func leftOut() []string {
	return []string{"DescribeStreamSummaryOutput.StreamDescriptionSummary.StreamId"} // reserved for later, says the model
}

// pairs are our shapes and the SDK's.
func pairs() []struct{ ours, theirs any } {
	return []struct{ ours, theirs any }{
		{kinesis.AddTagsToStreamInput{}, sdk.AddTagsToStreamInput{}},
		{kinesis.CreateChannelInput{}, sdk.CreateChannelInput{}},
		{kinesis.ChannelOutput{}, sdk.CreateChannelOutput{}},
		{kinesis.CreateStreamInput{}, sdk.CreateStreamInput{}},
		{kinesis.RetentionPeriodInput{}, sdk.DecreaseStreamRetentionPeriodInput{}},
		{kinesis.DeleteChannelInput{}, sdk.DeleteChannelInput{}},
		{kinesis.DeleteResourcePolicyInput{}, sdk.DeleteResourcePolicyInput{}},
		{kinesis.DeleteStreamInput{}, sdk.DeleteStreamInput{}},
		{kinesis.DeregisterStreamConsumerInput{}, sdk.DeregisterStreamConsumerInput{}},
		{kinesis.DescribeAccountSettingsInput{}, sdk.DescribeAccountSettingsInput{}},
		{kinesis.AccountSettingsOutput{}, sdk.DescribeAccountSettingsOutput{}},
		{kinesis.DescribeChannelInput{}, sdk.DescribeChannelInput{}},
		{kinesis.ChannelOutput{}, sdk.DescribeChannelOutput{}},
		{kinesis.DescribeLimitsInput{}, sdk.DescribeLimitsInput{}},
		{kinesis.DescribeLimitsOutput{}, sdk.DescribeLimitsOutput{}},
		{kinesis.DescribeStreamInput{}, sdk.DescribeStreamInput{}},
		{kinesis.DescribeStreamOutput{}, sdk.DescribeStreamOutput{}},
		{kinesis.DescribeStreamConsumerInput{}, sdk.DescribeStreamConsumerInput{}},
		{kinesis.DescribeStreamConsumerOutput{}, sdk.DescribeStreamConsumerOutput{}},
		{kinesis.DescribeStreamSummaryInput{}, sdk.DescribeStreamSummaryInput{}},
		{kinesis.DescribeStreamSummaryOutput{}, sdk.DescribeStreamSummaryOutput{}},
		{kinesis.EnhancedMonitoringInput{}, sdk.DisableEnhancedMonitoringInput{}},
		{kinesis.EnhancedMonitoringOutput{}, sdk.DisableEnhancedMonitoringOutput{}},
		{kinesis.EnhancedMonitoringInput{}, sdk.EnableEnhancedMonitoringInput{}},
		{kinesis.EnhancedMonitoringOutput{}, sdk.EnableEnhancedMonitoringOutput{}},
		{kinesis.GetRecordsInput{}, sdk.GetRecordsInput{}},
		{kinesis.GetRecordsOutput{}, sdk.GetRecordsOutput{}},
		{kinesis.GetResourcePolicyInput{}, sdk.GetResourcePolicyInput{}},
		{kinesis.GetResourcePolicyOutput{}, sdk.GetResourcePolicyOutput{}},
		{kinesis.GetShardIteratorInput{}, sdk.GetShardIteratorInput{}},
		{kinesis.GetShardIteratorOutput{}, sdk.GetShardIteratorOutput{}},
		{kinesis.RetentionPeriodInput{}, sdk.IncreaseStreamRetentionPeriodInput{}},
		{kinesis.ListChannelsInput{}, sdk.ListChannelsInput{}},
		{kinesis.ListChannelsOutput{}, sdk.ListChannelsOutput{}},
		{kinesis.ListShardsInput{}, sdk.ListShardsInput{}},
		{kinesis.ListShardsOutput{}, sdk.ListShardsOutput{}},
		{kinesis.ListStreamConsumersInput{}, sdk.ListStreamConsumersInput{}},
		{kinesis.ListStreamConsumersOutput{}, sdk.ListStreamConsumersOutput{}},
		{kinesis.ListStreamsInput{}, sdk.ListStreamsInput{}},
		{kinesis.ListStreamsOutput{}, sdk.ListStreamsOutput{}},
		{kinesis.ListTagsForResourceInput{}, sdk.ListTagsForResourceInput{}},
		{kinesis.ListTagsForResourceOutput{}, sdk.ListTagsForResourceOutput{}},
		{kinesis.ListTagsForStreamInput{}, sdk.ListTagsForStreamInput{}},
		{kinesis.ListTagsForStreamOutput{}, sdk.ListTagsForStreamOutput{}},
		{kinesis.MergeShardsInput{}, sdk.MergeShardsInput{}},
		{kinesis.PutRecordInput{}, sdk.PutRecordInput{}},
		{kinesis.PutRecordOutput{}, sdk.PutRecordOutput{}},
		{kinesis.PutRecordsInput{}, sdk.PutRecordsInput{}},
		{kinesis.PutRecordsOutput{}, sdk.PutRecordsOutput{}},
		{kinesis.PutResourcePolicyInput{}, sdk.PutResourcePolicyInput{}},
		{kinesis.RegisterStreamConsumerInput{}, sdk.RegisterStreamConsumerInput{}},
		{kinesis.RegisterStreamConsumerOutput{}, sdk.RegisterStreamConsumerOutput{}},
		{kinesis.RemoveTagsFromStreamInput{}, sdk.RemoveTagsFromStreamInput{}},
		{kinesis.SplitShardInput{}, sdk.SplitShardInput{}},
		{kinesis.StreamEncryptionInput{}, sdk.StartStreamEncryptionInput{}},
		{kinesis.StreamEncryptionInput{}, sdk.StopStreamEncryptionInput{}},
		{kinesis.SubscribeToShardInput{}, sdk.SubscribeToShardInput{}},
		{kinesis.SubscribeToShardEvent{}, types.SubscribeToShardEvent{}},
		{kinesis.TagResourceInput{}, sdk.TagResourceInput{}},
		{kinesis.UntagResourceInput{}, sdk.UntagResourceInput{}},
		{kinesis.UpdateAccountSettingsInput{}, sdk.UpdateAccountSettingsInput{}},
		{kinesis.AccountSettingsOutput{}, sdk.UpdateAccountSettingsOutput{}},
		{kinesis.UpdateChannelInput{}, sdk.UpdateChannelInput{}},
		{kinesis.ChannelOutput{}, sdk.UpdateChannelOutput{}},
		{kinesis.UpdateMaxRecordSizeInput{}, sdk.UpdateMaxRecordSizeInput{}},
		{kinesis.UpdateShardCountInput{}, sdk.UpdateShardCountInput{}},
		{kinesis.UpdateShardCountOutput{}, sdk.UpdateShardCountOutput{}},
		{kinesis.UpdateStreamModeInput{}, sdk.UpdateStreamModeInput{}},
		{kinesis.UpdateStreamRecordDistributionStrategyInput{}, sdk.UpdateStreamRecordDistributionStrategyInput{}},
		{kinesis.UpdateStreamWarmThroughputInput{}, sdk.UpdateStreamWarmThroughputInput{}},
		{kinesis.UpdateStreamWarmThroughputOutput{}, sdk.UpdateStreamWarmThroughputOutput{}},
	}
}

// TestShapesMatchTheSDK compares names and kinds of all members with the SDK's.
func TestShapesMatchTheSDK(t *testing.T) {
	t.Parallel()
	var missing []string
	for _, pair := range pairs() {
		theirs := reflect.TypeOf(pair.theirs)
		missing = append(missing, compare(t, theirs.Name(), reflect.TypeOf(pair.ours), theirs)...)
	}
	want := leftOut()
	slices.Sort(missing)
	slices.Sort(want)
	for _, path := range missing {
		if !slices.Contains(want, path) {
			t.Errorf("%s is missing", path)
		}
	}
	for _, path := range want {
		if !slices.Contains(missing, path) {
			t.Errorf("%s is there by now; take it off the list", path)
		}
	}
}

// compare walks two shapes side by side and returns the members that only theirs has.
func compare(t *testing.T, path string, ours, theirs reflect.Type) []string {
	t.Helper()
	ours, theirs = value(ours), value(theirs)
	if ours.Kind() == reflect.Slice && theirs.Kind() == reflect.Slice {
		return compare(t, path, ours.Elem(), theirs.Elem())
	}
	if kind(ours) != kind(theirs) {
		t.Errorf("%s is %v, the SDK has %v", path, ours, theirs)
		return nil
	}
	if kind(ours) != "structure" {
		return nil
	}
	var missing []string
	for _, field := range reflect.VisibleFields(theirs) {
		if !field.IsExported() || field.Name == "ResultMetadata" {
			continue
		}
		if mine, ok := ours.FieldByName(field.Name); ok {
			missing = append(missing, compare(t, path+"."+field.Name, mine.Type, field.Type)...)
		} else {
			missing = append(missing, path+"."+field.Name)
		}
	}
	for _, field := range reflect.VisibleFields(ours) {
		if _, ok := theirs.FieldByName(field.Name); !ok && !field.Anonymous && field.IsExported() {
			t.Errorf("%s.%s is unknown to the SDK", path, field.Name)
		}
	}
	return missing
}

func value(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

// kind names what a type is on the wire.
func kind(t reflect.Type) string {
	switch {
	case t == reflect.TypeFor[wire.Timestamp](), t == reflect.TypeFor[time.Time]():
		return "timestamp"
	case t == reflect.TypeFor[kinesis.SequenceNumber]():
		return "string"
	}
	switch t.Kind() {
	case reflect.Int32, reflect.Int64:
		return "integer"
	case reflect.Struct:
		return "structure"
	default:
		return t.Kind().String()
	}
}
