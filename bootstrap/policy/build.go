package policy

import "slices"

// Build returns the policy for the purposes: a statement for each kind of resource, its actions in alphabetical order.
func (n *Names) Build(purposes ...Purpose) *Document {
	d := &Document{Version: "2012-10-17"}
	for _, sid := range []string{
		Stream, Consumer, LeaseTable, LeaseIndex, Coordinator, Workers, Bucket, Objects, Claims, Rejected, Markers, EveryObject, Probe, Encryption, Metrics,
	} {
		if actions := n.actions(sid, purposes); len(actions) > 0 {
			d.Statement = append(d.Statement, Statement{
				Sid: sid, Effect: "Allow", Action: actions, Resource: n.resources(sid), Condition: n.condition(sid),
			})
		}
	}
	return d
}

func (n *Names) actions(sid string, purposes []Purpose) []string {
	var actions []string
	for _, g := range grants() {
		if g.sid == sid && (g.when == nil || g.when(n.Settings)) && g.wanted(purposes) {
			actions = append(actions, g.action)
		}
	}
	slices.Sort(actions)
	return slices.Compact(actions)
}

func (g *grant) wanted(purposes []Purpose) bool {
	return slices.ContainsFunc(purposes, func(p Purpose) bool { return slices.ContainsFunc(g.who, p.covers) })
}
