#include "aws/acm.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "aws/answer.h"
#include "aws/fields.h"

enum { KEY_MOST = 5120 };

static void
add_blob(cJSON *in, const char *name, const char *bytes, size_t len)
{
	size_t room = (len + 2) / 3 * 4 + 1;
	char *code = mem_alloc(room);

	(void)EVP_EncodeBlock((unsigned char *)code, (const unsigned char *)bytes, (int)len);
	cJSON_AddStringToObject(in, name, code);
	OPENSSL_cleanse(code, room);
	free(code);
}

status
acm_import(struct aws_client *c, const struct acm_import *i, struct arena *a, const char **arn, struct aws_error *err)
{
	cJSON *in, *answer = NULL;
	status result;

	if (i->key_len == 0 || i->key_len > KEY_MOST)
		return aws_error_set(err, AWS_ARGUMENT, NULL, "a private key has 1 to %d bytes of PEM, this one has %zu", KEY_MOST, i->key_len);
	in = cJSON_CreateObject();
	field_add(in, "CertificateArn", i->arn);
	add_blob(in, "Certificate", i->certificate, strlen(i->certificate));
	add_blob(in, "PrivateKey", i->key, i->key_len);
	if (i->chain != NULL && i->chain[0] != '\0')
		add_blob(in, "CertificateChain", i->chain, strlen(i->chain));
	result = aws_call_json(c, &aws_acm, "ImportCertificate", in, &answer, err);
	if (result == STATUS_OK) {
		*arn = field_text(a, answer, "CertificateArn");
		if (*arn == NULL)
			result = aws_error_set(err, AWS_ANSWER, NULL, "there is no CertificateArn in the answer");
	}
	cJSON_Delete(answer);
	return result;
}

static cJSON *
of(const char *arn)
{
	cJSON *in = cJSON_CreateObject();

	field_add(in, "CertificateArn", arn);
	return in;
}

status
acm_describe(struct aws_client *c, const char *arn, struct arena *a, struct acm_about *out, struct aws_error *err)
{
	cJSON *answer = NULL;
	const cJSON *o;

	*out = (struct acm_about){ .arn = NULL };
	if (aws_call_json(c, &aws_acm, "DescribeCertificate", of(arn), &answer, err) != STATUS_OK)
		return STATUS_FAILED;
	o = cJSON_GetObjectItemCaseSensitive(answer, "Certificate");
	*out = (struct acm_about){
		.arn = field_text(a, o, "CertificateArn"),
		.domain = field_text(a, o, "DomainName"),
		.type = field_text(a, o, "Type"),
		.status = field_text(a, o, "Status"),
		.key_algorithm = field_text(a, o, "KeyAlgorithm"),
		.not_after = field_time(o, "NotAfter"),
	};
	out->in_use_by = field_texts(a, o, "InUseBy", &out->in_use_by_len);
	cJSON_Delete(answer);
	return out->arn != NULL ? STATUS_OK : aws_error_set(err, AWS_ANSWER, NULL, "there is no CertificateArn in the answer");
}

status
acm_get(struct aws_client *c, const char *arn, struct arena *a, const char **certificate, const char **chain, struct aws_error *err)
{
	cJSON *answer = NULL;

	if (aws_call_json(c, &aws_acm, "GetCertificate", of(arn), &answer, err) != STATUS_OK)
		return STATUS_FAILED;
	*certificate = field_text(a, answer, "Certificate");
	*chain = field_text(a, answer, "CertificateChain");
	if (*chain == NULL)
		*chain = "";
	cJSON_Delete(answer);
	return *certificate != NULL ? STATUS_OK : aws_error_set(err, AWS_ANSWER, NULL, "there is no Certificate in the answer");
}
