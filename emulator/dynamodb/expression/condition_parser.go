package expression

// condition reads alternatives: terms with OR between them, which binds weakest.
func (p *parser) condition() (Condition, error) {
	return joined(p, "OR", p.conjunction, func(a, b Condition) Condition { return Or{a, b} })
}

func (p *parser) conjunction() (Condition, error) {
	return joined(p, "AND", p.negation, func(a, b Condition) Condition { return And{a, b} })
}

func joined(
	p *parser, keyword string, part func() (Condition, error), join func(a, b Condition) Condition,
) (Condition, error) {
	left, err := part()
	for err == nil && p.keyword(keyword) {
		var right Condition
		if right, err = part(); err == nil {
			left = join(left, right)
		}
	}
	return left, err
}

func (p *parser) negation() (Condition, error) {
	if p.keyword("NOT") {
		inner, err := p.negation()
		return Not{inner}, err
	}
	return p.comparison()
}

// comparison reads a condition in parentheses, a function that is a condition by itself, or an
// operand with what it is compared to.
func (p *parser) comparison() (Condition, error) {
	if p.token.kind == "(" && !p.operandInParentheses() {
		return p.parenthesized()
	}
	operand, condition, err := p.term()
	if err != nil {
		return nil, err
	}
	if condition == nil {
		return p.compared(operand)
	}
	if p.isComparator() {
		return nil, misused(condition)
	}
	return condition, nil
}

// operandInParentheses looks ahead: "(a)" is an operand unless it holds more than one.
func (p *parser) operandInParentheses() bool {
	ahead := *p
	ahead.places = &Placeholders{names: p.places.names, values: p.places.values}
	operand, err := ahead.operand()
	return err == nil && operand != nil
}

// parenthesized reads a condition in parentheses. Parentheses around nothing but parentheses are
// refused.
func (p *parser) parenthesized() (Condition, error) {
	start := p.advance().start
	inside := p.token.start
	condition, err := p.condition()
	if err != nil {
		return nil, err
	}
	if p.group == (span{inside, p.previous.end}) {
		return nil, invalid("The expression has redundant parentheses;")
	}
	if err := p.expect(")"); err != nil {
		return nil, err
	}
	p.group = span{start, p.previous.end}
	return condition, nil
}

func (p *parser) isComparator() bool {
	switch Operator(p.token.kind) {
	case Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual:
		return true
	default:
		return p.at("BETWEEN") || p.at("IN")
	}
}

// compared reads what follows an operand.
func (p *parser) compared(left Operand) (Condition, error) {
	switch {
	case p.keyword("BETWEEN"):
		return p.between(left)
	case p.keyword("IN"):
		return p.in(left)
	case p.isComparator():
		operator := Operator(p.advance().kind)
		right, err := p.operand()
		if err != nil {
			return nil, err
		}
		return Comparison{operator, left, right}, checkComparison(operator, left, right)
	default:
		return nil, p.unexpected()
	}
}

func (p *parser) between(v Operand) (Condition, error) {
	low, err := p.operand()
	if err != nil {
		return nil, err
	}
	if !p.keyword("AND") {
		return nil, p.unexpected()
	}
	high, err := p.operand()
	if err != nil {
		return nil, err
	}
	return Between{v, low, high}, checkBetween(v, low, high)
}

func (p *parser) in(v Operand) (Condition, error) {
	if err := p.expect("("); err != nil {
		return nil, err
	}
	candidates, err := list(p, p.operand)
	if err != nil {
		return nil, err
	}
	if err := p.expect(")"); err != nil {
		return nil, err
	}
	const most = 100
	if len(candidates) > most {
		return nil, wrongCount("IN", len(candidates))
	}
	return In{v, candidates}, checkDistinct("IN", v, candidates...)
}

// operand reads an operand and refuses functions that are conditions.
func (p *parser) operand() (Operand, error) {
	operand, condition, err := p.term()
	if err == nil && condition != nil {
		err = misused(condition)
	}
	return operand, err
}

// term reads an operand or a function that is a condition.
func (p *parser) term() (Operand, Condition, error) {
	switch {
	case p.take("("):
		if p.token.kind == "(" {
			return nil, nil, invalid("The expression has redundant parentheses;")
		}
		operand, condition, err := p.term()
		if err == nil {
			err = p.expect(")")
		}
		return operand, condition, err
	case p.token.kind == valuePlace:
		literal, err := p.places.value(p.advance().text)
		return literal, nil, err
	case p.atKeyword():
		return nil, nil, p.unexpected()
	}
	if name, ok := p.call(); ok {
		return p.function(name)
	}
	path, err := p.path()
	return path, nil, err
}
