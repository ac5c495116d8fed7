#include "fixes/openssl_line.h"

#include <string.h>

#include "model/quote.h"

static const char *const kinds[] = {
	[CSR_KEY_P256] = "ec -pkeyopt ec_paramgen_curve:P-256",
	[CSR_KEY_P384] = "ec -pkeyopt ec_paramgen_curve:P-384",
	[CSR_KEY_P521] = "ec -pkeyopt ec_paramgen_curve:P-521",
	[CSR_KEY_RSA2048] = "rsa:2048",
	[CSR_KEY_RSA3072] = "rsa:3072",
	[CSR_KEY_RSA4096] = "rsa:4096",
};

static void
subject_of(const struct csr_wish *w, struct buf *out)
{
	const struct {
		const char *type, *value;
	} parts[] = { { "C", w->country }, { "O", w->organization }, { "OU", w->organizational_unit }, { "CN", w->common_name } };

	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		if (parts[i].value == NULL || parts[i].value[0] == '\0')
			continue;
		buf_addf(out, "/%s=", parts[i].type);
		for (const char *c = parts[i].value; *c != '\0'; c++) {
			if (*c == '/' || *c == '\\' || *c == '+')
				buf_addc(out, '\\');
			buf_addc(out, *c);
		}
	}
}

static const char *
kind_of(const char *name)
{
	if (strstr(name, "://") != NULL || strncmp(name, "urn:", 4) == 0)
		return "URI";
	if (strchr(name, ':') != NULL || name[strspn(name, "0123456789.")] == '\0')
		return "IP";
	return strchr(name, '@') != NULL ? "email" : "DNS";
}

const char *
openssl_request_line(struct plan *p, const struct csr_wish *w, const char *key_file, const char *key_out)
{
	struct buf line = { 0 }, part = { 0 };
	const char *out;

	if (key_file != NULL) {
		buf_adds(&line, "openssl req -new -key ");
		shell_quote(&line, key_file);
	} else {
		buf_addf(&line, "openssl req -new -newkey %s -nodes -keyout ", kinds[w->kind]);
		shell_quote(&line, key_out);
	}
	subject_of(w, &part);
	buf_adds(&line, " \\\n    -subj ");
	shell_quote(&line, part.len > 0 ? buf_str(&part) : "/");
	buf_reset(&part);
	for (size_t i = 0; i < w->names_len; i++)
		buf_addf(&part, "%s%s:%s", i > 0 ? "," : "subjectAltName=", kind_of(w->names[i]), w->names[i]);
	if (part.len > 0) {
		buf_adds(&line, " \\\n    -addext ");
		shell_quote(&line, buf_str(&part));
	}
	buf_adds(&line, " -out request.csr");
	out = arena_strdup(p->arena, buf_str(&line));
	buf_done(&line);
	buf_done(&part);
	return out;
}
