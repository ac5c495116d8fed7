/* Certificates, chains, paths and findings as JSON. */
#include <string.h>

#include "model/json.h"
#include "model/json_parts.h"
#include "model/mend.h"

static const char *const usages[] = { "digitalSignature", "nonRepudiation", "keyEncipherment", "dataEncipherment",
	"keyAgreement", "keyCertSign", "cRLSign", "encipherOnly", "decipherOnly" };

void
json_add_verdict(cJSON *to, const struct diagnosis *d)
{
	json_add_text(to, "verdict", verdict_name(d->verdict));
	json_add_text(to, "class", class_name(d->class));
	json_add_text(to, "side", d->root != NULL ? side_name(d->root->side) : NULL);
	json_add_text(to, "root_cause", d->root != NULL ? code_info(d->root->code)->name : NULL);
	json_add_text(to, "cause_key", d->cause_key);
}

static void
add_one_finding(cJSON *list, const struct diagnosis *d, const struct finding *f)
{
	cJSON *o = cJSON_CreateObject(), *part;

	(void)d;
	json_add_text(o, "code", code_info(f->code)->name);
	json_add_text(o, "severity", severity_name(f->severity));
	json_add_text(o, "side", side_name(f->side));
	cJSON_AddBoolToObject(o, "root_cause", f->root_cause);
	json_add_text(o, "confidence", confidence_name(f->confidence));
	json_add_text(o, "title", f->title != NULL ? f->title : code_phrase(f->code));
	json_add_text(o, "why", f->why != NULL ? f->why : "");
	part = json_add_list(o, "evidence");
	for (size_t i = 0; i < f->evidence_len; i++)
		cJSON_AddItemToArray(part, json_text(f->evidence[i]));
	part = json_add_list(o, "proof");
	for (size_t i = 0; i < f->proof_len; i++) {
		cJSON *proof = cJSON_CreateObject();
		json_add_text(proof, "experiment", f->proof[i].experiment);
		json_add_text(proof, "handshake", f->proof[i].handshake);
		json_add_text(proof, "outcome", f->proof[i].outcome);
		cJSON_AddItemToArray(part, proof);
	}
	part = json_add_list(o, "explains");
	for (size_t i = 0; i < f->explains_len; i++)
		cJSON_AddItemToArray(part, json_text(code_info(f->explains[i])->name));
	part = json_add_list(o, "candidates");
	for (size_t i = 0; i < f->candidates_len; i++) {
		cJSON *candidate = cJSON_CreateObject();
		json_add_text(candidate, "code", code_info(f->candidates[i].code)->name);
		json_add_text(candidate, "likelihood", confidence_name(f->candidates[i].likelihood));
		json_add_text(candidate, "decided_by", f->candidates[i].decided_by);
		cJSON_AddItemToArray(part, candidate);
	}
	json_add_hex(o, "certificate", f->certificate);
	if (f->address != NULL)
		json_add_text(o, "address", f->address);
	part = json_add_list(o, "fixes");
	for (size_t i = 0; f->fixes != NULL && f->fixes[i] != NULL; i++)
		cJSON_AddItemToArray(part, json_text(f->fixes[i]));
	cJSON_AddItemToArray(list, o);
}

void
json_add_findings(cJSON *to, const struct diagnosis *d)
{
	cJSON *list = json_add_list(to, "findings");

	for (size_t i = 0; i < d->len; i++)
		add_one_finding(list, d, &d->findings[i]);
}

static const char *
role_of(const struct cert *c, size_t position)
{
	if (position == 0)
		return "leaf";
	return c->self_issued && c->is_ca ? "root" : "intermediate";
}

/* What stands in the certificate itself. */
static void
add_fields(cJSON *o, const struct cert *c)
{
	cJSON *part;

	json_add_text(o, "subject", c->subject.safe);
	json_add_text(o, "issuer", c->issuer.safe);
	json_add_text(o, "serial", c->serial_hex);
	json_add_time(o, "not_before", c->not_before);
	json_add_time(o, "not_after", c->not_after);
	part = json_add_list(o, "san");
	for (size_t i = 0; i < c->san_len; i++)
		cJSON_AddItemToArray(part, json_text(c->san[i].safe));
	part = json_add_list(o, "key_usage");
	for (size_t i = 0; i < sizeof usages / sizeof usages[0]; i++) {
		if ((c->key_usage & (1u << i)) != 0)
			cJSON_AddItemToArray(part, json_text(usages[i]));
	}
	part = json_add_list(o, "eku");
	for (size_t i = 0; i < c->eku_len; i++)
		cJSON_AddItemToArray(part, json_text(c->eku[i]));
	json_add_text(o, "key", c->key.label);
	json_add_text(o, "signature", c->signature.label);
}

static void
add_one_certificate(cJSON *list, const struct diagnosis *d, const struct cert *c, size_t position, const char *source)
{
	cJSON *o = cJSON_CreateObject(), *part;

	json_add_hex(o, "sha256", c);
	cJSON_AddNumberToObject(o, "position", (double)position);
	json_add_text(o, "source", source);
	json_add_text(o, "role", role_of(c, position));
	add_fields(o, c);
	part = json_add_list(o, "findings");
	for (size_t i = 0; i < d->len; i++) {
		const struct cert *about = d->findings[i].certificate;
		if (about != NULL && fingerprint_equal(&about->sha256, &c->sha256))
			cJSON_AddItemToArray(part, json_text(code_info(d->findings[i].code)->name));
	}
	cJSON_AddItemToArray(list, o);
}

void
json_certificate(const struct cert *c, struct buf *out)
{
	cJSON *o = cJSON_CreateObject();
	struct buf pem = { 0 };

	json_add_hex(o, "sha256", c);
	json_add_text(o, "sha1", c->sha1_hex);
	add_fields(o, c);
	cert_pem(c, &pem);
	/* Its line ends are its own, and nothing in it comes from outside. */
	cJSON_AddStringToObject(o, "pem", buf_str(&pem));
	buf_done(&pem);
	json_print(o, out);
}

/* A certificate that came over the wire and cannot be read: its bytes' place in the chain is still told. */
static void
add_unreadable(cJSON *list, const struct diagnosis *d, size_t position, const char *problem)
{
	static const char *const nulls[] = { "sha256", "subject", "issuer", "serial", "not_before", "not_after", "key", "signature" };
	static const char *const lists[] = { "san", "key_usage", "eku", "findings" };
	cJSON *o = cJSON_CreateObject(), *part;

	for (size_t i = 0; i < sizeof nulls / sizeof nulls[0]; i++)
		cJSON_AddNullToObject(o, nulls[i]);
	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
		json_add_list(o, lists[i]);
	cJSON_AddNumberToObject(o, "position", (double)position);
	json_add_text(o, "source", "presented");
	json_add_text(o, "role", position == 0 ? "leaf" : "intermediate");
	json_add_text(o, "problem", problem);
	part = cJSON_GetObjectItemCaseSensitive(o, "findings");
	for (size_t i = 0; i < d->len && cJSON_GetArraySize(part) == 0; i++) {
		if (d->findings[i].code == CODE_CERT_MALFORMED && d->findings[i].certificate == NULL)
			cJSON_AddItemToArray(part, json_text(code_info(CODE_CERT_MALFORMED)->name));
	}
	cJSON_AddItemToArray(list, o);
}

void
json_add_chain(cJSON *to, const struct diagnosis *d)
{
	const struct evidence *e = d->evidence;
	const struct handshake *h = evidence_baseline(e);
	cJSON *list = json_add_list(to, "chain");

	for (size_t i = 0; h != NULL && i < h->server_certs_len; i++) {
		const struct wire_cert *w = &h->server_certs[i];
		if (w->cert != NULL)
			add_one_certificate(list, d, w->cert, i, "presented");
		else
			add_unreadable(list, d, i, w->problem);
	}
	for (size_t i = 0; e->offline && i < e->offline_len; i++)
		add_one_certificate(list, d, e->offline_chain[i], i, e->client != NULL ? "presented" : "file");
}

static void
add_path_set(cJSON *list, const struct path_set *set, int64_t now)
{
	for (size_t i = 0; set != NULL && i < set->len; i++) {
		const struct path *path = &set->paths[i];
		cJSON *o = cJSON_CreateObject(), *part = json_add_list(o, "certificates");
		for (size_t k = 0; k < path->len; k++)
			cJSON_AddItemToArray(part, json_text(path->links[k].cert->sha256_hex));
		json_add_hex(o, "anchor", path->anchored && path->len > 0 ? path->links[path->len - 1].cert : NULL);
		cJSON_AddBoolToObject(o, "valid", path_valid_at(path, now));
		json_add_time(o, "expires", path->not_after);
		part = json_add_list(o, "errors");
		for (size_t k = 0; k < path->errors_len; k++) {
			const struct path_error *x = &path->errors[k];
			cJSON *error = cJSON_CreateObject();
			json_add_text(error, "code", x->code != CODE_NONE ? code_info(x->code)->name : NULL);
			cJSON_AddNumberToObject(error, "depth", x->depth);
			json_add_text(error, "text", x->text);
			cJSON_AddItemToArray(part, error);
		}
		cJSON_AddItemToArray(list, o);
	}
}

void
json_add_paths(cJSON *to, const struct diagnosis *d)
{
	const struct path_set *set = d->server_paths != NULL || !d->evidence->offline ? d->server_paths : d->our_paths;

	add_path_set(json_add_list(to, "paths"), set, evidence_now(d->evidence));
}

static void
mention(cJSON *map, const struct cert *c, const char *source)
{
	cJSON *o;

	if (c == NULL || cJSON_GetObjectItemCaseSensitive(map, c->sha256_hex) != NULL)
		return;
	o = cJSON_AddObjectToObject(map, c->sha256_hex);
	json_add_text(o, "subject", c->subject.safe);
	json_add_text(o, "source", source);
	json_add_time(o, "not_after", c->not_after);
}

static void
mention_paths(cJSON *map, const struct path_set *set)
{
	for (size_t i = 0; set != NULL && i < set->len; i++) {
		for (size_t k = 0; k < set->paths[i].len; k++)
			mention(map, set->paths[i].links[k].cert, path_source_name(set->paths[i].links[k].source));
	}
}

void
json_add_certificates(cJSON *to, const struct diagnosis *d)
{
	const struct evidence *e = d->evidence;
	cJSON *map = cJSON_AddObjectToObject(to, "certificates");

	for (size_t k = 0; k < e->handshakes_len; k++)
		for (size_t i = 0; i < e->handshakes[k]->server_certs_len; i++)
			mention(map, e->handshakes[k]->server_certs[i].cert, "presented");
	for (size_t i = 0; e->identity != NULL && i < e->identity->len; i++)
		mention(map, e->identity->certs[i], "identity");
	for (size_t i = 0; e->offline && i < e->offline_len; i++)
		mention(map, e->offline_chain[i], e->client != NULL ? "presented" : "file");
	mention_paths(map, d->server_paths);
	mention_paths(map, d->our_paths);
	for (size_t i = 0; i < e->found_len; i++)
		mention(map, e->found[i].cert, e->found[i].source);
	for (size_t i = 0; i < d->len; i++)
		mention(map, d->findings[i].certificate, "trust");
}
