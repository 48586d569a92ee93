package bootstrap

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"clickstream/internal/leases"
)

// besideLimit bounds what is done beside the daemon's start.
const besideLimit = 10 * time.Second

// besideStart is what java, which takes seconds to begin, needs not wait for.
func (l *launch) besideStart(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, besideLimit)
	defer cancel()
	l.tellFirstStart(ctx)
	l.releaseLeader(ctx)
}

// tellFirstStart says that nothing is wrong where the daemon seems to do nothing.
func (l *launch) tellFirstStart(ctx context.Context) {
	_, err := leases.NewTable(l.clients.DynamoDB, l.Settings.TableName).Get(ctx, "shardId-000000000000")
	if _, missing := errors.AsType[*types.ResourceNotFoundException](err); missing {
		l.say("this application starts for the first time: the KCL takes about two minutes until its first record, a few seconds with --take-leases")
	}
}

// releaseLeader deletes KCL 3's leader lock where a daemon of this worker id held it when it died. The KCL would wait for two minutes until the lock
// has run out: its lock client knows a lock of its own only by the number that it wrote itself in this life. Meanwhile no new lease is
// given to anybody. That the one before is dead is certain: this process holds the file lock of the id. Two conditions make it
// harmless anyway: the lock is deleted only under this name, and only as it was found. No lock, no table or no permission is nothing to
// report: the KCL then waits.
func (l *launch) releaseLeader(ctx context.Context) {
	if strings.HasPrefix(l.jars.Lock.KCL, "2.") {
		return // every worker looks after itself
	}
	tables, err := leases.NamesOf(l.Settings)
	if err != nil {
		return
	}
	key := map[string]types.AttributeValue{"key": &types.AttributeValueMemberS{Value: "Leader"}}
	found, err := l.clients.DynamoDB.GetItem(ctx, &dynamodb.GetItemInput{TableName: &tables.Coordinator, Key: key, ConsistentRead: aws.Bool(true)})
	if err != nil {
		return
	}
	owner, _ := found.Item["ownerName"].(*types.AttributeValueMemberS)
	if owner == nil || owner.Value != l.worker.ID {
		return
	}
	_, err = l.clients.DynamoDB.DeleteItem(ctx, &dynamodb.DeleteItemInput{
		TableName: &tables.Coordinator, Key: key,
		ConditionExpression:      aws.String("#owner = :owner AND #version = :version"),
		ExpressionAttributeNames: map[string]string{"#owner": "ownerName", "#version": "recordVersionNumber"},
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":owner": owner, ":version": found.Item["recordVersionNumber"],
		},
	})
	if err == nil {
		l.say("worker %s was the leader when it last ended without notice: its lock is released", l.worker.ID)
	}
}
