package expression

import (
	"errors"
	"slices"
	"strings"

	"clickstream/emulator/dynamodb/attribute"
	"clickstream/emulator/internal/wire"
)

// Placeholders are a request's ExpressionAttributeNames and ExpressionAttributeValues. It parses
// the request's expressions and remembers which placeholders they use.
type Placeholders struct {
	names  map[string]string
	values attribute.Item
	used   []string
}

// NewPlaceholders checks how the placeholders are written: "#" or ":" and then letters, digits and
// underscores.
func NewPlaceholders(names map[string]string, values attribute.Item) (*Placeholders, error) {
	if names != nil && len(names) == 0 {
		return nil, invalid("ExpressionAttributeNames must not be empty")
	}
	if values != nil && len(values) == 0 {
		return nil, invalid("ExpressionAttributeValues must not be empty")
	}
	for place, name := range names {
		if !wellFormed(place, namePlace) {
			return nil, invalid("ExpressionAttributeNames contains invalid key: Syntax error; key: %q", place)
		}
		if name == "" {
			return nil, invalid("ExpressionAttributeNames contains invalid value: Empty attribute name for key %s", place)
		}
	}
	for place := range values {
		if !wellFormed(place, valuePlace) {
			return nil, invalid("ExpressionAttributeValues contains invalid key: Syntax error; key: %q", place)
		}
	}
	return &Placeholders{names: names, values: values}, nil
}

func wellFormed(place string, wanted kind) bool {
	l := lexer{text: place}
	found := l.next()
	return found.kind == wanted && found.end == len(place) && found.start == 0
}

// Condition parses a condition or a filter; parameter names it in errors.
func (p *Placeholders) Condition(parameter, text string) (Condition, error) {
	return parse(p, parameter, text, (*parser).condition)
}

// Update parses an update expression.
func (p *Placeholders) Update(text string) (*Update, error) {
	return parse(p, UpdateParameter, text, (*parser).update)
}

// Projection parses a projection expression.
func (p *Placeholders) Projection(text string) (Projection, error) {
	return parse(p, ProjectionParameter, text, (*parser).projection)
}

// KeyConditions parses a key condition expression into its one or two conditions.
func (p *Placeholders) KeyConditions(text string) ([]KeyCondition, error) {
	condition, err := p.Condition(KeyConditionParameter, text)
	if err != nil {
		return nil, err
	}
	return keyConditions(condition)
}

// Finish refuses placeholders that no expression has used. It is called after all are parsed.
func (p *Placeholders) Finish() error {
	if unused := unusedKeys(p.names, p.used); unused != "" {
		return invalid("Value provided in ExpressionAttributeNames unused in expressions: keys: %s", unused)
	}
	if unused := unusedKeys(p.values, p.used); unused != "" {
		return invalid("Value provided in ExpressionAttributeValues unused in expressions: keys: %s", unused)
	}
	return nil
}

func unusedKeys[V any](given map[string]V, used []string) string {
	var unused []string
	for place := range given {
		if !slices.Contains(used, place) {
			unused = append(unused, place)
		}
	}
	if unused == nil {
		return ""
	}
	slices.Sort(unused)
	return "{" + strings.Join(unused, ", ") + "}"
}

func (p *Placeholders) use(place string) {
	if !slices.Contains(p.used, place) {
		p.used = append(p.used, place)
	}
}

func (p *Placeholders) name(place string) (string, error) {
	name, ok := p.names[place]
	if !ok {
		return "", invalid("An expression attribute name used in the document path is not defined; attribute name: %s", place)
	}
	p.use(place)
	return name, nil
}

func (p *Placeholders) value(place string) (Literal, error) {
	v, ok := p.values[place]
	if !ok {
		return Literal{}, invalid("An expression attribute value used in expression is not defined; attribute value: %s", place)
	}
	p.use(place)
	return Literal{v}, nil
}

// parse runs one grammar over the whole text; every error begins with the parameter's name.
func parse[T any](p *Placeholders, parameter, text string, grammar func(*parser) (T, error)) (T, error) {
	var none T
	parsed, err := parseText(p, parameter, text, grammar)
	if refusal, ok := errors.AsType[*wire.Error](err); ok {
		return none, wire.Errorf(refusal.Code, "Invalid %s: %s", parameter, refusal.Message)
	}
	return parsed, err
}

func parseText[T any](p *Placeholders, parameter, text string, grammar func(*parser) (T, error)) (T, error) {
	var none T
	if strings.TrimSpace(text) == "" {
		return none, invalid("The expression can not be empty;")
	}
	if len(text) > maxLength {
		return none, invalid("Expression size has exceeded the maximum allowed size; expression size: %d", len(text))
	}
	reader := &parser{places: p, parameter: parameter, lexer: lexer{text: text}}
	reader.advance()
	parsed, err := grammar(reader)
	if err == nil && reader.token.kind != endOfText {
		err = reader.unexpected()
	}
	return parsed, err
}
