package cloudwatch

import "clickstream/emulator/internal/wire"

// Operations returns the operations that the service knows: the only list of them.
func (s *Service) Operations() wire.Table {
	return wire.Table{
		"GetMetricData":       wire.Op(s.getMetricData),
		"GetMetricStatistics": wire.Op(s.getMetricStatistics),
		"ListMetrics":         wire.Op(s.listMetrics),
		"PutMetricData":       wire.Op(s.putMetricData),
	}
}

// Wire returns the service as it is served: by the query protocol, JSON 1.0 and Smithy's RPC v2.
func (s *Service) Wire() *wire.Service {
	const namespace = "http://monitoring.amazonaws.com/doc/2010-08-01/"
	return &wire.Service{
		Name: "monitoring", TargetPrefix: "GraniteServiceVersion20100801", JSONVersion: "1.0", RPC: true, Namespace: namespace, QueryCode: queryCode,
		ErrorType: func(code string) string { return "com.amazonaws.cloudwatch.v2010_08_01#" + code }, Operations: s.Operations(),
	}
}

// The errors, by their names in JSON and CBOR.
const (
	invalidValue       = "InvalidParameterValueException"
	invalidCombination = "InvalidParameterCombinationException"
	missingParameter   = "MissingRequiredParameterException"
	invalidNextToken   = "InvalidNextToken"
)

// queryCode returns what an error is called in the query protocol.
func queryCode(code string) string {
	switch code {
	case invalidValue:
		return "InvalidParameterValue"
	case invalidCombination:
		return "InvalidParameterCombination"
	case missingParameter:
		return "MissingParameter"
	default:
		return code
	}
}

// required refuses what is missing, by name.
func required(names ...string) error {
	for i := 0; i+1 < len(names); i += 2 {
		if names[i+1] == "" {
			return wire.Errorf(missingParameter, "The parameter %s is required.", names[i])
		}
	}
	return nil
}
