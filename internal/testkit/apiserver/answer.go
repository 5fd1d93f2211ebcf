package apiserver

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	authenticationv1 "k8s.io/api/authentication/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/version"
)

// answer is an encoded answer.
type answer struct {
	code        int
	contentType string
	body        []byte
}

func (a answer) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", a.contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	w.WriteHeader(a.code)
	_, _ = w.Write(a.body) // a client that went away is what some tests are about
}

// answer serves a request without faults.
func (s *Server) answer(w http.ResponseWriter, r *http.Request) {
	key := r.Method + " " + r.URL.RequestURI() + " " + r.Header.Get("Accept") + " " + r.Header.Get("Impersonate-User")
	s.mu.Lock()
	cached, ok := s.pages[key]
	if !ok {
		cached = s.build(r)
		s.pages[key] = cached
	}
	s.mu.Unlock()
	cached.write(w)
}

func (s *Server) build(r *http.Request) answer {
	accept := r.Header.Get("Accept")
	switch r.URL.Path {
	case "/version":
		return plainJSON(version.Info{Major: "1", Minor: "37", GitVersion: Version})
	case "/apis/authentication.k8s.io/v1/selfsubjectreviews":
		review := &authenticationv1.SelfSubjectReview{}
		review.Status.UserInfo.Username = r.Header.Get("Impersonate-User")
		if review.Status.UserInfo.Username == "" {
			review.Status.UserInfo.Username = "kubernetes-admin"
		}
		return encode(accept, http.StatusCreated, review, authenticationv1.SchemeGroupVersion.WithKind("SelfSubjectReview"))
	}
	if found, ok := s.types.answer(r.URL.Path, accept); ok {
		return found
	}
	t, ok := parse(r.URL.Path)
	c := s.store.find(t.gvr)
	if !ok || c == nil || t.namespace != "" && c.clusterScoped() {
		return notFound()
	}
	if t.name != "" {
		return c.one(t, accept)
	}
	return c.page(t, r, accept)
}

func (c *collection) one(t target, accept string) answer {
	for _, obj := range c.objects {
		if obj.GetName() == t.name && obj.GetNamespace() == t.namespace {
			return encodeObject(accept, obj, c.kind)
		}
	}
	return encodeStatus(accept, apierrors.NewNotFound(t.gvr.GroupResource(), t.name))
}

// page answers a list request.
func (c *collection) page(t target, r *http.Request, accept string) answer {
	query := r.URL.Query()
	name, byName := strings.CutPrefix(query.Get("fieldSelector"), "metadata.name=")
	var found []object
	for _, obj := range c.objects {
		if (t.namespace == "" || obj.GetNamespace() == t.namespace) && (!byName || obj.GetName() == name) {
			found = append(found, obj)
		}
	}
	meta := metav1.ListMeta{ResourceVersion: "1000"}
	start, err := offset(query.Get("continue"))
	if err != nil || start > len(found) {
		return encodeStatus(accept, apierrors.NewBadRequest("continue key is not valid"))
	}
	found = found[start:]
	if limit, err := strconv.Atoi(query.Get("limit")); err == nil && limit > 0 && limit < len(found) {
		meta.Continue = token(start + limit)
		left := int64(len(found) - limit)
		meta.RemainingItemCount = &left
		found = found[:limit]
	}
	return encodeList(accept, found, c.kind, meta)
}

// token looks as opaque as a real one, with characters that URLs escape.
func token(offset int) string {
	return base64.StdEncoding.EncodeToString([]byte("??>>" + strconv.Itoa(offset)))
}

func offset(token string) (int, error) {
	if token == "" {
		return 0, nil
	}
	text, err := base64.StdEncoding.DecodeString(token)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimPrefix(string(text), "??>>"))
}

// notFound is the answer for paths that no API group serves: not a Status.
func notFound() answer {
	return answer{http.StatusNotFound, "text/plain; charset=utf-8", []byte("404 page not found\n")}
}

func plainJSON(v any) answer {
	body, err := json.Marshal(v)
	if err != nil {
		return answer{http.StatusInternalServerError, "text/plain", []byte(err.Error())}
	}
	return answer{http.StatusOK, "application/json", body}
}
