package netpol

// Truth is the value of a condition about which the snapshot or the API may
// not say enough. The order makes "and" the smaller and "or" the larger.
type Truth int8

// The values of a Truth.
const (
	No Truth = iota
	Maybe
	Yes
)

func truth(b bool) Truth {
	if b {
		return Yes
	}
	return No
}

// not is the negation: Maybe stays.
func (t Truth) not() Truth { return Yes - t }

// Cause says why a verdict is Undefined.
type Cause string

// The causes of an Undefined verdict.
const (
	// BySpec: the API leaves it to the network implementation.
	BySpec Cause = "spec"
	// ByInput: an object, label or address is missing from the snapshot.
	ByInput Cause = "input"
)

// Doubt is one reason for which a verdict may be Undefined.
type Doubt struct {
	Cause  Cause
	Detail string // for people, a clause without a final stop
}

// Verdict is the answer about one flow.
type Verdict string

// The verdicts. Undefined is never to be taken for Allowed.
const (
	Allowed   Verdict = "Allowed"
	Denied    Verdict = "Denied"
	Undefined Verdict = "Undefined"
)

// verdictOf turns "is it allowed" into a verdict.
func verdictOf(t Truth) Verdict {
	switch t {
	case Yes:
		return Allowed
	case No:
		return Denied
	default:
		return Undefined
	}
}
