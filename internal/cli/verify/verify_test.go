package verify_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/verify"
)

func reviews(n int) []verify.Review {
	list := make([]verify.Review, n)
	for i := range list {
		list[i].User = fmt.Sprintf("user-%d", i)
	}
	return list
}

func TestAskKeepsTheOrder(t *testing.T) {
	asked := reviews(100)
	var mu sync.Mutex
	var progress []int
	verdicts := verify.Ask(t.Context(), func(_ context.Context, r verify.Review) verify.Verdict {
		if strings.HasSuffix(r.User, "7") {
			time.Sleep(time.Millisecond) // others overtake
		}
		return verify.Verdict{Allowed: true, Reason: r.User}
	}, asked, func(done int) {
		mu.Lock()
		defer mu.Unlock()
		progress = append(progress, done)
	})
	for i, v := range verdicts {
		if v.Reason != asked[i].User {
			t.Errorf("verdict %d is for %s", i, v.Reason)
		}
	}
	for i, done := range progress {
		if done != i+1 {
			t.Fatalf("progress = %v", progress)
		}
	}
	if len(progress) != len(asked) {
		t.Errorf("progress was told %d times, want %d", len(progress), len(asked))
	}
}

func TestAskNothing(t *testing.T) {
	if got := verify.Ask(t.Context(), nil, nil, nil); len(got) != 0 {
		t.Errorf("verdicts = %v", got)
	}
}

func TestAskLimitsTheLoad(t *testing.T) {
	var now, most atomic.Int64
	verify.Ask(t.Context(), func(context.Context, verify.Review) verify.Verdict {
		n := now.Add(1)
		defer now.Add(-1)
		for {
			seen := most.Load()
			if n <= seen || most.CompareAndSwap(seen, n) {
				break
			}
		}
		time.Sleep(2 * time.Millisecond)
		return verify.Verdict{}
	}, reviews(64), nil)
	if got := most.Load(); got > 8 || got < 2 {
		t.Errorf("%d reviews at the same time, want 2 to 8", got)
	}
}

func TestAskStopsAfterFailures(t *testing.T) {
	refused := errors.New("reviews are forbidden")
	var calls atomic.Int64
	verdicts := verify.Ask(t.Context(), func(context.Context, verify.Review) verify.Verdict {
		calls.Add(1)
		return verify.Verdict{Err: refused}
	}, reviews(500), nil)
	if n := calls.Load(); n > 20 {
		t.Errorf("a server that refuses was asked %d times", n)
	}
	sent := 0
	for i, v := range verdicts {
		if !errors.Is(v.Err, refused) {
			t.Fatalf("verdict %d = %+v, want the server's error", i, v)
		}
		if !v.NotAsked {
			sent++
		}
	}
	if int64(sent) != calls.Load() {
		t.Errorf("%d verdicts are of reviews that were sent, %d were", sent, calls.Load())
	}
}

func TestAskGoesOnAfterSingleFailures(t *testing.T) {
	var calls atomic.Int64
	verdicts := verify.Ask(t.Context(), func(_ context.Context, r verify.Review) verify.Verdict {
		calls.Add(1)
		if strings.HasSuffix(r.User, "0") {
			return verify.Verdict{Err: errors.New("too many requests")}
		}
		return verify.Verdict{Allowed: true}
	}, reviews(200), nil)
	if n := calls.Load(); n != 200 {
		t.Errorf("%d of 200 reviews were asked", n)
	}
	failed := 0
	for _, v := range verdicts {
		if v.Err != nil {
			failed++
		}
	}
	if failed != 20 {
		t.Errorf("%d reviews failed, want 20", failed)
	}
}

func TestAskEndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var calls atomic.Int64
	verdicts := verify.Ask(ctx, func(ctx context.Context, _ verify.Review) verify.Verdict {
		if calls.Add(1) == 1 {
			cancel()
		}
		<-ctx.Done()
		return verify.Verdict{Err: ctx.Err()}
	}, reviews(100), nil)
	if n := calls.Load(); n > 8 {
		t.Errorf("%d reviews were asked after the end", n)
	}
	for i, v := range verdicts {
		if !errors.Is(v.Err, context.Canceled) {
			t.Fatalf("verdict %d = %+v", i, v)
		}
	}
}
