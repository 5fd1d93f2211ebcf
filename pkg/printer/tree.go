package printer

import "io"

// Node is a label with what belongs under it.
type Node struct {
	Label    Text
	Children []Node
	// Wrap continues a label that does not fit on further lines, instead of
	// cutting it: proofs must be readable whole.
	Wrap bool
}

// Tree prints nodes as an indented tree. Roots stand at the left margin.
type Tree struct {
	Roots []Node
}

// Print writes the tree; nothing when it has no roots.
func (t Tree) Print(w io.Writer, s Style) error {
	p := newPage(s)
	for _, root := range t.Roots {
		p.line(root.Label, RolePlain)
		p.nodes(root.Children, "")
	}
	return p.flush(w, "tree")
}

// nodes prints siblings, each line beginning with the indent and a branch glyph.
func (p *page) nodes(nodes []Node, indent string) {
	glyphs := branches(p.style.ASCII)
	for i, node := range nodes {
		branch, deeper := glyphs.tee, glyphs.bar
		if i == len(nodes)-1 {
			branch, deeper = glyphs.corner, glyphs.blank
		}
		prefix, width := prepare(indent+branch, false)
		line := []span{{text: prefix, role: RoleDim, width: width}, {text: " ", width: 1}}
		if node.Wrap {
			more, moreWidth := prepare(indent+deeper, false)
			p.wrapLines(line, []span{{text: more, role: RoleDim, width: moreWidth}, {text: "   ", width: 3}}, node.Label)
		} else {
			p.spanLine(appendSpans(line, node.Label, RolePlain, p.style.ASCII))
		}
		p.nodes(node.Children, indent+deeper)
	}
}
