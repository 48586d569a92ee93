package expression

import (
	"strings"

	"clickstream/emulator/dynamodb/attribute"
)

// update reads the sections of an update expression, each of which may be there once.
func (p *parser) update() (*Update, error) {
	update := &Update{}
	seen := map[Verb]bool{}
	for p.token.kind != endOfText {
		verb := Verb(strings.ToUpper(p.token.text))
		if verb != Set && verb != Remove && verb != Add && verb != Delete {
			return nil, p.unexpected()
		}
		if seen[verb] {
			return nil, invalid("The %q section can only be used once in an update expression;", string(verb))
		}
		seen[verb] = true
		p.advance()
		actions, err := list(p, func() (Action, error) { return p.action(verb) })
		if err != nil {
			return nil, err
		}
		update.Actions = append(update.Actions, actions...)
	}
	return update, checkDisjoint(update.Paths())
}

func (p *parser) action(verb Verb) (Action, error) {
	path, err := p.path()
	if err != nil {
		return Action{}, err
	}
	action := Action{Verb: verb, Path: path}
	switch verb {
	case Set:
		if err = p.expect("="); err == nil {
			action.Term, err = p.sum()
		}
	case Add, Delete:
		action.Term, err = p.delta(verb)
	case Remove:
	}
	return action, err
}

// delta reads the value of ADD or DELETE, which is always a placeholder.
func (p *parser) delta(verb Verb) (Term, error) {
	if p.token.kind != valuePlace {
		return nil, p.unexpected()
	}
	literal, err := p.places.value(p.advance().text)
	if err != nil {
		return nil, err
	}
	kind := literal.Value.Kind()
	if kind.Set() || verb == Add && kind == attribute.Number {
		return literal, nil
	}
	return nil, invalid("Incorrect operand type for operator or function; operator: %s, operand type: %s, "+
		"typeSet: %s", verb, longName(kind), allowedFor(verb))
}

func allowedFor(verb Verb) string {
	if verb == Add {
		return "ALLOWED_FOR_ADD_OPERAND"
	}
	return "ALLOWED_FOR_DELETE_OPERAND"
}

// longName is how the service calls a type in the errors of ADD and DELETE.
func longName(k attribute.Kind) string {
	switch k {
	case attribute.String:
		return "STRING"
	case attribute.Number:
		return "NUMBER"
	case attribute.Binary:
		return "BINARY"
	case attribute.Bool:
		return "BOOLEAN"
	case attribute.List:
		return "LIST"
	case attribute.Map:
		return "MAP"
	default:
		return k.String()
	}
}

// sum reads the right side of SET: a term, or two with a sign between them.
func (p *parser) sum() (Term, error) {
	left, err := p.setTerm()
	if err != nil {
		return nil, err
	}
	sign := p.token.kind
	if sign != "+" && sign != "-" {
		return left, nil
	}
	p.advance()
	right, err := p.setTerm()
	if err != nil {
		return nil, err
	}
	return Sum{left, right, sign == "-"}, checkTerms(string(sign), attribute.Number, left, right)
}

func (p *parser) setTerm() (Term, error) {
	switch {
	case p.take("("):
		if p.token.kind == "(" {
			return nil, invalid("The expression has redundant parentheses;")
		}
		term, err := p.sum()
		if err != nil {
			return nil, err
		}
		return term, p.expect(")")
	case p.token.kind == valuePlace:
		return p.places.value(p.advance().text)
	}
	if name, ok := p.call(); ok {
		return p.setFunction(name)
	}
	return p.path()
}

func (p *parser) setFunction(name string) (Term, error) {
	if !updateFunction(name) {
		return nil, refusedInUpdate(name)
	}
	p.advance()
	var terms []Term
	if p.token.kind != ")" {
		var err error
		if terms, err = list(p, p.setTerm); err != nil {
			return nil, err
		}
	}
	if err := p.expect(")"); err != nil {
		return nil, err
	}
	if len(terms) != 2 {
		return nil, wrongCount(name, len(terms))
	}
	if name == "list_append" {
		return ListAppend{terms[0], terms[1]}, checkTerms(name, attribute.List, terms...)
	}
	path, ok := terms[0].(Path)
	if !ok {
		return nil, needsPath(name)
	}
	return IfNotExists{path, terms[1]}, nil
}

func refusedInUpdate(name string) error {
	switch name {
	case "attribute_exists", "attribute_not_exists", "attribute_type", "begins_with", "contains", "size":
		return invalid("The function is not allowed in an update expression; function: %s", name)
	default:
		return invalid("Invalid function name; function: %s", name)
	}
}

// checkTerms refuses terms that are of another kind for sure.
func checkTerms(operator string, wanted attribute.Kind, terms ...Term) error {
	for _, term := range terms {
		kind := attribute.Missing
		switch t := term.(type) {
		case Literal:
			kind = t.Value.Kind()
		case Sum:
			kind = attribute.Number
		case ListAppend:
			kind = attribute.List
		}
		if kind != attribute.Missing && kind != wanted {
			return wrongType(operator, kind.String())
		}
	}
	return nil
}
