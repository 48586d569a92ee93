package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"golang.org/x/sync/errgroup"
)

const tableName = "bench"

// table measures conditional updates of items as the KCL makes them of leases: a counter goes up if it is what it was.
func (c *contestant) table(ctx context.Context, s *server, l *load) error {
	client := dynamodb.NewFromConfig(s.config())
	if err := createTable(ctx, client); err != nil {
		return err
	}
	var all sync.Mutex
	var took []float64
	cost, err := s.costs(func() error {
		ending := time.Now().Add(l.most / 2)
		group, ctx := errgroup.WithContext(ctx)
		for worker := range l.inFlight {
			group.Go(func() error {
				own, err := renew(ctx, client, "shardId-"+strconv.Itoa(worker), ending)
				all.Lock()
				defer all.Unlock()
				took = append(took, own...)
				return err
			})
		}
		return group.Wait()
	})
	if err != nil {
		return err
	}
	c.note(updateRate, float64(len(took))/cost.took.Seconds())
	c.note(updateMillis, median(took))
	c.note(updateCPU, cost.cpu.Seconds()/float64(len(took))*1e6)
	return nil
}

func createTable(ctx context.Context, client *dynamodb.Client) error {
	_, err := client.CreateTable(ctx, &dynamodb.CreateTableInput{
		TableName: aws.String(tableName), BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("leaseKey"), AttributeType: types.ScalarAttributeTypeS}},
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("leaseKey"), KeyType: types.KeyTypeHash}},
	})
	if err != nil {
		return err
	}
	const attempts = 100
	for range attempts {
		out, err := client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: aws.String(tableName)})
		if err != nil {
			return err
		}
		if out.Table.TableStatus == types.TableStatusActive {
			return nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return errors.New("the table does not become ACTIVE")
}

// renew updates one item until a time and returns how many milliseconds each update took.
func renew(ctx context.Context, client *dynamodb.Client, key string, ending time.Time) ([]float64, error) {
	id := map[string]types.AttributeValue{"leaseKey": &types.AttributeValueMemberS{Value: key}}
	item := map[string]types.AttributeValue{
		"leaseKey": id["leaseKey"], "leaseCounter": &types.AttributeValueMemberN{Value: "0"}, "leaseOwner": &types.AttributeValueMemberS{Value: "worker"},
		"checkpoint": &types.AttributeValueMemberS{Value: "TRIM_HORIZON"}, "checkpointSubSequenceNumber": &types.AttributeValueMemberN{Value: "0"},
		"ownerSwitchesSinceCheckpoint": &types.AttributeValueMemberN{Value: "0"},
	}
	_, err := client.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: aws.String(tableName), Item: item, ConditionExpression: aws.String("attribute_not_exists(leaseKey)"),
	})
	if err != nil {
		return nil, err
	}
	var took []float64
	for counter := 0; time.Now().Before(ending); counter++ {
		begin := time.Now()
		_, err := client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
			TableName: aws.String(tableName), Key: id,
			UpdateExpression:    aws.String("SET leaseCounter = :next, leaseOwner = :owner"),
			ConditionExpression: aws.String("leaseCounter = :counter AND leaseOwner = :owner"),
			ExpressionAttributeValues: map[string]types.AttributeValue{
				":counter": &types.AttributeValueMemberN{Value: strconv.Itoa(counter)},
				":next":    &types.AttributeValueMemberN{Value: strconv.Itoa(counter + 1)}, ":owner": &types.AttributeValueMemberS{Value: "worker"},
			},
		})
		if err != nil {
			return took, fmt.Errorf("update %d of %s: %w", counter, key, err)
		}
		took = append(took, millis(time.Since(begin)))
	}
	return took, nil
}
