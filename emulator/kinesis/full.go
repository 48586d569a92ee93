package kinesis

// refuseAll answers to a put that the emulator has no memory for, in the way that clients try again after.
func (st *stream) refuseAll(count int) *PutRecordsOutput {
	out := &PutRecordsOutput{FailedRecordCount: int64(count), Records: make([]PutRecordsResultEntry, count)}
	for i := range out.Records {
		out.Records[i] = PutRecordsResultEntry{
			ErrorCode:    "ProvisionedThroughputExceededException",
			ErrorMessage: "Rate exceeded for stream " + st.name + " under account " + st.scope.Account + ": the emulator holds as much as --max-memory allows.",
		}
	}
	return out
}
