package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// lane measures some of the promises.
type lane struct {
	name     string
	promises []promise
	// measure returns the values of each promise by its key.
	measure func(*bench, context.Context) (map[string][]float64, error)
}

func lanes() []lane {
	return []lane{
		{"analysis", analysisPromises(), (*bench).analysis},
		{"engine", enginePromises(), (*bench).engine},
		{"offline", offlinePromises(), (*bench).offline},
		{"network", networkPromises(), (*bench).network},
		{"flows", flowPromises(), (*bench).flows},
		{"live", livePromises(), (*bench).live},
		{"start-up", startPromises(), (*bench).start},
		{"size", sizePromises(), (*bench).size},
	}
}

func laneNames() []string {
	var names []string
	for _, l := range lanes() {
		names = append(names, l.name)
	}
	return names
}

// chooseLanes returns the named lanes, all for "".
func chooseLanes(only string) ([]lane, error) {
	if only == "" {
		return lanes(), nil
	}
	var chosen []lane
	for name := range strings.SplitSeq(only, ",") {
		i := slices.IndexFunc(lanes(), func(l lane) bool { return l.name == name })
		if i < 0 {
			return nil, fmt.Errorf("choose lanes: there is no lane %q, only %s", name, strings.Join(laneNames(), ", "))
		}
		chosen = append(chosen, lanes()[i])
	}
	return chosen, nil
}
