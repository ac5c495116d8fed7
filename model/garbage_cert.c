#include "model/garbage_cert.h"

#include <stdint.h>

X509 *
garbage_cert(X509 *of)
{
	static const unsigned char junk[] = { 0xde, 0xad, 0xbe, 0xef };
	X509 *x = X509_dup(of);
	const X509_ALGOR *algorithm = NULL;
	const ASN1_OBJECT *oid = NULL;
	ASN1_STRING *parameters = ASN1_STRING_new();

	if (x == NULL || parameters == NULL || ASN1_STRING_set(parameters, junk, sizeof junk) != 1)
		goto fail;
	X509_get0_signature(NULL, &algorithm, x);
	X509_ALGOR_get0(&oid, NULL, NULL, algorithm);
	/* The cast relies on OpenSSL's inside: it hands out its own structure. tests/test_pki.c watches it. */
	if (X509_ALGOR_set0((X509_ALGOR *)(uintptr_t)algorithm, OBJ_dup(oid), V_ASN1_SEQUENCE, parameters) == 1)
		return x; /* the parameters are its own now */
fail:
	ASN1_STRING_free(parameters);
	X509_free(x);
	return NULL;
}
