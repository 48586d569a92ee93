//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/big"
	"math/rand/v2"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
)

func plusOne(n string) string {
	sum, _ := new(big.Int).SetString(n, 10)
	return sum.Add(sum, big.NewInt(1)).String()
}

func middle(low, high string) string {
	a, _ := new(big.Int).SetString(low, 10)
	b, _ := new(big.Int).SetString(high, 10)
	return a.Add(a, b).Rsh(a, 1).String()
}

// either is what something was when that was last acknowledged, and what it is if the change took effect that was under way. "" is
// nothing there.
type either struct{ was, may string }

// settle says what it is from then on, or that it can be neither.
func (e *either) settle(found string) error {
	if found != e.was && found != e.may {
		return fmt.Errorf("%.60q is there; it was %.60q, perhaps %.60q", found, e.was, e.may)
	}
	e.was, e.may = found, found
	return nil
}

// updater counts in items by conditional updates, and deletes them by condition.
type updater struct{ items map[string]*either }

func newUpdater() *updater { return &updater{} }

const countersTable = "counters"

func (u *updater) ready(ctx context.Context, c clients) error {
	if u.items != nil {
		return nil
	}
	u.items = map[string]*either{}
	for i := range 8 {
		u.items["counter-"+strconv.Itoa(i)] = &either{}
	}
	_, err := c.dynamodb.CreateTable(ctx, &dynamodb.CreateTableInput{
		TableName: aws.String(countersTable), BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("id"), AttributeType: types.ScalarAttributeTypeS}},
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("id"), KeyType: types.KeyTypeHash}},
	})
	return err
}

func idOf(id string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: id}}
}

func (u *updater) work(ctx context.Context, c clients, random *rand.Rand) error {
	id := "counter-" + strconv.Itoa(random.IntN(len(u.items)))
	item := u.items[id]
	present, _ := strconv.Atoi(item.was)
	values := map[string]types.AttributeValue{":now": &types.AttributeValueMemberN{Value: item.was}}
	condition := "n = :now"
	if item.was == "" {
		condition, values = "attribute_not_exists(n)", map[string]types.AttributeValue{}
	}
	if item.was != "" && random.IntN(10) == 0 {
		item.may = ""
		if _, err := c.dynamodb.DeleteItem(ctx, &dynamodb.DeleteItemInput{
			TableName: aws.String(countersTable), Key: idOf(id), ConditionExpression: &condition, ExpressionAttributeValues: values,
		}); err != nil {
			return err
		}
		return item.settle("")
	}
	item.may = strconv.Itoa(present + 1)
	values[":next"] = &types.AttributeValueMemberN{Value: item.may}
	if _, err := c.dynamodb.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: aws.String(countersTable), Key: idOf(id), UpdateExpression: aws.String("SET n = :next"), ConditionExpression: &condition,
		ExpressionAttributeValues: values,
	}); err != nil {
		return err
	}
	return item.settle(item.may)
}

func (u *updater) check(ctx context.Context, c clients) error {
	for id, item := range u.items {
		out, err := c.dynamodb.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String(countersTable), Key: idOf(id)})
		if err != nil {
			return err
		}
		found := ""
		if n, ok := out.Item["n"].(*types.AttributeValueMemberN); ok {
			found = n.Value
		}
		if err := item.settle(found); err != nil {
			return fmt.Errorf("item %s: %w", id, err)
		}
	}
	return nil
}

// storer puts and deletes objects, and uploads some in parts, one of which may be left unfinished by a kill.
type storer struct {
	objects map[string]*either
	upload  *string // that has its part, and the key of which is unfinishedKey
	part    string
	tag     *string
}

func newStorer() *storer { return &storer{} }

const (
	batchesBucket = "batches"
	unfinishedKey = "unfinished"
)

func (s *storer) ready(ctx context.Context, c clients) error {
	if s.objects == nil {
		s.objects = map[string]*either{unfinishedKey: {}}
		for i := range 8 {
			s.objects["object-"+strconv.Itoa(i)] = &either{}
		}
		_, err := c.s3.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String(batchesBucket)})
		return err
	}
	if s.upload == nil {
		return nil
	}
	_, err := c.s3.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{
		Bucket: aws.String(batchesBucket), Key: aws.String(unfinishedKey), UploadId: s.upload,
		MultipartUpload: &s3types.CompletedMultipartUpload{Parts: []s3types.CompletedPart{{PartNumber: aws.Int32(1), ETag: s.tag}}},
	})
	if err != nil {
		return fmt.Errorf("an upload whose part was acknowledged: %w", err)
	}
	s.objects[unfinishedKey] = &either{s.part, s.part}
	s.upload = nil
	return nil
}

func (s *storer) work(ctx context.Context, c clients, random *rand.Rand) error {
	if s.upload == nil && random.IntN(10) == 0 {
		return s.begin(ctx, c, random)
	}
	key := "object-" + strconv.Itoa(random.IntN(8))
	object := s.objects[key]
	if random.IntN(4) == 0 {
		object.may = ""
		if _, err := c.s3.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: aws.String(batchesBucket), Key: &key}); err != nil {
			return err
		}
		return object.settle("")
	}
	object.may = content(random)
	if _, err := c.s3.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String(batchesBucket), Key: &key, Body: bytes.NewReader([]byte(object.may))}); err != nil {
		return err
	}
	return object.settle(object.may)
}

// content is of a size that is written to the disk in one piece mostly, and in several now and then.
func content(random *rand.Rand) string {
	size := 1 + random.IntN(5000)
	if random.IntN(20) == 0 {
		size = 400_000
	}
	return strconv.FormatUint(random.Uint64(), 36) + string(bytes.Repeat([]byte{'a' + byte(random.IntN(26))}, size))
}

func (s *storer) begin(ctx context.Context, c clients, random *rand.Rand) error {
	begun, err := c.s3.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{Bucket: aws.String(batchesBucket), Key: aws.String(unfinishedKey)})
	if err != nil {
		return err
	}
	part := content(random)
	out, err := c.s3.UploadPart(ctx, &s3.UploadPartInput{
		Bucket: aws.String(batchesBucket), Key: aws.String(unfinishedKey), UploadId: begun.UploadId, PartNumber: aws.Int32(1), Body: bytes.NewReader([]byte(part)),
	})
	if err == nil {
		s.upload, s.part, s.tag = begun.UploadId, part, out.ETag
	}
	return err
}

func (s *storer) check(ctx context.Context, c clients) error {
	for key, object := range s.objects {
		found := ""
		out, err := c.s3.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String(batchesBucket), Key: &key})
		if missing, ok := errors.AsType[*s3types.NoSuchKey](err); !ok || missing == nil {
			if err != nil {
				return err
			}
			body, err := io.ReadAll(out.Body)
			if err = errors.Join(err, out.Body.Close()); err != nil {
				return err
			}
			found = string(body)
		}
		if err := object.settle(found); err != nil {
			return fmt.Errorf("object %s: %w", key, err)
		}
	}
	return nil
}
