package apiserver

import (
	"errors"
	"mime"
	"net/http"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	internalversion "k8s.io/apimachinery/pkg/apis/meta/internalversion/scheme"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"
)

// format is one thing that a client accepts.
type format struct {
	mediaType string
	as        string // PartialObjectMetadata, PartialObjectMetadataList or ""
}

func formats(accept string) []format {
	var out []format
	for part := range strings.SplitSeq(accept, ",") {
		mediaType, params, err := mime.ParseMediaType(strings.TrimSpace(part))
		if err != nil {
			continue
		}
		if mediaType == "*/*" {
			mediaType = runtime.ContentTypeJSON
		}
		out = append(out, format{mediaType, params["as"]})
	}
	return out
}

func encodeObject(accept string, obj object, kind schema.GroupVersionKind) answer {
	for _, f := range formats(accept) {
		switch f.as {
		case "":
			if a, ok := f.encode(http.StatusOK, obj, kind); ok {
				return a
			}
		case "PartialObjectMetadata":
			if a, ok := f.encode(http.StatusOK, metadataOf(obj), metadataKind(f.as)); ok {
				return a
			}
		}
	}
	return notAcceptable(accept)
}

func encodeList(accept string, objects []object, kind schema.GroupVersionKind, listMeta metav1.ListMeta) answer {
	for _, f := range formats(accept) {
		var list runtime.Object
		listKind := kind.GroupVersion().WithKind(kind.Kind + "List")
		switch f.as {
		case "":
			list = listOf(objects, listKind, listMeta)
		case "PartialObjectMetadataList":
			partial := &metav1.PartialObjectMetadataList{ListMeta: listMeta}
			for _, obj := range objects {
				partial.Items = append(partial.Items, *metadataOf(obj))
			}
			list, listKind = partial, metadataKind(f.as)
		default:
			continue
		}
		if a, ok := f.encode(http.StatusOK, list, listKind); ok {
			return a
		}
	}
	return notAcceptable(accept)
}

func listOf(objects []object, kind schema.GroupVersionKind, listMeta metav1.ListMeta) runtime.Object {
	items := make([]runtime.Object, len(objects))
	for i, obj := range objects {
		items[i] = obj
	}
	list, err := scheme.Scheme.New(kind)
	if err != nil {
		custom := &unstructured.UnstructuredList{}
		custom.SetGroupVersionKind(kind)
		list = custom
	}
	if err := meta.SetList(list, items); err != nil {
		panic(err)
	}
	accessor := list.(metav1.ListInterface)
	accessor.SetContinue(listMeta.Continue)
	accessor.SetRemainingItemCount(listMeta.RemainingItemCount)
	accessor.SetResourceVersion(listMeta.ResourceVersion)
	return list
}

func metadataOf(obj object) *metav1.PartialObjectMetadata {
	m := meta.AsPartialObjectMetadata(obj)
	m.SetGroupVersionKind(metadataKind("PartialObjectMetadata"))
	return m
}

func metadataKind(kind string) schema.GroupVersionKind {
	return metav1.SchemeGroupVersion.WithKind(kind)
}

// encode reports false where the format cannot hold the object.
func (f format) encode(code int, obj runtime.Object, kind schema.GroupVersionKind) (answer, bool) {
	var codecs runtime.NegotiatedSerializer = scheme.Codecs
	if f.as != "" {
		codecs = internalversion.Codecs
	}
	if _, custom := obj.(runtime.Unstructured); custom && f.mediaType != runtime.ContentTypeJSON {
		return answer{}, false
	}
	info, ok := runtime.SerializerInfoForMediaType(codecs.SupportedMediaTypes(), f.mediaType)
	if !ok || f.mediaType == runtime.ContentTypeYAML {
		return answer{}, false
	}
	var encoder runtime.Encoder = info.Serializer
	if _, custom := obj.(runtime.Unstructured); !custom {
		obj = obj.DeepCopyObject() // the encoder writes the kind into it
		obj.GetObjectKind().SetGroupVersionKind(kind)
	}
	body, err := runtime.Encode(encoder, obj)
	if err != nil {
		return answer{http.StatusInternalServerError, "text/plain", []byte(err.Error())}, true
	}
	return answer{code, f.mediaType, body}, true
}

func encode(accept string, code int, obj runtime.Object, kind schema.GroupVersionKind) answer {
	for _, f := range formats(accept) {
		f.as = ""
		if a, ok := f.encode(code, obj, kind); ok {
			return a
		}
	}
	return notAcceptable(accept)
}

func encodeStatus(accept string, err error) answer {
	var status apierrors.APIStatus
	if !errors.As(err, &status) {
		status = apierrors.NewInternalError(err)
	}
	body := status.Status()
	return encode(accept+","+runtime.ContentTypeJSON, int(body.Code), &body, schema.GroupVersionKind{Version: "v1", Kind: "Status"})
}

func notAcceptable(accept string) answer {
	return encodeStatus(runtime.ContentTypeJSON, &apierrors.StatusError{ErrStatus: metav1.Status{
		Status: metav1.StatusFailure, Code: http.StatusNotAcceptable, Reason: metav1.StatusReasonNotAcceptable,
		Message: "only the following media types are accepted: application/json (asked for: " + accept + ")",
	}})
}
