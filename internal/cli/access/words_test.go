package access_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/access"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
)

// wordsTest is a command line and what is said of it.
type wordsTest struct {
	args string
	want string // a line of the help, "" where nothing is wrong
}

func checkWords(t *testing.T, check func(string, []string) error, tests []wordsTest) {
	t.Helper()
	for _, tt := range tests {
		t.Run(tt.args, func(t *testing.T) {
			err := check("ks", strings.Split(tt.args, " "))
			switch {
			case tt.want == "" && err != nil:
				t.Errorf("refused: %v, %q", err, fault.Help(err))
			case tt.want != "" && (fault.Code(err) != fault.ExitUsage || !slices.Contains(fault.Help(err), tt.want)):
				t.Errorf("error %v with help %q, want %q", err, fault.Help(err), tt.want)
			}
		})
	}
}

func TestCheckWho(t *testing.T) {
	checkWords(t, access.CheckWho, []wordsTest{
		{"secrets get", "did you mean: ks who-can get secrets"},
		{"secret/db get", "did you mean: ks who-can get secret/db"},
		{"pods delete web", "did you mean: ks who-can delete pods web"},
		{"sa/cart get pods", "about one subject: ks why sa/cart get pods"},
		{"me get pods", "about one subject: ks why me get pods"},
		{"get,list secrets", "ks who-can get secrets"},
		{"get,list secrets", "ks who-can list secrets"},
		{"get secrets", ""},
		{"get get", ""},
		{"sync applications", ""},
		{"pods secrets", ""}, // a verb that nobody knows
		{"get pods get", ""}, // a pod of that name
		{"impersonate users/bob", ""},
	})
}

func TestCheckWhy(t *testing.T) {
	checkWords(t, access.CheckWhy, []wordsTest{
		{"get pods sa/x", "did you mean: ks why sa/x get pods"},
		{"get pods/exec sa/x", "did you mean: ks why sa/x get pods/exec"},
		{"impersonate users/bob sa/x", "did you mean: ks why sa/x impersonate users/bob"},
		{"get secrets pod/web", "did you mean: ks why pod/web get secrets"},
		{"sa/cart can get pods", "did you mean: ks why sa/cart get pods"},
		{"sa/cart is not allowed to get pods", "did you mean: ks why sa/cart get pods"},
		{"can sa/cart get pods", "did you mean: ks why sa/cart get pods"},
		{"can't me list nodes", "did you mean: ks why me list nodes"},
		{"sa/cart pods get", "did you mean: ks why sa/cart get pods"},
		{"sa/cart get,list pods", "ks why sa/cart list pods"},
		{"sa/cart get pods", ""},
		{"sa/cart get pods can", ""}, // a pod of that name
		{"sa/cart sync applications.argoproj.io", ""},
		{"sa/cart impersonate users/bob", ""},
		{"sa/cart get pod/web", ""},
		{"user/a impersonate serviceaccounts b", ""},
		{"cart get pods", ""},
		{"cart get pods/exec", ""},
	})
}
