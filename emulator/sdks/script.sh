#!/usr/bin/env bash
# The conformance script by the aws command line, which cannot subscribe to shards. Usage: script.sh ENDPOINT
set -euo pipefail
export AWS_ENDPOINT_URL=$1 AWS_PAGER=

stream=clicks
first=shardId-000000000000
middle=170141183460469231731687303715884105728

kinesis() { aws kinesis "$@" --output text; }
put() { kinesis put-record --stream-name $stream --partition-key k --data "$1" --explicit-hash-key "$2" --query ShardId; }
iterator() { kinesis get-shard-iterator --stream-name $stream --shard-id "$1" --shard-iterator-type "$2" --query ShardIterator "${@:3}"; }

# words prints what is not empty, each after a space.
words() {
	for word in "$@"; do
		[ -z "$word" ] || [ "$word" = None ] || printf ' %s' "$word"
	done
}

# data prints the base64 texts of a reply in the clear.
data() {
	for text in "$@"; do
		[ "$text" = None ] || words "$(base64 -d <<<"$text")"
	done
}

# refused prints the code of the error that a command must end with.
refused() {
	if ! "$@" 2>&1 >/dev/null; then return; fi | sed -n 's/.*An error occurred (\([A-Za-z]*\)).*/\1/p'
}

get() {
	local records
	records=$(kinesis get-records --shard-iterator "$(iterator $first "$1" "${@:2}")" --query 'Records[].Data')
	echo "get $1$(data $records)"
}

list_shards() {
	kinesis list-shards --stream-name $stream --query \
		'Shards[].[ShardId,ParentShardId,AdjacentParentShardId,SequenceNumberRange.EndingSequenceNumber,HashKeyRange.StartingHashKey,HashKeyRange.EndingHashKey]' |
		while read -r id parent adjacent ending start end; do
			state=closed
			[ "$ending" != None ] || state=open
			echo "shard $id ${parent/None/-} ${adjacent/None/-} $state $start-$end"
		done
}

kinesis create-stream --stream-name $stream --shard-count 2
kinesis wait stream-exists --stream-name $stream
echo "create$(words $(kinesis describe-stream-summary --stream-name $stream --query 'StreamDescriptionSummary.[StreamStatus,OpenShardCount]'))"
echo "put $(put one 0)"
batch=($(kinesis put-records --stream-name $stream --records Data=two,PartitionKey=k,ExplicitHashKey=0 \
	Data=three,PartitionKey=k,ExplicitHashKey=$middle Data=four,PartitionKey=k,ExplicitHashKey=0 \
	--query '[[Records[0].SequenceNumber,FailedRecordCount],Records[].ShardId][]'))
second=${batch[0]}
echo "put batch$(words "${batch[@]:1}")"
get TRIM_HORIZON
get AT_SEQUENCE_NUMBER --starting-sequence-number "$second"
get AFTER_SEQUENCE_NUMBER --starting-sequence-number "$second"
get AT_TIMESTAMP --timestamp 1
latest=$(iterator $first LATEST)
put five 0 >/dev/null
echo "get LATEST$(data $(kinesis get-records --shard-iterator "$latest" --query 'Records[].Data'))"

kinesis split-shard --stream-name $stream --shard-to-split $first --new-starting-hash-key 1000
echo split
list_shards
kinesis merge-shards --stream-name $stream --shard-to-merge shardId-000000000002 --adjacent-shard-to-merge shardId-000000000003
echo merge
list_shards
put six 0 >/dev/null
for shard in 0 2 3 4; do
	reply=$(aws kinesis get-records --shard-iterator "$(iterator shardId-00000000000$shard TRIM_HORIZON)" --output json)
	records=$(data $(python3 -c 'import json, sys; print(*[r["Data"] for r in json.load(sys.stdin)["Records"]])' <<<"$reply"))
	children=$(python3 -c 'import json, sys; print(*[c["ShardId"] for c in json.load(sys.stdin).get("ChildShards", [])])' <<<"$reply")
	echo "read shardId-00000000000$shard$records${children:+ then $children}"
done

arn=$(kinesis describe-stream-summary --stream-name $stream --query StreamDescriptionSummary.StreamARN)
kinesis register-stream-consumer --stream-arn "$arn" --consumer-name fan >/dev/null
until consumer=$(kinesis describe-stream-consumer --stream-arn "$arn" --consumer-name fan --query 'ConsumerDescription.[ConsumerName,ConsumerStatus]') &&
	[[ $consumer == *ACTIVE ]]; do :; done
echo "consumer$(words $consumer)"
kinesis deregister-stream-consumer --stream-arn "$arn" --consumer-name fan
kinesis describe-stream-summary --stream-name nowhere 2>&1 | sed -n 's/.*An error occurred (\(.*\)) when calling the [A-Za-z]* operation: /missing \1 /p' || true

dynamodb() { aws dynamodb "$@" --table-name leases --output text; }
dynamodb create-table --billing-mode PAY_PER_REQUEST --key-schema AttributeName=leaseKey,KeyType=HASH \
	--attribute-definitions AttributeName=leaseKey,AttributeType=S >/dev/null
dynamodb wait table-exists
echo "table $(dynamodb describe-table --query Table.TableStatus)"
dynamodb put-item --item '{"leaseKey":{"S":"a"},"leaseCounter":{"N":"1"}}' >/dev/null
update() {
	dynamodb update-item --key '{"leaseKey":{"S":"a"}}' --update-expression 'SET leaseCounter = :new' --condition-expression 'leaseCounter = :old' \
		--expression-attribute-values '{":old":{"N":"1"},":new":{"N":"2"}}' --return-values ALL_NEW --query Attributes.leaseCounter.N
}
echo "update won $(update)"
echo "update lost $(refused update)"
echo "item$(words $(dynamodb get-item --key '{"leaseKey":{"S":"a"}}' --consistent-read --query '[Item.leaseKey.S,Item.leaseCounter.N]'))"

folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
object() {
	printf %s "$1" >"$folder/$1"
	aws s3api put-object --bucket batches --key a/key --body "$folder/$1" "${@:2}" --query ETag --output text
}
aws s3api create-bucket --bucket batches >/dev/null
etag=$(object first --if-none-match '*')
echo 'object won'
echo "object lost $(refused object second --if-none-match '*')"
aws s3api get-object --bucket batches --key a/key "$folder/got" >/dev/null
echo "object $(cat "$folder/got")"
object third --if-match "$etag" >/dev/null
echo 'object replaced'
echo "object not replaced $(refused object fourth --if-match "$etag")"
echo "keys$(words $(aws s3api list-objects-v2 --bucket batches --query 'Contents[].Key' --output text))"

aws cloudwatch put-metric-data --namespace clicks --metric-data 'MetricName=stored,Dimensions=[{Name=shard,Value=0}],Value=1.5'
echo "metric$(words $(aws cloudwatch list-metrics --namespace clicks --query 'Metrics[].[MetricName,Dimensions[0].Name,Dimensions[0].Value][]' --output text))"

aws s3api delete-object --bucket batches --key a/key >/dev/null
aws s3api delete-bucket --bucket batches
dynamodb delete-table >/dev/null
kinesis delete-stream --stream-name $stream
kinesis wait stream-not-exists --stream-name $stream
echo "left $(kinesis list-streams --query 'length(StreamNames)') $(aws dynamodb list-tables --query 'length(TableNames)' --output text)" \
	"$(aws s3api list-buckets --query 'length(Buckets || `[]`)' --output text)"
