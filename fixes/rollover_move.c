/* What is sent leads to the new root: the issuing CAs' certificates that it signed, in the place of the old ones, in every chain. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fixes/aws_line.h"
#include "fixes/deeds.h"
#include "fixes/rollover_parts.h"
#include "model/times.h"

/* A file with a chain: a service's or an identity's. */
struct sender {
	const char *name, *cert;
	const struct config_entry *entry; /* one of the two */
	const struct config_identity *identity;
};

/* ---- what is issued from now on ---- */

static void
import_twin(struct rolling *m, size_t n)
{
	const struct rollover_child *c = &m->w->r->children[n];
	struct plan *p = m->plan;
	cJSON *args = cJSON_CreateObject();
	struct plan_step *s;
	struct aws_line l;

	cJSON_AddStringToObject(args, "ca", c->old.arn);
	cJSON_AddStringToObject(args, "name", c->old.name);
	cJSON_AddStringToObject(args, "cert", c->twin.pem);
	cJSON_AddStringToObject(args, "chain", m->w->r->new_root.pem);
	s = plan_add_deed(p, &deed_reimport_ca, args);
	s->what = plan_text(p, "import the certificate that “%s” gave it into “%s”", m->w->r->new_root.name, c->old.name);
	s->reads = "the certificate that it has now";
	s->changes = "what it issues from now on comes with the new chain; its key and all that it issued stay";
	s->call = "acm-pca ImportCertificateAuthorityCertificate";
	s->undo = "the old certificate is imported again";
	aws_line_begin(&l, &p->place, NULL, "acm-pca import-certificate-authority-certificate");
	aws_line_option(&l, "--certificate-authority-arn", c->old.arn);
	aws_line_raw(&l, "--certificate", "fileb://certificate.pem");
	aws_line_raw(&l, "--certificate-chain", "fileb://new-root.pem");
	s->command = aws_line_end(&l, p, NULL);
}

static bool
same(const struct cert *a, const struct cert *b)
{
	return a != NULL && b != NULL && fingerprint_equal(&a->sha256, &b->sha256);
}

/* AWS is asked, for somebody may have imported the old one again: with an undo, or by hand. */
static status
is_imported(struct rolling *m, size_t n, bool *imported, struct error *err)
{
	struct pca_certificate got = { .pem = NULL };
	struct aws_error why = { .kind = AWS_FINE };
	struct cert **certs;
	size_t len;

	if (pca_get_ca_certificate(m->plan->place.client, m->w->r->children[n].old.arn, m->arena, &got, &why) != STATUS_OK)
		return plan_failed(m->plan, &why, "look at the CA's certificate", err);
	if (rollover_certs(got.pem, "AWS's certificate of the CA", m->arena, &certs, &len, err) != STATUS_OK)
		return STATUS_FAILED;
	*imported = same(certs[0], m->anchors.twins[n]);
	for (size_t i = 0; i < len; i++)
		cert_free(certs[i]);
	return STATUS_OK;
}

status
rollover_import_twins(struct rolling *m, struct error *err)
{
	for (size_t i = 0; m->w->r->way == ROLLOVER_CROSS && m->plan->place.client != NULL && i < m->w->r->children_len; i++) {
		bool imported = true;

		if (m->w->r->children[i].twin.pem != NULL && is_imported(m, i, &imported, err) != STATUS_OK)
			return STATUS_FAILED;
		if (!imported)
			import_twin(m, i);
	}
	return STATUS_OK;
}

/* ---- chains in files ---- */

/* The twin of a CA right below the old root; NULL: it is none. */
static const struct cert *
twin_of(const struct rolling *m, const struct cert *c)
{
	for (size_t i = 0; i < m->anchors.children_len; i++) {
		if (same(m->anchors.children[i], c))
			return m->anchors.twins[i];
	}
	return NULL;
}

/* The twin that signed it, for a file that lacks its intermediate. */
static const struct cert *
twin_above(const struct rolling *m, const struct cert *c)
{
	for (size_t i = 0; i < m->anchors.children_len; i++) {
		if (m->anchors.twins[i] != NULL && cert_could_issue(m->anchors.twins[i], c) && cert_signed_by(c, m->anchors.twins[i], NULL))
			return m->anchors.twins[i];
	}
	return NULL;
}

/*
 * The chain with every old CA replaced; the root is not sent. False: nothing of it is of the old root, or it leads to the new one already (*leads).
 */
static bool
new_chain(const struct rolling *m, const struct identity *now, struct buf *pem, bool *leads)
{
	bool replaced = false;
	const struct cert *above;

	for (size_t i = 0; i < now->len; i++) {
		const struct cert *twin = i > 0 ? twin_of(m, now->certs[i]) : NULL;

		if (i > 0 && (same(now->certs[i], m->anchors.old_root) || same(now->certs[i], m->anchors.new_root)))
			continue;
		for (size_t k = 0; k < m->anchors.children_len; k++)
			*leads = *leads || same(now->certs[i], m->anchors.twins[k]);
		replaced = replaced || twin != NULL;
		cert_pem(twin != NULL ? twin : now->certs[i], pem);
	}
	if (replaced || *leads || now->len == 0)
		return replaced;
	above = twin_above(m, now->certs[now->len - 1]);
	if (above != NULL)
		cert_pem(above, pem);
	return above != NULL;
}

/* What the deed `see` and others compare: SHA-256 of each, leaf first. */
static status
keep_sent(struct plan *p, const char *as, const char *chain, struct error *err)
{
	struct cert **certs;
	struct buf sent = { 0 };
	size_t len;

	if (rollover_certs(chain, "the new chain", p->arena, &certs, &len, err) != STATUS_OK)
		return STATUS_FAILED;
	for (size_t i = 0; i < len; i++) {
		buf_addf(&sent, "%s%s", i > 0 ? " " : "", certs[i]->sha256_hex);
		cert_free(certs[i]);
	}
	cJSON_AddStringToObject(p->values, plan_text(p, "%s.fullchain", as), chain);
	cJSON_AddStringToObject(p->values, plan_text(p, "%s.sent", as), buf_str(&sent));
	buf_done(&sent);
	return STATUS_OK;
}

static status
chain_step(struct rolling *m, const struct sender *s, const char *chain, struct error *err)
{
	const char *as = plan_text(m->plan, "chain%zu", m->plan->len);
	bool done;

	if (keep_sent(m->plan, as, chain, err) != STATUS_OK)
		return STATUS_FAILED;
	return rollover_install(m, as, false, s->entry, s->identity, &done, err);
}

static bool
still_old(const struct rolling *m, const char *name)
{
	const struct rollover_service *s = rollover_find(m->w->r, name);

	return s != NULL && s->cells[ROLLOVER_SENDS].answer == ROLLOVER_NO;
}

static status
move_chain(struct rolling *m, const struct sender *s, struct error *err)
{
	struct identity_source from = { .cert = s->cert, .tolerate_bad_key = true };
	struct error unread = { .code = ERROR_NONE };
	const char *name = plan_shown(m->plan, s->name), *file = plan_shown(m->plan, s->cert);
	struct identity *now = NULL;
	struct buf pem = { 0 };
	bool leads = false;
	status result = STATUS_OK;

	if (identity_load(&from, &now, &unread) != STATUS_OK) {
		rollover_by_hand(m, "%s: put the chain that leads to the new root into %s, which cannot be read here", name, file);
		return STATUS_OK;
	}
	if (new_chain(m, now, &pem, &leads)) {
		if (access(s->cert, W_OK) != 0)
			rollover_by_hand(m, "%s: put the chain that leads to the new root into %s, which cannot be written from here", name, file);
		else if (rollover_has_room(m))
			result = chain_step(m, s, buf_str(&pem), err);
	} else if (still_old(m, s->name)) {
		rollover_by_hand(m, leads ? "%s: %s leads to the new root, and what it sends does not; let it read its files again" :
		    "%s: the chain in %s hangs on no CA that the new root signs", name, file);
	}
	buf_done(&pem);
	identity_free(now);
	return result;
}

/* ---- the whole ---- */

static status
move_services(struct rolling *m, struct error *err)
{
	const struct config *c = m->w->config;
	status result = STATUS_OK;

	for (size_t i = 0; i < c->fleet_len && result == STATUS_OK; i++) {
		const struct config_entry *e = &c->fleet[i];
		struct sender s = { .name = e->name, .cert = e->serves.cert, .entry = e };
		const struct rollover_service *known = rollover_find(m->w->r, e->name);

		if (!rollover_meant(m, e->name))
			continue;
		if (s.cert == NULL) {
			if (known != NULL && known->cells[ROLLOVER_SENDS].answer != ROLLOVER_YES && known->cells[ROLLOVER_SENDS].answer != ROLLOVER_NOT_ONE)
				rollover_by_hand(m, "%s: where its chain lies is not configured (serves: {cert: …}); it must lead to the new root", plan_shown(m->plan, e->name));
			continue;
		}
		result = move_chain(m, &s, err);
	}
	return result;
}

static status
move_identities(struct rolling *m, struct error *err)
{
	const struct config *c = m->w->config;
	status result = STATUS_OK;

	for (size_t i = 0; i < c->identities_len && result == STATUS_OK; i++) {
		const struct config_identity *id = &c->identities[i];
		struct sender s = { .name = id->name, .cert = id->cert, .identity = id };

		if (!rollover_meant(m, id->name))
			continue;
		if (id->cert == NULL)
			rollover_by_hand(m, "%s: its certificate lies in AWS; the chain in it must lead to the new root", plan_shown(m->plan, id->name));
		else
			result = move_chain(m, &s, err);
	}
	return result;
}

/* What a client trusts is read from its bundle; what the running one has read of it nobody sees. */
static void
note_clients(struct rolling *m)
{
	const struct rollover *r = m->w->r;
	size_t n = 0;

	for (size_t i = 0; i < r->services_len; i++)
		n += r->services[i].cells[ROLLOVER_CLIENT].answer == ROLLOVER_YES;
	if (n > 0)
		plan_note(m->plan, "%zu trust%s the new root as %s by what stands in %s: one that has not read its bundle again since the new root came into it refuses the new chains.",
		    n, n == 1 ? "s" : "", n == 1 ? "a client" : "clients", n == 1 ? "its bundle" : "their bundles");
}

status
rollover_move(struct rolling *m, struct error *err)
{
	status result;

	note_clients(m);
	if (m->w->r->way == ROLLOVER_NEW)
		return rollover_move_reissued(m, err);
	m->plan->title = plan_text(m->plan, "chains that lead to “%s”; leaves and keys stay", plan_shown(m->plan, m->w->r->new_root.name));
	result = rollover_import_twins(m, err);
	if (result == STATUS_OK)
		result = move_services(m, err);
	return result == STATUS_OK ? move_identities(m, err) : STATUS_FAILED;
}
