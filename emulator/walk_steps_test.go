package emulator_test

import "net/http"

func tagging(key string) string {
	return "<Tagging><TagSet><Tag><Key>" + key + "</Key><Value>b</Value></Tag></TagSet></Tagging>"
}

// walk is every operation that changes something, in an order in which each has something to change; at its end there is nothing left.
func walk() []step {
	return append(append(walkStreams(), walkTables()...), walkBuckets()...)
}

func walkStreams() []step {
	const (
		name     = `"StreamName":"clicks"`
		arn      = `"arn:aws:kinesis:us-east-1:000000000000:stream/clicks"`
		demand   = `"arn:aws:kinesis:us-east-1:000000000000:stream/demand"`
		consumer = `"StreamARN":` + arn + `,"ConsumerName":`
		channel  = `"ChannelARN":"arn:aws:kinesis:us-east-1:000000000000:channel/lake"`
	)
	put := func(operation, body string) step { return step{"kinesis", operation, body} }
	return []step{
		put("UpdateAccountSettings", `{"MinimumThroughputBillingCommitment":{"Status":"ENABLED"}}`),
		put("CreateStream", `{`+name+`,"ShardCount":2,"Tags":{"a":"b"}}`),
		put("PutRecord", `{`+name+`,"Data":"YQ==","PartitionKey":"k"}`),
		put("PutRecords", `{`+name+`,"Records":[{"Data":"Yg==","PartitionKey":"a"},{"Data":"","PartitionKey":"b"}]}`),
		put("StartStreamEncryption", `{`+name+`,"EncryptionType":"KMS","KeyId":"key"}`),
		put("PutRecord", `{`+name+`,"Data":"Yw==","PartitionKey":"k","ExplicitHashKey":"0"}`),
		put("StopStreamEncryption", `{`+name+`,"EncryptionType":"KMS","KeyId":"key"}`),
		put("SplitShard", `{`+name+`,"ShardToSplit":"shardId-000000000000","NewStartingHashKey":"1000"}`),
		put("MergeShards", `{`+name+`,"ShardToMerge":"shardId-000000000003","AdjacentShardToMerge":"shardId-000000000001"}`),
		put("UpdateShardCount", `{`+name+`,"TargetShardCount":3,"ScalingType":"UNIFORM_SCALING"}`),
		put("IncreaseStreamRetentionPeriod", `{`+name+`,"RetentionPeriodHours":48}`),
		put("DecreaseStreamRetentionPeriod", `{`+name+`,"RetentionPeriodHours":36}`),
		put("EnableEnhancedMonitoring", `{`+name+`,"ShardLevelMetrics":["IncomingBytes","OutgoingBytes"]}`),
		put("DisableEnhancedMonitoring", `{`+name+`,"ShardLevelMetrics":["IncomingBytes"]}`),
		put("UpdateMaxRecordSize", `{"StreamARN":`+arn+`,"MaxRecordSizeInKiB":2048}`),
		put("RegisterStreamConsumer", `{`+consumer+`"stays"}`),
		put("RegisterStreamConsumer", `{`+consumer+`"goes","Tags":{"a":"b"}}`),
		put("DeregisterStreamConsumer", `{`+consumer+`"goes"}`),
		put("RegisterStreamConsumer", `{`+consumer+`"goes"}`),
		put("PutResourcePolicy", `{"ResourceARN":`+arn+`,"Policy":"{\"Statement\":[]}"}`),
		put("DeleteResourcePolicy", `{"ResourceARN":`+arn+`}`),
		put("AddTagsToStream", `{`+name+`,"Tags":{"c":"d"}}`),
		put("RemoveTagsFromStream", `{`+name+`,"TagKeys":["a"]}`),
		put("TagResource", `{"ResourceARN":`+arn+`,"Tags":{"e":"f"}}`),
		put("UntagResource", `{"ResourceARN":`+arn+`,"TagKeys":["c"]}`),
		put("UpdateStreamMode", `{"StreamARN":`+arn+`,"StreamModeDetails":{"StreamMode":"ON_DEMAND"}}`),
		put("CreateChannel", `{"ChannelName":"lake","ServiceExecutionRoleARN":"arn:aws:iam::000000000000:role/r","StreamConfigurationList":[{"StreamARN":`+arn+`,
			"RecordConfiguration":{"RecordFormatType":"STRING"}}],"S3DestinationConfiguration":{"StorageConfiguration":{"BucketARN":"arn:aws:s3:::lake",
			"ExpectedBucketOwner":"000000000000","CompressionType":"NONE"},"DeadLetterQueueS3Configuration":{"BucketARN":"arn:aws:s3:::lake","ExpectedBucketOwner":"000000000000"},"DataFreshnessInSeconds":300}}`),
		put("UpdateChannel", `{`+channel+`,"S3DestinationConfiguration":{"DataFreshnessInSeconds":60}}`),
		put("DeleteChannel", `{`+channel+`}`),
		put("CreateStream", `{"StreamName":"demand","StreamModeDetails":{"StreamMode":"ON_DEMAND"}}`),
		put("UpdateStreamWarmThroughput", `{"StreamName":"demand","WarmThroughputMiBps":6}`),
		put("UpdateStreamRecordDistributionStrategy", `{"StreamARN":`+demand+`,"RecordDistributionStrategy":"AUTO"}`),
		put("PutRecord", `{"StreamName":"demand","Data":"ZA==","PartitionKey":"k"}`),
		put("UpdateAccountSettings", `{"MinimumThroughputBillingCommitment":{"Status":"DISABLED"}}`),
		put("DeleteStream", `{"StreamName":"demand"}`),
		put("DeleteStream", `{`+name+`,"EnforceConsumerDeletion":true}`),
		put("CreateStream", `{`+name+`,"ShardCount":1}`),
		put("DeleteStream", `{`+name+`}`),
	}
}

func walkTables() []step {
	const (
		leases = `"TableName":"leases"`
		arn    = `"ResourceArn":"arn:aws:dynamodb:us-east-1:000000000000:table/leases"`
		key    = `"Key":{"k":{"S":"a"}}`
	)
	put := func(operation, body string) step { return step{"dynamodb", operation, `{` + body + `}`} }
	create := put("CreateTable", leases+`,"BillingMode":"PAY_PER_REQUEST","KeySchema":[{"AttributeName":"k","KeyType":"HASH"}],
		"AttributeDefinitions":[{"AttributeName":"k","AttributeType":"S"}],"Tags":[{"Key":"a","Value":"b"}]`)
	return []step{
		create,
		put("PutItem", leases+`,"Item":{"k":{"S":"a"},"s":{"N":"1.50"},"b":{"B":"AP8="},"t":{"BOOL":true},"z":{"NULL":true},
			"l":{"L":[{"S":""},{"M":{"x":{"NS":["2","1"]}}}]},"ss":{"SS":["b","a"]},"bs":{"BS":["AA=="]},"m":{"M":{}}}`),
		put("UpdateItem", leases+`,`+key+`,"UpdateExpression":"SET o = :o REMOVE l","ExpressionAttributeValues":{":o":{"S":"v"}}`),
		put("BatchWriteItem", `"RequestItems":{"leases":[{"PutRequest":{"Item":{"k":{"S":"b"},"o":{"S":"w"}}}},{"DeleteRequest":{"Key":{"k":{"S":"c"}}}}]}`),
		put("UpdateTable", leases+`,"AttributeDefinitions":[{"AttributeName":"o","AttributeType":"S"}],"GlobalSecondaryIndexUpdates":[{"Create":{"IndexName":"byOwner",
			"KeySchema":[{"AttributeName":"o","KeyType":"HASH"}],"Projection":{"ProjectionType":"KEYS_ONLY"}}}]`),
		put("UpdateTable", leases+`,"DeletionProtectionEnabled":true,"TableClass":"STANDARD_INFREQUENT_ACCESS"`),
		put("UpdateTable", leases+`,"BillingMode":"PROVISIONED","ProvisionedThroughput":{"ReadCapacityUnits":5,"WriteCapacityUnits":6},"GlobalSecondaryIndexUpdates":[
			{"Update":{"IndexName":"byOwner","ProvisionedThroughput":{"ReadCapacityUnits":7,"WriteCapacityUnits":8}}}]`),
		put("UpdateTable", leases+`,"GlobalSecondaryIndexUpdates":[{"Delete":{"IndexName":"byOwner"}}]`),
		put("TagResource", arn+`,"Tags":[{"Key":"c","Value":"d"}]`),
		put("UntagResource", arn+`,"TagKeys":["a"]`),
		put("UpdateContinuousBackups", leases+`,"PointInTimeRecoverySpecification":{"PointInTimeRecoveryEnabled":true}`),
		put("UpdateContinuousBackups", leases+`,"PointInTimeRecoverySpecification":{"PointInTimeRecoveryEnabled":false}`),
		put("DeleteItem", leases+`,`+key),
		put("UpdateTable", leases+`,"DeletionProtectionEnabled":false`),
		put("DeleteTable", leases),
		create,
		put("DeleteTable", leases),
	}
}

func walkBuckets() []step {
	const (
		bucket = "/batches"
		etag   = `<ETag>"05a671c66aefea124cc08b76ea6d30bb"</ETag>` // of "testtest"
		block  = `<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls></PublicAccessBlockConfiguration>`
	)
	return []step{
		{http.MethodPut, bucket, ""},
		{http.MethodPut, bucket + "/plain", "body"},
		{http.MethodPut, bucket + "/plain", "another body"},
		{http.MethodPut, bucket + "/plain?tagging", tagging("a")},
		{http.MethodPut, bucket + "/copied", "copy /batches/plain"},
		{http.MethodDelete, bucket + "/plain?tagging", ""},
		{http.MethodPut, bucket + "?tagging", tagging("c")},
		{http.MethodDelete, bucket + "?tagging", ""},
		{http.MethodPut, bucket + "?policy", "{}"},
		{http.MethodDelete, bucket + "?policy", ""},
		{http.MethodPut, bucket + "?publicAccessBlock", block},
		{http.MethodDelete, bucket + "?publicAccessBlock", ""},
		{http.MethodPut, bucket + "?lifecycle", "<LifecycleConfiguration><Rule><ID>r</ID><Filter><Prefix>a</Prefix></Filter><Status>Enabled</Status>" +
			"<Expiration><Days>1</Days></Expiration></Rule></LifecycleConfiguration>"},
		{http.MethodDelete, bucket + "?lifecycle", ""},
		{http.MethodPut, bucket + "?encryption", "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm>" +
			"</ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>"},
		{http.MethodDelete, bucket + "?encryption", ""},
		{http.MethodPut, bucket + "?ownershipControls", "<OwnershipControls><Rule><ObjectOwnership>BucketOwnerPreferred</ObjectOwnership></Rule></OwnershipControls>"},
		{http.MethodDelete, bucket + "?ownershipControls", ""},
		{http.MethodPost, bucket + "/parts?uploads", ""},
		{http.MethodPut, bucket + "/parts?uploadId=UPLOAD&partNumber=1", "part"},
		{http.MethodPut, bucket + "/parts?uploadId=UPLOAD&partNumber=1", "testtest"},
		{http.MethodPut, bucket + "/parts?uploadId=UPLOAD&partNumber=2", "copy /batches/plain"},
		{http.MethodPost, bucket + "/parts?uploadId=UPLOAD", "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber>" + etag + "</Part></CompleteMultipartUpload>"},
		{http.MethodPost, bucket + "/parts?uploads", ""},
		{http.MethodPut, bucket + "/parts?uploadId=UPLOAD&partNumber=1", "part"},
		{http.MethodDelete, bucket + "/parts?uploadId=UPLOAD", ""},
		{http.MethodDelete, bucket + "/copied", ""},
		{http.MethodPost, bucket + "?delete", "<Delete><Object><Key>plain</Key></Object><Object><Key>parts</Key></Object><Object><Key>none</Key></Object></Delete>"},
		{http.MethodPost, bucket + "/left?uploads", ""},
		{http.MethodPut, bucket + "/left?uploadId=UPLOAD&partNumber=1", "part"},
		{http.MethodDelete, bucket, ""},
	}
}
