package leases

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"clickstream/internal/pause"
)

// Table is the lease table of one application. It may be used from several goroutines; the leases it is given may not.
type Table struct {
	client *dynamodb.Client
	name   string
}

// NewTable returns the lease table called name, which is the application's name unless the properties file says otherwise.
func NewTable(client *dynamodb.Client, name string) *Table { return &Table{client: client, name: name} }

// Name returns the table's name.
func (t *Table) Name() string { return t.name }

// LostError says that a write's condition did not hold: somebody else wrote the lease, or deleted it.
type LostError struct {
	Key string
	Now *Lease // the item as it was found instead; nil when it is gone
}

// Error names the lease and who holds it.
func (e *LostError) Error() string {
	switch {
	case e.Now == nil:
		return fmt.Sprintf("lease %s is no longer in the table", e.Key)
	case e.Now.Holder() == "":
		return fmt.Sprintf("lease %s was released by somebody else", e.Key)
	default:
		return fmt.Sprintf("lease %s is held by worker %s", e.Key, e.Now.Holder())
	}
}

// describeInterval is how often Ensure asks whether the table has become ACTIVE; DynamoDB takes some seconds.
const describeInterval = 500 * time.Millisecond

// Ensure creates the table when it is missing, billed per request as KCL 3 creates it, and waits until it is ACTIVE.
func (t *Table) Ensure(ctx context.Context) error {
	for {
		status, err := t.status(ctx)
		if err != nil {
			return err
		}
		switch status {
		case types.TableStatusActive, types.TableStatusUpdating:
			return nil
		case "":
			if err := t.create(ctx); err != nil {
				return err
			}
		default:
			if err := pause.For(ctx, describeInterval); err != nil {
				return fmt.Errorf("lease table %s is %s: %w", t.name, status, err)
			}
		}
	}
}

// status returns the table's status, "" when there is no table.
func (t *Table) status(ctx context.Context) (types.TableStatus, error) {
	out, err := t.client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &t.name})
	if _, missing := errors.AsType[*types.ResourceNotFoundException](err); missing {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("describe lease table %s: %w", t.name, err)
	}
	if keys := out.Table.KeySchema; len(keys) != 1 || aws.ToString(keys[0].AttributeName) != attrKey {
		return "", fmt.Errorf("table %s is not a lease table: its key is not %s; choose another applicationName or tableName",
			t.name, attrKey)
	}
	return out.Table.TableStatus, nil
}

func (t *Table) create(ctx context.Context) error {
	_, err := t.client.CreateTable(ctx, &dynamodb.CreateTableInput{
		TableName:            &t.name,
		BillingMode:          types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String(attrKey), AttributeType: types.ScalarAttributeTypeS}},
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String(attrKey), KeyType: types.KeyTypeHash}},
	})
	if _, raced := errors.AsType[*types.ResourceInUseException](err); raced {
		return nil
	}
	if err != nil {
		return fmt.Errorf("create lease table %s: %w", t.name, err)
	}
	return nil
}

// List returns every lease, by consistent reads. Its order is DynamoDB's.
func (t *Table) List(ctx context.Context) ([]Lease, error) {
	var all []Lease
	pages := dynamodb.NewScanPaginator(t.client, &dynamodb.ScanInput{TableName: &t.name, ConsistentRead: aws.Bool(true)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("scan lease table %s: %w", t.name, err)
		}
		for _, item := range page.Items {
			lease, err := Decode(item)
			if errors.Is(err, ErrNotALease) {
				continue
			}
			if err != nil {
				return nil, fmt.Errorf("lease table %s: %w", t.name, err)
			}
			all = append(all, lease)
		}
	}
	return all, nil
}

// Get returns the lease of a shard by a consistent read, nil when there is none.
func (t *Table) Get(ctx context.Context, key string) (*Lease, error) {
	out, err := t.client.GetItem(ctx, &dynamodb.GetItemInput{TableName: &t.name, Key: itemKey(key), ConsistentRead: aws.Bool(true)})
	if err != nil {
		return nil, fmt.Errorf("read lease %s: %w", key, err)
	}
	if len(out.Item) == 0 {
		return nil, nil //nolint:nilnil // no item is an answer, not a failure
	}
	lease, err := Decode(out.Item)
	if err != nil {
		return nil, err
	}
	return &lease, nil
}

func itemKey(key string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{attrKey: text(key)}
}

// placeholder finds the attributes that an expression names. Compiled when it is used first: every start of the program would wait for it.
//
//nolint:gochecknoglobals // made once
var placeholder = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`#(\w+)`) })

// names returns the ExpressionAttributeNames of expressions whose every placeholder is # and the attribute's own name. Placeholders
// are used throughout: DynamoDB reserves several hundred words.
func names(expressions ...string) map[string]string {
	all := map[string]string{}
	for _, expression := range expressions {
		for _, found := range placeholder().FindAllStringSubmatch(expression, -1) {
			all[found[0]] = found[1]
		}
	}
	return all
}
