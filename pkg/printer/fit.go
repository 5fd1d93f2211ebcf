package printer

// shrink lowers the greatest of widths, evenly, until their sum is at most room; no
// width goes below its floor, so the sum may stay greater. Widths that are small
// already are left alone: it is the long cells that pay.
func shrink(widths, floors []int, room int) {
	level := 0
	total := func(level int) int {
		n := 0
		for i, w := range widths {
			n += min(w, max(level, floors[i]))
		}
		return n
	}
	for _, w := range widths {
		level = max(level, w)
	}
	if total(level) <= room {
		return
	}
	low := 0 // greatest level that is known to fit, or 0
	for high := level; low < high; {
		middle := (low + high + 1) / 2
		if total(middle) <= room {
			low = middle
		} else {
			high = middle - 1
		}
	}
	spare := max(0, room-total(low))
	for i, w := range widths {
		widths[i] = min(w, max(low, floors[i]))
		if spare > 0 && widths[i] == low && w > low {
			widths[i]++
			spare--
		}
	}
}
