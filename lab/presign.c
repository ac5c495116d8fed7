/* Source: AWS, "Authenticating Requests: Using Query Parameters (AWS Signature Version 4)". */
#include "lab/presign.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>

#include "aws/sigv4.h"
#include "lab/cloud_internal.h"
#include "lab/s3_store.h"
#include "model/times.h"

enum { SHA256 = 32, DATE = 8 };

static void
hmac(const unsigned char *key, size_t key_len, const char *text, unsigned char out[SHA256])
{
	unsigned n = SHA256;

	HMAC(EVP_sha256(), key, (int)key_len, (const unsigned char *)text, strlen(text), out, &n);
}

static void
encode(struct buf *out, const char *text, bool path)
{
	sigv4_encode(out, text, strlen(text), path);
}

/* "20261129T215559Z" */
static void
basic_time(int64_t t, char out[TIME_TEXT_MAX])
{
	char text[TIME_TEXT_MAX];
	size_t n = 0;

	time_rfc3339(t, text);
	for (const char *at = text; *at != '\0'; at++)
		if (*at != '-' && *at != ':')
			out[n++] = *at;
	out[n] = '\0';
}

static void
signature(struct cloud *c, const char *date, const char *region, const char *to_sign, char hex[2 * SHA256 + 1])
{
	const char *const steps[] = { region, "s3", "aws4_request", to_sign };
	unsigned char key[SHA256], next[SHA256];
	char first[4 + CLOUD_SECRET], day[DATE + 1];

	snprintf(first, sizeof first, "AWS4%s", cloud_secret(c));
	snprintf(day, sizeof day, "%.8s", date);
	hmac((const unsigned char *)first, strlen(first), day, key);
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
		hmac(key, sizeof key, steps[i], next);
		memcpy(key, next, sizeof key);
	}
	for (size_t i = 0; i < SHA256; i++)
		snprintf(hex + 2 * i, 3, "%02x", key[i]);
	OPENSSL_cleanse(first, sizeof first);
}

char *
cloud_presign(struct cloud *c, const struct cloud_request *q, const char *bucket, const char *key, const char *version, int seconds)
{
	char date[TIME_TEXT_MAX], hash[SIGV4_SHA256_HEX], hex[2 * SHA256 + 1];
	struct buf path = { 0 }, query = { 0 }, text = { 0 };
	const char *host = strstr(cloud_url(c), "//") + 2, *region;
	struct s3_bucket b = { .region = q->region };
	char *scope, *url;

	/* A bucket takes what is signed for its own region, wherever it is asked for. */
	(void)s3_bucket(c, bucket, q->arena, &b);
	region = b.region;
	basic_time(cloud_real_now(), date);
	scope = arena_printf(q->arena, "%.8s/%s/s3/aws4_request", date, region);
	buf_addf(&path, "/%s/", bucket);
	encode(&path, key, true);
	buf_addf(&query, "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=%s%%2F", cloud_access_key(c));
	encode(&query, scope, false);
	buf_addf(&query, "&X-Amz-Date=%s&X-Amz-Expires=%d&X-Amz-SignedHeaders=host", date, seconds);
	if (version != NULL) { /* lower case sorts behind the others */
		buf_adds(&query, "&versionId=");
		encode(&query, version, false);
	}
	buf_addf(&text, "GET\n%s\n%s\nhost:%s\n\nhost\nUNSIGNED-PAYLOAD", buf_str(&path), buf_str(&query), host);
	sigv4_hash(buf_str(&text), text.len, hash);
	buf_reset(&text);
	buf_addf(&text, "AWS4-HMAC-SHA256\n%s\n%s\n%s", date, scope, hash);
	signature(c, date, region, buf_str(&text), hex);
	url = arena_printf(q->arena, "%s%s?%s&X-Amz-Signature=%s", cloud_url(c), buf_str(&path), buf_str(&query), hex);
	buf_done(&path);
	buf_done(&query);
	buf_done(&text);
	return url;
}
