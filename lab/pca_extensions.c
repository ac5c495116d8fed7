/* Faults in AWS's words, and lists of extensions in which the first of an OID wins. */
#include "lab/pca_parts.h"

#include <openssl/err.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A text that is cut is cut between two characters: what is no UTF-8 any more is no JSON either. */
static void
end_whole(char *text)
{
	size_t len = strlen(text), start = len;

	while (start > 0 && len - start < 3 && ((unsigned char)text[start - 1] & 0xc0) == 0x80)
		start--;
	if (start == 0)
		return;
	unsigned char lead = (unsigned char)text[start - 1];
	size_t wants = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : lead >= 0xc0 ? 1 : 0;
	if (len - start < wants)
		text[start - 1] = '\0';
}

bool
pca_refuse(struct pca_fault *fault, const char *code, const char *fmt, ...)
{
	va_list args;

	snprintf(fault->code, sizeof fault->code, "%s", code);
	va_start(args, fmt);
	vsnprintf(fault->message, sizeof fault->message, fmt, args);
	va_end(args);
	end_whole(fault->message);
	ERR_clear_error();
	return false;
}

bool
pca_broken(struct pca_fault *fault)
{
	return pca_refuse(fault, "InternalFailure", "The request processing has failed because of an unknown error");
}

bool
pca_constraint(struct pca_fault *fault, const char *value, const char *place, const char *constraint)
{
	char shown[128];

	snprintf(shown, sizeof shown, "%s", value);
	end_whole(shown);
	return pca_refuse(fault, "ValidationException", "1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: %s",
	    shown, place, constraint);
}

X509_EXTENSION *
pca_list_find(const STACK_OF(X509_EXTENSION) *list, int nid)
{
	int at = X509v3_get_ext_by_NID(list, nid, -1);

	return at < 0 ? NULL : X509v3_get_ext(list, at);
}

bool
pca_list_add(STACK_OF(X509_EXTENSION) *list, X509_EXTENSION *e)
{
	X509_EXTENSION *copy;

	if (X509v3_get_ext_by_OBJ(list, X509_EXTENSION_get_object(e), -1) >= 0)
		return true;
	copy = X509_EXTENSION_dup(e);
	if (copy == NULL || sk_X509_EXTENSION_push(list, copy) <= 0) {
		X509_EXTENSION_free(copy);
		return false;
	}
	return true;
}

bool
pca_list_make(STACK_OF(X509_EXTENSION) *list, int nid, void *value, bool critical)
{
	X509_EXTENSION *e = value != NULL ? X509V3_EXT_i2d(nid, critical, value) : NULL;
	bool ok = e != NULL && pca_list_add(list, e);

	X509_EXTENSION_free(e);
	return ok;
}

bool
pca_list_twice(const STACK_OF(X509_EXTENSION) *list)
{
	for (int i = 0; i < sk_X509_EXTENSION_num(list); i++)
		if (X509v3_get_ext_by_OBJ(list, X509_EXTENSION_get_object(sk_X509_EXTENSION_value(list, i)), i) >= 0)
			return true;
	return false;
}

void
pca_list_free(STACK_OF(X509_EXTENSION) *list)
{
	sk_X509_EXTENSION_pop_free(list, X509_EXTENSION_free);
}
