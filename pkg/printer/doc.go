// Package printer renders tables, matrices, trees and text blocks for people.
//
// It is a pure renderer: it knows nothing of clusters, reports or flags, reads
// no environment and writes only to the [io.Writer] it is given. What varies
// between a terminal, a pipe and a CI log comes in one [Style] value, which
// [DetectStyle] computes from injected facts.
//
// # Promises
//
//   - Every text is escaped on its way out ([Escape]): no control, bidirectional,
//     invisible or malformed character of the input reaches the terminal. The only
//     escape sequences written are this package's own colours.
//   - Colour never carries meaning alone; a word or glyph is always there too.
//   - With [Style.Width] set, tables, matrices, trees and headings keep every line
//     within that many cells, counting wide and combining characters as terminals
//     do. With Width 0 nothing is cut.
//   - The columns of a table are the same on a terminal and in a pipe: only
//     colour, glyphs and truncation vary.
//   - No line ends in a space. Same input and style, same bytes.
//   - With [Style.ASCII] every byte written is ASCII.
//
// # Building blocks
//
// A [Text] is a sequence of [Part]s, each with an optional [Role] (colour) or a
// [Glyph] (a sign with an ASCII form). Text is what cells, labels and paragraphs
// are made of. [Table], [Matrix], [Tree], [Heading] and [Block] each have a Print
// method that writes the whole rendering with one Write call.
package printer
