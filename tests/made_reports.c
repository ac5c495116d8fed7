#include "tests/made_reports.h"

#include <stdio.h>
#include <string.h>

#include "model/times.h"

static const char *const teams[] = { "payments", "orders", "ledger", "search", "auth", "billing", "stock", "mail", "cart", "risk", "audit", "edge" };
static const char *const stages[] = { "prod", "stage", "dev", "test" };
static const char *const templates[] = { "EndEntityServerAuthCertificate", "EndEntityClientAuthCertificate", "EndEntityCertificate" };

/* splitmix64: numbers that look random and are the same everywhere. */
static uint64_t
number(size_t n, unsigned which)
{
	uint64_t z = (uint64_t)n * 0x9e3779b97f4a7c15u + (uint64_t)which * 0xd1b54a32d192ed03u + 1;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

void
made_report_serial(size_t n, char *out)
{
	snprintf(out, 33, "%016llx%016llx", (unsigned long long)(number(n, 1) >> 1), (unsigned long long)number(n, 2));
}

/* As AWS writes it: no colon in the offset. */
static void
add_time(struct buf *out, int64_t t)
{
	char text[TIME_TEXT_MAX];

	buf_addf(out, "%.19s+0000", time_rfc3339(t, text));
}

void
made_report_begin(struct buf *out, bool json)
{
	buf_adds(out, json ? "[" : "awsAccountId,requestedByServicePrincipal,certificateArn,serial,subject,notBefore,notAfter,issuedAt,revokedAt,"
	                           "revocationReason,templateArn\n");
}

void
made_report_end(struct buf *out, bool json)
{
	if (json)
		buf_adds(out, "]\n");
}

void
made_report_record(struct buf *out, bool json, size_t n)
{
	size_t service = (size_t)(number(n, 3) % 300000);
	const char *team = teams[service % 12], *stage = stages[service / 12 % 4], *template = templates[number(n, 4) % 3];
	int64_t issued = MADE_NOW - (int64_t)(number(n, 5) % (400 * 86400)), ends = issued + 395 * 86400;
	bool revoked = number(n, 6) % 50 == 0, acm = number(n, 7) % 20 == 0;
	char serial[33], colons[48], subject[128];

	made_report_serial(n, serial);
	for (size_t k = 0; k < 16; k++)
		snprintf(colons + k * 3, sizeof colons - k * 3, "%.2s%s", serial + k * 2, k < 15 ? ":" : "");
	snprintf(subject, sizeof subject, "CN=%s-%06zu.%s.acme.internal,OU=%s,O=Acme Corporation,C=US", team, service, stage, team);
	if (json) {
		buf_addf(out, "%s{\"awsAccountId\":\"111122223333\",", n > 0 && (out->len == 0 || out->data[out->len - 1] != '[') ? "," : "");
		if (acm)
			buf_adds(out, "\"requestedByServicePrincipal\":\"acm.amazonaws.com\",");
		buf_addf(out, "\"certificateArn\":\"" MADE_CA "/certificate/%s\",\"serial\":\"%s\",\"subject\":\"%s\",\"notBefore\":\"", serial, colons, subject);
		add_time(out, issued - 3600);
		buf_adds(out, "\",\"notAfter\":\"");
		add_time(out, ends);
		buf_adds(out, "\",\"issuedAt\":\"");
		add_time(out, issued);
		if (revoked) {
			buf_adds(out, "\",\"revokedAt\":\"");
			add_time(out, issued + 86400);
			buf_adds(out, "\",\"revocationReason\":\"SUPERSEDED");
		}
		buf_addf(out, "\",\"templateArn\":\"arn:aws:acm-pca:::template/%s/V1\"}", template);
		return;
	}
	buf_addf(out, "111122223333,%s," MADE_CA "/certificate/%s,%s,\"%s\",", acm ? "acm.amazonaws.com" : "", serial, colons, subject);
	add_time(out, issued - 3600);
	buf_addc(out, ',');
	add_time(out, ends);
	buf_addc(out, ',');
	add_time(out, issued);
	buf_addc(out, ',');
	if (revoked)
		add_time(out, issued + 86400);
	buf_addf(out, ",%s,arn:aws:acm-pca:::template/%s/V1\n", revoked ? "SUPERSEDED" : "", template);
}

size_t
made_report_file(const char *path, bool json, size_t records)
{
	FILE *f = fopen(path, "w");
	struct buf out = { 0 };
	size_t bytes = 0;
	bool good = f != NULL;

	made_report_begin(&out, json);
	for (size_t n = 0; good && n < records; n++) {
		made_report_record(&out, json, n);
		if (out.len > 1 << 20 || n + 1 == records) {
			if (n + 1 == records)
				made_report_end(&out, json);
			good = fwrite(out.data, 1, out.len, f) == out.len;
			bytes += out.len;
			buf_reset(&out);
		}
	}
	buf_done(&out);
	if (f != NULL && fclose(f) != 0)
		good = false;
	return good ? bytes : 0;
}
