import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import software.amazon.kinesis.retrieval.AggregatorUtil;
import software.amazon.kinesis.retrieval.KinesisClientRecord;

/** Takes Kinesis records apart as the KCL does: in each line the first and last hash key of the shard, partition key and data, the latter two in base64. */
class Deaggregate {
  public static void main(String[] args) throws Exception {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
    for (String line; (line = in.readLine()) != null; ) {
      String[] part = line.split(" ", -1);
      KinesisClientRecord record = KinesisClientRecord.builder()
          .partitionKey(new String(Base64.getDecoder().decode(part[2]), "UTF-8"))
          .data(ByteBuffer.wrap(Base64.getDecoder().decode(part[3])))
          .sequenceNumber("1").approximateArrivalTimestamp(Instant.EPOCH).build();
      for (KinesisClientRecord one : new AggregatorUtil().deaggregate(List.of(record), part[0], part[1])) {
        byte[] data = new byte[one.data().remaining()];
        one.data().get(data);
        String hashKey = one.explicitHashKey() == null ? "" : new BigInteger(one.explicitHashKey()).toString();
        System.out.println(Base64.getEncoder().encodeToString(one.partitionKey().getBytes("UTF-8")) + " " + hashKey + " "
            + Base64.getEncoder().encodeToString(data));
      }
    }
  }
}
