package printer

// Role says what a piece of text means; the printer derives its colour from it.
type Role uint8

// The roles. RolePlain is the zero value: no colour of its own.
const (
	RolePlain   Role = iota
	RoleName         // the name that a row is about
	RoleDim          // secondary: glyphs, headers, placeholders
	RoleGood         // allowed as wanted, passed, healthy
	RoleBad          // dangerous, failed, denied
	RoleWarn         // needs a look: partial, unknown, incomplete
	RoleHeading      // titles and group rows
)

const sgrReset = "\x1b[0m"

// sgr is the escape sequence that switches the role on, "" for none. Only the 16
// basic colours are used, so that the user's own palette stays legible. Dim is
// "faint" and not "bright black", which several popular palettes make invisible.
func (r Role) sgr() string {
	switch r {
	case RoleName, RoleHeading:
		return "\x1b[1m"
	case RoleDim:
		return "\x1b[2m"
	case RoleGood:
		return "\x1b[32m"
	case RoleBad:
		return "\x1b[31m"
	case RoleWarn:
		return "\x1b[33m"
	default:
		return ""
	}
}
