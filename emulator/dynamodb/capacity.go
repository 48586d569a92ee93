package dynamodb

import (
	"math"

	"clickstream/emulator/internal/wire"
)

// consumption adds up what an operation costs: one write unit for each KiB, one read unit for each
// 4 KiB, half of it if the read is eventually consistent (Developer Guide, "Read and write
// operations").
type consumption struct {
	table   float64
	indexes map[*index]float64
}

func checkCapacity(c *wire.Check, wanted string) {
	if wanted != "" {
		c.Enum("returnConsumedCapacity", wanted, "INDEXES", "TOTAL", "NONE")
	}
}

func readUnits(bytes int, consistent bool) float64 {
	units := math.Max(1, math.Ceil(float64(bytes)/4096))
	if consistent {
		return units
	}
	return units / 2
}

func writeUnits(bytes int) float64 { return math.Max(1, math.Ceil(float64(bytes)/1024)) }

// read is the cost of reading so many bytes from the table, or from the index unless that is nil.
func read(i *index, bytes int, consistent bool) consumption {
	units := readUnits(bytes, consistent)
	if i == nil {
		return consumption{table: units}
	}
	return consumption{indexes: map[*index]float64{i: units}}
}

// written is the cost of replacing old by item, either of which may be nil. It needs the table's
// lock.
func (t *table) written(old, item Item) consumption {
	c := consumption{table: writeUnits(max(old.Size(), item.Size()))}
	for _, i := range t.indexes {
		if units := i.written(t, old, item); units > 0 {
			if c.indexes == nil {
				c.indexes = map[*index]float64{}
			}
			c.indexes[i] = units
		}
	}
	return c
}

// written is the cost of the change for the index: two writes if an entry moves, none if what the
// index holds stays the same.
func (i *index) written(t *table, old, item Item) float64 {
	view := i.view(t)
	before, after := i.covers(old), i.covers(item)
	was, is := view.Of(old), view.Of(item)
	switch {
	case !before && !after, before && after && was.Equal(is):
		return 0
	case i.keeps(old, item):
		return writeUnits(max(was.Size(), is.Size()))
	}
	units := 0.0
	if before {
		units += writeUnits(was.Size())
	}
	if after {
		units += writeUnits(is.Size())
	}
	return units
}

func (c *consumption) add(other consumption) {
	c.table += other.table
	for i, units := range other.indexes {
		if c.indexes == nil {
			c.indexes = map[*index]float64{}
		}
		c.indexes[i] += units
	}
}

// report is what the request wants to see of it: nothing, the TOTAL, or INDEXES too.
func (c consumption) report(t *table, wanted string) *ConsumedCapacity {
	if wanted != "TOTAL" && wanted != "INDEXES" {
		return nil
	}
	report := &ConsumedCapacity{CapacityUnits: c.table, TableName: t.name}
	for _, units := range c.indexes {
		report.CapacityUnits += units
	}
	if wanted == "TOTAL" {
		return report
	}
	report.Table = &Capacity{c.table}
	for i, units := range c.indexes {
		parts := &report.LocalSecondaryIndexes
		if i.global {
			parts = &report.GlobalSecondaryIndexes
		}
		if *parts == nil {
			*parts = map[string]Capacity{}
		}
		(*parts)[i.name] = Capacity{units}
	}
	return report
}
