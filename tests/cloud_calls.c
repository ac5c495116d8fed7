#include "tests/cloud_calls.h"

#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <openssl/evp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lab/cloud_internal.h"
#include "probes/examine.h"
#include "tests/pca_made.h"
#include "tests/program.h"

enum { TRIES = 600, PAUSE_MS = 50 };

static void
open_cloud(struct cloud_case *f, const struct cloud_options *o)
{
	struct cloud_options mine = o != NULL ? *o : (struct cloud_options){ .port = 0 };
	struct error err = { .code = ERROR_NONE };

	mine.dir = f->folder;
	if (mine.world == NULL)
		mine.world = world_real();
	if (cloud_start(&mine, &f->cloud, &err) != STATUS_OK)
		fail_msg("the lab's AWS does not start: %s", err.text);
}

void
cloud_case_start(struct cloud_case *f, const struct cloud_options *o)
{
	*f = (struct cloud_case){ .folder = make_folder() };
	open_cloud(f, o);
}

void
cloud_case_restart(struct cloud_case *f, const struct cloud_options *o)
{
	cloud_stop(f->cloud);
	f->cloud = NULL;
	open_cloud(f, o);
}

void
cloud_case_stop(struct cloud_case *f)
{
	cloud_stop(f->cloud);
	remove_folder(f->folder);
	*f = (struct cloud_case){ .folder = NULL };
}

sqlite3 *
cloud_case_database(const struct cloud_case *f)
{
	struct error err = { .code = ERROR_NONE };
	sqlite3 *db = cloud_open_database(f->folder, &err);

	if (db == NULL)
		fail_msg("%s", err.text);
	return db;
}

/* ---- a request ---- */

static void
replace(char *text, size_t size, const char *what, const char *by)
{
	char *at = what != NULL ? strstr(text, what) : NULL, rest[2048];

	if (at == NULL)
		return;
	snprintf(rest, sizeof rest, "%s", at + strlen(what));
	snprintf(at, size - (size_t)(at - text), "%s%s", by, rest);
}

static void
add(struct sigv4_header *list, size_t *len, const char *name, const char *value)
{
	if (value != NULL)
		list[(*len)++] = (struct sigv4_header){ name, value };
}

/* Code and text of whatever protocol it is. */
static void
read_error(struct cloud_said *out)
{
	const char *body = buf_str(&out->body);
	const struct {
		const char *tag;
		char *into;
		size_t size;
	} parts[] = { { "<Code>", out->code, sizeof out->code }, { "<Message>", out->message, sizeof out->message } };

	out->json = cJSON_ParseWithLength(body, out->body.len);
	if (out->status < 300)
		return;
	for (size_t i = 0; i < 2; i++) {
		const char *at = strstr(body, parts[i].tag);
		if (at != NULL)
			snprintf(parts[i].into, parts[i].size, "%.*s", (int)strcspn(at + strlen(parts[i].tag), "<"), at + strlen(parts[i].tag));
	}
	const char *type = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(out->json, "__type"));
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(out->json, "message"));
	if (type != NULL)
		snprintf(out->code, sizeof out->code, "%s", type);
	if (text != NULL)
		snprintf(out->message, sizeof out->message, "%s", text);
}

void
cloud_say(const struct cloud_case *f, const struct cloud_ask *ask, struct cloud_said *out)
{
	const char *base = ask->url != NULL ? ask->url : cloud_url(f->cloud), *method = ask->method != NULL ? ask->method : "POST";
	const char *path = ask->path != NULL ? ask->path : "/", *query = ask->query != NULL ? ask->query : "", *body = ask->body != NULL ? ask->body : "";
	const char *service = ask->service != NULL ? ask->service : "acm-pca", *sent = ask->send_body != NULL ? ask->send_body : body;
	struct sigv4_header headers[16], going[20];
	struct sigv4_signed s;
	struct sigv4_key key = { ask->access_key, ask->secret, ask->token };
	struct aws_http_answer answer = { .status = 0 };
	struct aws_error err = { .kind = AWS_FINE };
	size_t n = 0, m = 0;
	char url[1024];

	if (key.access_key == NULL)
		key.access_key = cloud_access_key(f->cloud);
	if (key.secret == NULL)
		key.secret = cloud_secret(f->cloud);
	memset(out, 0, sizeof *out);
	add(headers, &n, "host", base + strlen("http://"));
	add(headers, &n, "content-type", ask->form ? "application/x-www-form-urlencoded; charset=utf-8" : ask->target != NULL ? "application/x-amz-json-1.1" : ask->content_type);
	add(headers, &n, "x-amz-target", ask->target);
	if (ask->signed_only != NULL)
		add(headers, &n, ask->signed_only, "1");
	struct sigv4_request r = { .method = method, .path = path, .query = query, .headers = headers, .headers_len = n, .body = body, .body_len = strlen(body) };
	assert_true(sigv4_sign(&r, &key, ask->region != NULL ? ask->region : CLOUD_REGION, service, (int64_t)time(NULL) + ask->at, &s));
	replace(s.authorization, sizeof s.authorization, ask->scope[0], ask->scope[1]);
	if (ask->without != NULL)
		replace(s.authorization, sizeof s.authorization, ask->without, "Nothing=");
	if (ask->drop_signed != NULL) {
		char with[64];
		snprintf(with, sizeof with, "%s;", ask->drop_signed);
		replace(s.authorization, sizeof s.authorization, with, "");
	}
	for (size_t i = 0; i < n; i++)
		if (ask->signed_only == NULL || strcmp(headers[i].name, ask->signed_only) != 0)
			if (strcmp(headers[i].name, "host") != 0)
				add(going, &m, headers[i].name, headers[i].value);
	if (!ask->is_unsigned) {
		add(going, &m, "Authorization", s.authorization);
		add(going, &m, "X-Amz-Date", s.date);
		add(going, &m, "x-amz-content-sha256", s.payload_hash);
		add(going, &m, "X-Amz-Security-Token", ask->token);
	}
	add(going, &m, ask->sent_only[0], ask->sent_only[1]);
	snprintf(url, sizeof url, "%s%s%s%s", base, path, query[0] != '\0' ? "?" : "", query);
	struct aws_http_request h = { .method = method, .url = url, .headers = going, .headers_len = m, .body = sent, .body_len = strlen(sent), .no_proxy = true };
	if (aws_http(&h, &answer, &err) == STATUS_OK) {
		out->status = answer.status;
		snprintf(out->request_id, sizeof out->request_id, "%s", answer.request_id);
		snprintf(out->date, sizeof out->date, "%s", answer.date);
		buf_add(&out->body, buf_str(&answer.body), answer.body.len);
		read_error(out);
	}
	aws_http_answer_done(&answer);
}

void
cloud_said_done(struct cloud_said *s)
{
	cJSON_Delete(s->json);
	buf_done(&s->body);
	memset(s, 0, sizeof *s);
}

/* ---- the private CA ---- */

/* C and JSON quote alike: here ' stands for ". */
static char *
quoted(const char *fmt, va_list ap)
{
	char *text = NULL;

	assert_true(vasprintf(&text, fmt, ap) >= 0);
	for (char *at = text; *at != '\0'; at++)
		if (*at == '\'')
			*at = '"';
	return text;
}

static const cJSON *
call(const struct cloud_case *f, struct cloud_said *said, const char *operation, char *body)
{
	char target[96];

	snprintf(target, sizeof target, "ACMPrivateCA.%s", operation);
	cloud_say(f, &(struct cloud_ask){ .target = target, .body = body }, said);
	free(body);
	return said->status == 200 ? said->json : NULL;
}

const cJSON *
cloud_pca(const struct cloud_case *f, struct cloud_said *said, const char *operation, const char *json, ...)
{
	va_list ap;

	va_start(ap, json);
	char *body = quoted(json, ap);
	va_end(ap);
	return call(f, said, operation, body);
}

char *
cloud_pca_text(const struct cloud_case *f, const char *member, const char *operation, const char *json, ...)
{
	struct cloud_said said;
	const char *text;
	char *kept = NULL;
	va_list ap;

	va_start(ap, json);
	char *body = quoted(json, ap);
	va_end(ap);
	const cJSON *o = call(f, &said, operation, body);
	if (o == NULL)
		fail_msg("%s: %d %s: %s", operation, said.status, said.code, said.message);
	if (member != NULL) {
		text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, member));
		if (text == NULL)
			fail_msg("%s: no %s in %s", operation, member, buf_str(&said.body));
		kept = strdup(text);
	}
	cloud_said_done(&said);
	return kept;
}

void
cloud_pca_refuses(const struct cloud_case *f, const char *code, const char *text, const char *operation, const char *json, ...)
{
	struct cloud_said said;
	va_list ap;

	va_start(ap, json);
	char *body = quoted(json, ap);
	va_end(ap);
	call(f, &said, operation, body);
	if (strcmp(said.code, code) != 0 || (text != NULL && strstr(said.message, text) == NULL))
		fail_msg("%s: %d %s: %s; expected %s: %s", operation, said.status, said.code, said.message, code, text != NULL ? text : "");
	assert_int_equal(said.status, 400);
	cloud_said_done(&said);
}

/* Asks until it is no longer in progress: the member, malloc'd. */
static char *
wait_for(const struct cloud_case *f, const char *member, const char *operation, const char *json, const char *ca, const char *arn)
{
	for (int i = 0; i < TRIES; i++) {
		struct cloud_said said;
		char *body = NULL, *text = NULL;
		assert_true(asprintf(&body, json, ca, arn) >= 0);
		const cJSON *o = call(f, &said, operation, body);
		if (o != NULL)
			text = strdup(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, member)));
		else if (strcmp(said.code, "RequestInProgressException") != 0)
			fail_msg("%s: %d %s: %s", operation, said.status, said.code, said.message);
		cloud_said_done(&said);
		if (text != NULL)
			return text;
		poll(NULL, 0, PAUSE_MS);
	}
	fail_msg("%s: it stays in progress", operation);
	return NULL;
}

char *
cloud_get_certificate(const struct cloud_case *f, const char *ca, const char *arn)
{
	return wait_for(f, "Certificate", "GetCertificate", "{\"CertificateAuthorityArn\":\"%s\",\"CertificateArn\":\"%s\"}", ca, arn);
}

char *
cloud_get_csr(const struct cloud_case *f, const char *ca)
{
	return wait_for(f, "Csr", "GetCertificateAuthorityCsr", "{\"CertificateAuthorityArn\":\"%s\"}", ca, "");
}

char *
cloud_base64(const char *text)
{
	size_t len = strlen(text);
	char *out = malloc(len / 3 * 4 + 8);

	assert_non_null(out);
	EVP_EncodeBlock((unsigned char *)out, (const unsigned char *)text, (int)len);
	return out;
}

char *
cloud_csr(const char *cn)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	char subject[128], san[160];

	snprintf(subject, sizeof subject, "CN=%s", cn);
	snprintf(san, sizeof san, "DNS:%s", cn);
	struct asked_extension asks[] = { { "subjectAltName", san }, { NULL, NULL } };
	char *pem = asked_csr(&(struct asked_csr){ .subject = subject, .asks = asks, .key = key }), *text = cloud_base64(pem);
	free(pem);
	EVP_PKEY_free(key);
	return text;
}

char *
cloud_active_ca(const struct cloud_case *f, const char *cn, const char *key_algorithm, const char *parent, int path_len)
{
	const char *signing = strncmp(key_algorithm, "RSA", 3) == 0 ? "SHA256WITHRSA" : "SHA256WITHECDSA";
	char *ca = cloud_pca_text(f, "CertificateAuthorityArn", "CreateCertificateAuthority", "{'CertificateAuthorityType':'%s',"
	    "'CertificateAuthorityConfiguration':{'KeyAlgorithm':'%s','SigningAlgorithm':'%s','Subject':{'CommonName':'%s'}}}",
	    parent == NULL ? "ROOT" : "SUBORDINATE", key_algorithm, signing, cn);
	char *pem = cloud_get_csr(f, ca), *csr = cloud_base64(pem), template[80] = "RootCACertificate", *certificate, *base64, *chain = NULL;

	if (parent != NULL)
		snprintf(template, sizeof template, "SubordinateCACertificate_PathLen%d", path_len);
	char *arn = cloud_pca_text(f, "CertificateArn", "IssueCertificate", "{'CertificateAuthorityArn':'%s','Csr':'%s','SigningAlgorithm':'%s',"
	    "'TemplateArn':'arn:aws:acm-pca:::template/%s/V1','Validity':{'Type':'DAYS','Value':%d}}", parent != NULL ? parent : ca, csr,
	    parent != NULL ? "SHA256WITHECDSA" : signing, template, parent == NULL ? 3650 : 100 + path_len);
	certificate = cloud_get_certificate(f, parent != NULL ? parent : ca, arn);
	base64 = cloud_base64(certificate);
	if (parent != NULL) {
		char *above = wait_for(f, "CertificateChain", "GetCertificate", "{\"CertificateAuthorityArn\":\"%s\",\"CertificateArn\":\"%s\"}", parent, arn);
		chain = cloud_base64(above);
		free(above);
		cloud_pca_text(f, NULL, "ImportCertificateAuthorityCertificate", "{'CertificateAuthorityArn':'%s','Certificate':'%s','CertificateChain':'%s'}", ca,
		    base64, chain);
	} else {
		cloud_pca_text(f, NULL, "ImportCertificateAuthorityCertificate", "{'CertificateAuthorityArn':'%s','Certificate':'%s'}", ca, base64);
	}
	free(chain);
	free(base64);
	free(certificate);
	free(arn);
	free(csr);
	free(pem);
	return ca;
}
