package dir

// Limits that keep memory and time bounded whatever the input is. They are far
// above what a cluster can hold: etcd refuses objects of more than about
// 1.5 MiB.
const (
	maxFileBytes   = 512 << 20 // one input, after decompression
	maxObjectBytes = 16 << 20  // one JSON object, or one YAML text given to the parser
	maxListDepth   = 16        // Lists within Lists
	sniffBytes     = 8 << 10   // looked at to tell text from binary data
)
