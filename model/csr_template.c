/* Which template of AWS Private CA makes what: knowledge "aws" 2.1, 2.2 (and its mapping of purposes). */
#include "model/csr_internal.h"

#include <stdlib.h>
#include <string.h>

enum { TLS_USAGE = USAGE_DIGITAL_SIGNATURE | USAGE_KEY_ENCIPHERMENT, CA_USAGE = USAGE_DIGITAL_SIGNATURE | USAGE_CERT_SIGN | USAGE_CRL_SIGN };
static const char end_entity[] = "EndEntityCertificate", path_len_mark[] = "_PathLen";

static const struct csr_base bases[] = {
	{ .name = end_entity, .words = "for servers and clients", .usage = TLS_USAGE, .purposes = { "serverAuth", "clientAuth" } },
	{ .name = "EndEntityServerAuthCertificate", .words = "for servers", .usage = TLS_USAGE, .purposes = { "serverAuth" } },
	{ .name = "EndEntityClientAuthCertificate", .words = "for clients", .usage = TLS_USAGE, .purposes = { "clientAuth" } },
	{ .name = "CodeSigningCertificate", .words = "to sign code", .usage = USAGE_DIGITAL_SIGNATURE, .purposes = { "codeSigning" } },
	{ .name = "OCSPSigningCertificate", .words = "to sign OCSP answers", .usage = USAGE_DIGITAL_SIGNATURE, .purposes = { "OCSPSigning" } },
	{ .name = "RootCACertificate", .words = "a root", .usage = CA_USAGE, .ca = true, .root = true },
	{ .name = "SubordinateCACertificate_PathLen", .words = "a CA", .usage = CA_USAGE, .ca = true },
	{ .name = "BlankEndEntityCertificate", .words = "only what is asked for", .blank = true },
	{ .name = "BlankEndEntityCertificate_CriticalBasicConstraints", .words = "only what is asked for", .blank = true },
	{ .name = "BlankSubordinateCACertificate_PathLen", .words = "a CA with only what is asked for", .ca = true, .blank = true },
	{ .name = "BlankRootCACertificate", .words = "a root with only what is asked for", .ca = true, .root = true, .blank = true },
	{ .name = "BlankRootCACertificate_PathLen", .words = "a root with only what is asked for", .ca = true, .root = true, .blank = true },
};

static const struct passthrough {
	const char *suffix;
	bool csr, api;
} passthroughs[] = {
	{ "_APICSRPassthrough", true, true }, { "_CSRPassthrough", true, false }, { "_APIPassthrough", false, true }, { "", false, false },
};

static bool
ends_with(const char *text, size_t len, const char *end)
{
	size_t n = strlen(end);

	return len >= n && memcmp(text + len - n, end, n) == 0;
}

bool
csr_template_find(const char *name, struct csr_template_row *out)
{
	const struct passthrough *p = passthroughs;
	size_t len, base_len;
	int path_len = -1;

	if (name == NULL)
		name = end_entity;
	len = strlen(name);
	while (!ends_with(name, len, p->suffix))
		p++;
	len -= strlen(p->suffix);
	if (len > sizeof path_len_mark && name[len - 1] >= '0' && name[len - 1] <= '3' && ends_with(name, len - 1, path_len_mark)) {
		path_len = name[len - 1] - '0';
		len--;
	}
	for (size_t i = 0; i < sizeof bases / sizeof bases[0]; i++) {
		const struct csr_base *b = &bases[i];

		base_len = strlen(b->name);
		if (base_len != len || memcmp(b->name, name, len) != 0 || ends_with(b->name, base_len, path_len_mark) != (path_len >= 0))
			continue;
		/* A blank one takes something; a root never a CSR's extensions. */
		if ((b->blank && !p->csr && !p->api) || (b->root && p->csr))
			return false;
		*out = (struct csr_template_row){ .base = b, .takes_csr = p->csr, .takes_api = p->api, .path_len = path_len };
		return true;
	}
	return false;
}

bool
csr_template_name(const char *text, char out[CSR_TEMPLATE_MAX])
{
	static const char mark[] = ":template/", version[] = "/V1";
	struct csr_template_row row;
	const char *at = strstr(text, mark);
	size_t len;

	if (strncmp(text, "arn:", 4) == 0) {
		if (at == NULL || !ends_with(text, strlen(text), version))
			return false;
		text = at + sizeof mark - 1;
	}
	len = strlen(text);
	if (ends_with(text, len, version))
		len -= sizeof version - 1;
	if (len == 0 || len >= CSR_TEMPLATE_MAX)
		return false;
	memcpy(out, text, len);
	out[len] = '\0';
	return csr_template_find(out, &row);
}

const char *
csr_template_words(const char *name)
{
	static const char *const ca_words[] = { "a CA that issues no further CA", "a CA with one more level of CAs below it",
		"a CA with two more levels of CAs below it", "a CA with three more levels of CAs below it" };
	struct csr_template_row row;

	if (!csr_template_find(name, &row))
		return "a template that is not known here";
	if (row.base->ca && !row.base->root && !row.base->blank)
		return ca_words[row.path_len];
	return row.base->words;
}

const char *
csr_template(const struct csr_purpose *p)
{
	static const char *const cas[][2] = {
		{ "SubordinateCACertificate_PathLen0", "SubordinateCACertificate_PathLen0_CSRPassthrough" },
		{ "SubordinateCACertificate_PathLen1", "SubordinateCACertificate_PathLen1_CSRPassthrough" },
		{ "SubordinateCACertificate_PathLen2", "SubordinateCACertificate_PathLen2_CSRPassthrough" },
		{ "SubordinateCACertificate_PathLen3", "SubordinateCACertificate_PathLen3_CSRPassthrough" },
	};
	static const struct {
		bool server, client, code_signing, ocsp_signing;
		const char *name[2];
	} ends[] = {
		{ true, true, false, false, { "EndEntityCertificate", "EndEntityCertificate_CSRPassthrough" } },
		{ true, false, false, false, { "EndEntityServerAuthCertificate", "EndEntityServerAuthCertificate_CSRPassthrough" } },
		{ false, true, false, false, { "EndEntityClientAuthCertificate", "EndEntityClientAuthCertificate_CSRPassthrough" } },
		{ false, false, true, false, { "CodeSigningCertificate", "CodeSigningCertificate_CSRPassthrough" } },
		{ false, false, false, true, { "OCSPSigningCertificate", "OCSPSigningCertificate_CSRPassthrough" } },
	};
	bool end = p->server || p->client || p->code_signing || p->ocsp_signing;

	if (p->ca)
		return end || p->path_len < 0 || p->path_len > 3 ? NULL : cas[p->path_len][p->keep_extensions];
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
		if (ends[i].server == p->server && ends[i].client == p->client && ends[i].code_signing == p->code_signing &&
		    ends[i].ocsp_signing == p->ocsp_signing)
			return ends[i].name[p->keep_extensions];
	return "BlankEndEntityCertificate_APICSRPassthrough";
}
