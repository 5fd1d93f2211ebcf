package printer

// Part is a piece of text in one role, or a glyph.
type Part struct {
	// Text is escaped when printed; it may come from anywhere.
	Text string
	// Short, if not empty, replaces Text in a cell or line that would otherwise be
	// cut: "CRB" for "ClusterRoleBinding" leaves room for the name.
	Short string
	// Role colours the part; RolePlain leaves that to where it stands, such as its column.
	Role Role
	// Glyph, unless GlyphNone, is printed instead of Text.
	Glyph Glyph
}

// Text is one line of parts: a cell, a label, a paragraph. Line breaks in it are
// escaped like any control character, since text of a cluster must not forge
// lines; use several paragraphs, children or rows instead.
type Text []Part

// Plain is text without a role.
func Plain(s string) Text {
	return Text{{Text: s}}
}

// Styled is text in a role.
func Styled(r Role, s string) Text {
	return Text{{Text: s, Role: r}}
}

// Sign is a single glyph in a role.
func Sign(r Role, g Glyph) Text {
	return Text{{Role: r, Glyph: g}}
}

// Concat joins texts as they are.
func Concat(texts ...Text) Text {
	n := 0
	for _, t := range texts {
		n += len(t)
	}
	out := make(Text, 0, n)
	for _, t := range texts {
		out = append(out, t...)
	}
	return out
}

// Chain joins texts with arrows: "A → B → C". Where a chain must be cut, each link
// is cut by itself, so that both ends stay recognisable.
func Chain(links ...Text) Text {
	var out Text
	for i, link := range links {
		if i > 0 {
			out = append(out, Part{Role: RoleDim, Glyph: GlyphArrow})
		}
		out = append(out, link...)
	}
	return out
}
