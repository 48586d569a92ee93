import static java.util.stream.Collectors.joining;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import java.util.stream.Stream;
import software.amazon.awssdk.awscore.client.builder.AwsAsyncClientBuilder;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.client.builder.AwsSyncClientBuilder;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.async.AsyncRequestBody;
import software.amazon.awssdk.core.async.AsyncResponseTransformer;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.crt.AwsCrtHttpClient;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.services.cloudwatch.CloudWatchAsyncClient;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClient;
import software.amazon.awssdk.services.cloudwatch.model.*;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.*;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.*;
import software.amazon.awssdk.services.kinesis.model.GetRecordsRequest;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.GetShardIteratorRequest;
import software.amazon.awssdk.services.kinesis.model.GetShardIteratorResponse;
import software.amazon.awssdk.services.kinesis.model.ListStreamsRequest;
import software.amazon.awssdk.services.kinesis.model.ListStreamsResponse;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;
import software.amazon.awssdk.services.kinesis.model.StreamStatus;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.S3AsyncClientBuilder;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.model.*;

/**
 * The conformance script by the AWS SDK for Java, with its synchronous clients, its asynchronous ones (HTTP/2) or those of its common
 * runtime. Usage: java Script.java sync|async|crt ENDPOINT
 */
public class Script {
  static final String STREAM = "clicks";
  static final String FIRST = "shardId-000000000000";
  static final String MIDDLE = "170141183460469231731687303715884105728";

  final Object kinesis, dynamodb, s3, cloudwatch;
  final boolean async;

  Script(String kind, URI endpoint) {
    async = kind.equals("async");
    kinesis = build(async ? KinesisAsyncClient.builder() : KinesisClient.builder(), kind, endpoint);
    dynamodb = build(async ? DynamoDbAsyncClient.builder() : DynamoDbClient.builder(), kind, endpoint);
    cloudwatch = build(async ? CloudWatchAsyncClient.builder() : CloudWatchClient.builder(), kind, endpoint);
    s3 = switch (kind) {
      case "async" -> build(S3AsyncClient.builder().forcePathStyle(true), kind, endpoint);
      case "crt" -> S3AsyncClient.crtBuilder().forcePathStyle(true).endpointOverride(endpoint).build();
      default -> build(S3Client.builder().forcePathStyle(true), kind, endpoint);
    };
  }

  static Object build(AwsClientBuilder<?, ?> builder, String kind, URI endpoint) {
    builder.endpointOverride(endpoint);
    if (builder instanceof AwsSyncClientBuilder<?, ?> sync) {
      sync.httpClient(kind.equals("crt") ? AwsCrtHttpClient.create() : UrlConnectionHttpClient.create());
    }
    if (builder instanceof AwsAsyncClientBuilder<?, ?> async) { // with patience for a busy machine
      async.httpClientBuilder(NettyNioAsyncHttpClient.builder().connectionAcquisitionTimeout(Duration.ofMinutes(2)));
    }
    return builder.build();
  }

  /** Calls an operation by its name, and waits for what an asynchronous client promises. */
  @SuppressWarnings("unchecked")
  static <T> T call(Object client, String operation, Object... arguments) {
    for (var method : client.getClass().getMethods()) {
      var types = method.getParameterTypes();
      boolean fits = method.getName().equals(operation) && types.length == arguments.length;
      for (int i = 0; fits && i < types.length; i++) {
        fits = types[i].isInstance(arguments[i]);
      }
      if (!fits) {
        continue;
      }
      try {
        method.setAccessible(true);
        Object result = method.invoke(client, arguments);
        return (T) (result instanceof CompletableFuture<?> future ? future.join() : result);
      } catch (CompletionException | java.lang.reflect.InvocationTargetException error) {
        throw (RuntimeException) error.getCause();
      } catch (IllegalAccessException error) {
        throw new IllegalStateException(error);
      }
    }
    throw new IllegalArgumentException(operation);
  }

  static void say(Object... words) {
    System.out.println(Stream.of(words).map(String::valueOf).filter(word -> !word.isEmpty()).collect(joining(" ")));
  }

  static String refused(Supplier<?> call) {
    try {
      call.get();
      return "nothing";
    } catch (AwsServiceException error) {
      return error.awsErrorDetails().errorCode();
    }
  }

  static String data(List<Record> records) {
    return records.stream().map(record -> record.data().asUtf8String()).collect(joining(" "));
  }

  static String children(List<ChildShard> shards) {
    return shards.isEmpty() ? "" : "then " + shards.stream().map(ChildShard::shardId).collect(joining(" "));
  }

  PutRecordResponse put(String content, String at) {
    return call(kinesis, "putRecord",
        PutRecordRequest.builder().streamName(STREAM).data(SdkBytes.fromUtf8String(content)).partitionKey("k").explicitHashKey(at).build());
  }

  GetRecordsResponse records(String iterator) {
    return call(kinesis, "getRecords", GetRecordsRequest.builder().shardIterator(iterator).limit(3).build());
  }

  String iterator(GetShardIteratorRequest.Builder position) {
    GetShardIteratorResponse reply = call(kinesis, "getShardIterator", position.streamName(STREAM).build());
    return reply.shardIterator();
  }

  void get(GetShardIteratorRequest.Builder position) {
    var kind = position.build().shardIteratorType();
    say("get", kind, data(records(iterator(position.shardId(FIRST))).records()));
  }

  static GetShardIteratorRequest.Builder from(ShardIteratorType kind) {
    return GetShardIteratorRequest.builder().shardIteratorType(kind);
  }

  StreamDescriptionSummary summary(String stream) {
    DescribeStreamSummaryResponse reply =
        call(kinesis, "describeStreamSummary", DescribeStreamSummaryRequest.builder().streamName(stream).build());
    return reply.streamDescriptionSummary();
  }

  void listShards() {
    ListShardsResponse reply = call(kinesis, "listShards", ListShardsRequest.builder().streamName(STREAM).build());
    for (var shard : reply.shards()) {
      var keys = shard.hashKeyRange();
      say("shard", shard.shardId(), shard.parentShardId() == null ? "-" : shard.parentShardId(),
          shard.adjacentParentShardId() == null ? "-" : shard.adjacentParentShardId(),
          shard.sequenceNumberRange().endingSequenceNumber() == null ? "open" : "closed",
          keys.startingHashKey() + "-" + keys.endingHashKey());
    }
  }

  static PutRecordsRequestEntry entry(String content, String at) {
    return PutRecordsRequestEntry.builder().data(SdkBytes.fromUtf8String(content)).partitionKey("k").explicitHashKey(at).build();
  }

  void putAndGet() throws InterruptedException {
    call(kinesis, "createStream", CreateStreamRequest.builder().streamName(STREAM).shardCount(2).build());
    while (summary(STREAM).streamStatus() != StreamStatus.ACTIVE) {
      Thread.sleep(100);
    }
    say("create", summary(STREAM).streamStatus(), summary(STREAM).openShardCount());
    say("put", put("one", "0").shardId());
    PutRecordsResponse batch = call(kinesis, "putRecords", PutRecordsRequest.builder().streamName(STREAM)
        .records(entry("two", "0"), entry("three", MIDDLE), entry("four", "0")).build());
    say("put batch", batch.failedRecordCount(), batch.records().stream().map(PutRecordsResultEntry::shardId).collect(joining(" ")));
    String second = batch.records().get(0).sequenceNumber();
    get(from(ShardIteratorType.TRIM_HORIZON));
    get(from(ShardIteratorType.AT_SEQUENCE_NUMBER).startingSequenceNumber(second));
    get(from(ShardIteratorType.AFTER_SEQUENCE_NUMBER).startingSequenceNumber(second));
    get(from(ShardIteratorType.AT_TIMESTAMP).timestamp(Instant.ofEpochSecond(1)));
    String latest = iterator(from(ShardIteratorType.LATEST).shardId(FIRST));
    put("five", "0");
    say("get LATEST", data(records(latest).records()));
  }

  void reshard() {
    call(kinesis, "splitShard", SplitShardRequest.builder().streamName(STREAM).shardToSplit(FIRST).newStartingHashKey("1000").build());
    say("split");
    listShards();
    call(kinesis, "mergeShards", MergeShardsRequest.builder().streamName(STREAM)
        .shardToMerge("shardId-000000000002").adjacentShardToMerge("shardId-000000000003").build());
    say("merge");
    listShards();
    put("six", "0");
    for (int number : new int[] {0, 2, 3, 4}) {
      String shard = "shardId-00000000000" + number;
      var content = new ArrayList<String>();
      String place = iterator(from(ShardIteratorType.TRIM_HORIZON).shardId(shard));
      GetRecordsResponse reply = null;
      while (place != null) {
        reply = records(place);
        content.add(data(reply.records()));
        place = reply.millisBehindLatest() == 0 && reply.records().isEmpty() ? null : reply.nextShardIterator();
      }
      say("read", shard, content.stream().filter(text -> !text.isEmpty()).collect(joining(" ")), children(reply.childShards()));
    }
  }

  void fanOut() throws InterruptedException {
    String stream = summary(STREAM).streamARN();
    RegisterStreamConsumerResponse made =
        call(kinesis, "registerStreamConsumer", RegisterStreamConsumerRequest.builder().streamARN(stream).consumerName("fan").build());
    ConsumerDescription consumer;
    do {
      DescribeStreamConsumerResponse reply = call(kinesis, "describeStreamConsumer",
          DescribeStreamConsumerRequest.builder().streamARN(stream).consumerName("fan").build());
      consumer = reply.consumerDescription();
    } while (consumer.consumerStatus() != ConsumerStatus.ACTIVE);
    say("consumer", consumer.consumerName(), consumer.consumerStatus());
    if (async) {
      var handler = SubscribeToShardResponseHandler.builder().subscriber(SubscribeToShardResponseHandler.Visitor.builder()
          .onSubscribeToShardEvent(event -> say("fan-out", data(event.records()), children(event.childShards()))).build()).build();
      ((KinesisAsyncClient) kinesis).subscribeToShard(SubscribeToShardRequest.builder().consumerARN(made.consumer().consumerARN()).shardId(FIRST)
          .startingPosition(position -> position.type(ShardIteratorType.TRIM_HORIZON)).build(), handler).join();
    }
    call(kinesis, "deregisterStreamConsumer", DeregisterStreamConsumerRequest.builder().consumerARN(made.consumer().consumerARN()).build());
    try {
      summary("nowhere");
    } catch (AwsServiceException error) {
      say("missing", error.awsErrorDetails().errorCode(), error.awsErrorDetails().errorMessage());
    }
  }

  void leases() {
    call(dynamodb, "createTable", CreateTableRequest.builder().tableName("leases").billingMode(BillingMode.PAY_PER_REQUEST)
        .keySchema(key -> key.attributeName("leaseKey").keyType(KeyType.HASH))
        .attributeDefinitions(attribute -> attribute.attributeName("leaseKey").attributeType(ScalarAttributeType.S)).build());
    DescribeTableResponse table = call(dynamodb, "describeTable", DescribeTableRequest.builder().tableName("leases").build());
    say("table", table.table().tableStatus());
    var key = Map.of("leaseKey", AttributeValue.fromS("a"));
    call(dynamodb, "putItem", PutItemRequest.builder().tableName("leases")
        .item(Map.of("leaseKey", AttributeValue.fromS("a"), "leaseCounter", AttributeValue.fromN("1"))).build());
    var update = UpdateItemRequest.builder().tableName("leases").key(key).updateExpression("SET leaseCounter = :new")
        .conditionExpression("leaseCounter = :old").returnValues(ReturnValue.ALL_NEW)
        .expressionAttributeValues(Map.of(":old", AttributeValue.fromN("1"), ":new", AttributeValue.fromN("2"))).build();
    UpdateItemResponse won = call(dynamodb, "updateItem", update);
    say("update won", won.attributes().get("leaseCounter").n());
    say("update lost", refused(() -> call(dynamodb, "updateItem", update)));
    GetItemResponse got = call(dynamodb, "getItem", GetItemRequest.builder().tableName("leases").key(key).consistentRead(true).build());
    say("item", got.item().get("leaseKey").s(), got.item().get("leaseCounter").n());
  }

  PutObjectResponse object(String content, PutObjectRequest.Builder condition) {
    Object body = s3 instanceof S3AsyncClient ? AsyncRequestBody.fromString(content) : RequestBody.fromString(content);
    return call(s3, "putObject", condition.bucket("batches").key("a/key").build(), body);
  }

  void objects() {
    call(s3, "createBucket", CreateBucketRequest.builder().bucket("batches").build());
    String etag = object("first", PutObjectRequest.builder().ifNoneMatch("*")).eTag();
    say("object won");
    say("object lost", refused(() -> object("second", PutObjectRequest.builder().ifNoneMatch("*"))));
    var get = GetObjectRequest.builder().bucket("batches").key("a/key").build();
    say("object", s3 instanceof S3AsyncClient client
        ? client.getObject(get, AsyncResponseTransformer.toBytes()).join().asUtf8String()
        : ((S3Client) s3).getObjectAsBytes(get).asUtf8String());
    object("third", PutObjectRequest.builder().ifMatch(etag));
    say("object replaced");
    say("object not replaced", refused(() -> object("fourth", PutObjectRequest.builder().ifMatch(etag))));
    ListObjectsV2Response found = call(s3, "listObjectsV2", ListObjectsV2Request.builder().bucket("batches").build());
    say("keys", found.contents().stream().map(S3Object::key).collect(joining(" ")));
  }

  void metrics() {
    call(cloudwatch, "putMetricData", PutMetricDataRequest.builder().namespace("clicks")
        .metricData(datum -> datum.metricName("stored").value(1.5).dimensions(dimension -> dimension.name("shard").value("0"))).build());
    ListMetricsResponse listed = call(cloudwatch, "listMetrics", ListMetricsRequest.builder().namespace("clicks").build());
    for (var metric : listed.metrics()) {
      say("metric", metric.metricName(), metric.dimensions().get(0).name(), metric.dimensions().get(0).value());
    }
  }

  void clean() throws InterruptedException {
    call(s3, "deleteObject", DeleteObjectRequest.builder().bucket("batches").key("a/key").build());
    call(s3, "deleteBucket", DeleteBucketRequest.builder().bucket("batches").build());
    call(dynamodb, "deleteTable", DeleteTableRequest.builder().tableName("leases").build());
    call(kinesis, "deleteStream", DeleteStreamRequest.builder().streamName(STREAM).build());
    ListStreamsResponse streams;
    do {
      streams = call(kinesis, "listStreams", ListStreamsRequest.builder().build());
    } while (!streams.streamNames().isEmpty());
    ListTablesResponse tables = call(dynamodb, "listTables", ListTablesRequest.builder().build());
    ListBucketsResponse buckets = call(s3, "listBuckets", ListBucketsRequest.builder().build());
    say("left", streams.streamNames().size(), tables.tableNames().size(), buckets.buckets().size());
  }

  public static void main(String[] arguments) throws InterruptedException {
    var script = new Script(arguments[0], URI.create(arguments[1]));
    script.putAndGet();
    script.reshard();
    script.fanOut();
    script.leases();
    script.objects();
    script.metrics();
    script.clean();
    System.exit(0); // the clients' threads go on
  }
}
