/*
 * The private CA's worker: a thread that makes keys, signs what was ordered and writes audit reports, each from a row that
 * says so. A killed lab leaves such rows behind, and the next one starts with them. What it finishes and only the server's
 * thread may do (S3, events), that does before its next request.
 */
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/pca_internal.h"
#include "lab/sql.h"

enum { TURN = 32 }; /* certificates signed in one transaction: the server waits that long at most */

/* ---- keys ---- */

static int
go_on(EVP_PKEY_CTX *ctx)
{
	struct pca *p = EVP_PKEY_CTX_get_app_data(ctx);

	return !p->stop; /* RSA 4096 takes a second, or ten */
}

static EVP_PKEY *
make_key(struct pca *p, const char *algorithm)
{
	bool rsa = strncmp(algorithm, "RSA_", 4) == 0;
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, rsa ? "RSA" : "EC", NULL);
	EVP_PKEY *key = NULL;
	bool ok = ctx != NULL && EVP_PKEY_keygen_init(ctx) == 1;

	if (ok && rsa)
		ok = EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, (int)strtol(algorithm + 4, NULL, 10)) == 1;
	else if (ok)
		ok = EVP_PKEY_CTX_set_group_name(ctx, algorithm + 3) == 1; /* "EC_prime256v1" */
	if (ok) {
		EVP_PKEY_CTX_set_app_data(ctx, p);
		EVP_PKEY_CTX_set_cb(ctx, go_on);
		ok = EVP_PKEY_keygen(ctx, &key) == 1;
	}
	EVP_PKEY_CTX_free(ctx);
	ERR_clear_error();
	return key;
}

/* CREATING becomes PENDING_CERTIFICATE, or FAILED. One that was deleted meanwhile is no row any more. */
static bool
create(struct pca *p, int64_t id, const char *configuration, const char *arn)
{
	cJSON *json = cJSON_Parse(configuration);
	struct pca_fault fault = { .code = "" };
	EVP_PKEY *key = make_key(p, cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "KeyAlgorithm")));
	char *csr = key != NULL ? pca_make_csr(key, json, &fault) : NULL;
	unsigned char *der = NULL;
	size_t len = 0;
	bool ok = true;

	if (p->stop)
		goto out;
	if (csr != NULL && pca_key_bytes(key, &der, &len))
		ok = sql_do(p->db, "UPDATE pca_ca SET status = 'PENDING_CERTIFICATE', key = ?, csr = ? WHERE id = ? AND status = 'CREATING'", "bti", der,
		    len, csr, id);
	else
		ok = sql_do(p->db, "UPDATE pca_ca SET status = 'FAILED', failure = 'OTHER' WHERE id = ? AND status = 'CREATING'", "i", id);
	if (ok && sqlite3_changes(p->db) > 0)
		ok = pca_tell(p->db, "ACM Private CA Creation", arn, NULL, csr != NULL, csr != NULL ? NULL : fault.message);
out:
	if (der != NULL)
		OPENSSL_clear_free(der, len);
	free(csr);
	EVP_PKEY_free(key);
	cJSON_Delete(json);
	return ok;
}

/* False: there was none to make. */
static bool
create_one(struct pca *p)
{
	struct arena *a = arena_new();
	sqlite3_stmt *s = sql(p->db, "SELECT id, configuration, arn FROM pca_ca WHERE status = 'CREATING' ORDER BY id LIMIT 1", "");
	bool found = sqlite3_step(s) == SQLITE_ROW;
	int64_t id = found ? sqlite3_column_int64(s, 0) : 0;
	const char *configuration = found ? sql_column(s, 1, a) : NULL, *arn = found ? sql_column(s, 2, a) : NULL;

	sqlite3_finalize(s);
	found = found && create(p, id, configuration, arn) && !p->stop;
	arena_free(a);
	return found;
}

/* ---- certificates ---- */

/* A turn of them, in one transaction. False: there are none left. */
static bool
sign_some(struct pca *p)
{
	struct pca_cert rows[TURN];
	struct arena *a = arena_new();
	size_t n = 0;
	sqlite3_stmt *s;
	bool ok = true;

	if (sqlite3_exec(p->db, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK) {
		arena_free(a);
		return false;
	}
	s = sql(p->db, "SELECT id, ca, serial, issued, request FROM pca_cert WHERE state = 0 ORDER BY id LIMIT 32", "");
	while (n < TURN && sqlite3_step(s) == SQLITE_ROW) {
		rows[n] = (struct pca_cert){ .id = sqlite3_column_int64(s, 0), .ca = sqlite3_column_int64(s, 1), .state = PCA_CERT_PENDING,
			.issued = sqlite3_column_int64(s, 3), .request = sql_column(s, 4, a) };
		if (sqlite3_column_bytes(s, 2) == (int)sizeof rows[n].serial)
			memcpy(rows[n].serial, sqlite3_column_blob(s, 2), sizeof rows[n].serial);
		n++;
	}
	sqlite3_finalize(s);
	for (size_t i = 0; i < n && ok && !p->stop; i++)
		ok = pca_sign_row(p->cloud, p->db, &rows[i]);
	/* A full disk: they stay, and the next order, or who asks for them, tries again. */
	if (sqlite3_exec(p->db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK) {
		sqlite3_exec(p->db, "ROLLBACK", NULL, NULL, NULL);
		ok = false;
	}
	arena_free(a);
	return n > 0 && ok && !p->stop;
}

/* ---- the thread ---- */

static void *
run(void *data)
{
	struct pca *p = data;

	for (;;) {
		pthread_mutex_lock(&p->lock);
		while (!p->work && !p->stop)
			pthread_cond_wait(&p->wake, &p->lock);
		p->work = false;
		pthread_mutex_unlock(&p->lock);
		if (p->stop)
			return NULL;
		/* Certificates first: a key of 4096 bits keeps nobody waiting who has one. */
		do
			while (sign_some(p))
				p->finished = true;
		while (create_one(p) && !p->stop);
		while (!p->stop && pca_report_work(p->cloud, p->db))
			p->finished = true;
		p->finished = true;
	}
}

static void
poke(struct pca *p)
{
	pthread_mutex_lock(&p->lock);
	p->work = true;
	pthread_cond_signal(&p->wake);
	pthread_mutex_unlock(&p->lock);
}

status
pca_start(struct cloud *c, struct error *err)
{
	struct pca *p = c->pca;

	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->wake, NULL);
	p->finished = true;
	p->db = cloud_open_database(c->folder, err);
	if (p->db == NULL)
		return STATUS_FAILED;
	p->running = pthread_create(&p->thread, NULL, run, p) == 0;
	if (!p->running)
		return error_set(err, ERROR_LOCAL, "starting the lab", "A thread cannot be started.");
	poke(p); /* what a killed one left */
	return STATUS_OK;
}

void
pca_stop(struct cloud *c)
{
	struct pca *p = c->pca;

	if (p == NULL)
		return;
	p->stop = true;
	if (p->running) {
		poke(p);
		pthread_join(p->thread, NULL);
	}
	sqlite3_close(p->db);
	free(p);
	c->pca = NULL;
}

/* ---- between the two threads ---- */

void
pca_worker_wants(struct pca_call *k)
{
	k->c->pca->wants_work = true;
}

/* Only now: what the worker is to see is on disk. */
void
pca_committed(struct cloud *c)
{
	if (c->pca->wants_work)
		poke(c->pca);
	c->pca->wants_work = false;
}

bool
pca_tell(sqlite3 *db, const char *detail_type, const char *ca, const char *what, bool success, const char *reason)
{
	return sql_do(db, "INSERT INTO pca_outbox(detail_type, first, second, success, reason) VALUES (?, ?, ?, ?, ?)", "tttit", detail_type, ca, what,
	    (int64_t)success, reason);
}

static void
send_events(struct cloud *c, struct arena *a)
{
	sqlite3_stmt *s = sql(c->db, "SELECT id, detail_type, first, second, success, reason FROM pca_outbox ORDER BY id", "");
	int64_t last = 0;

	while (sqlite3_step(s) == SQLITE_ROW) {
		const char *resources[2] = { sql_column(s, 2, a), sql_column(s, 3, a) };
		last = sqlite3_column_int64(s, 0);
		cloud_event(c, sql_column(s, 1, a), resources, resources[1] != NULL ? 2 : 1, sqlite3_column_int(s, 4) != 0, sql_column(s, 5, a));
	}
	sqlite3_finalize(s);
	if (last > 0)
		sql_do(c->db, "DELETE FROM pca_outbox WHERE id <= ?", "i", last);
}

void
pca_settle(struct cloud *c)
{
	struct arena *a;

	if (!atomic_exchange(&c->pca->finished, false))
		return;
	if (!cloud_exec(c, "BEGIN IMMEDIATE")) {
		c->pca->finished = true;
		return;
	}
	a = arena_new();
	pca_report_settle(c);
	send_events(c, a);
	arena_free(a);
	if (!cloud_exec(c, "COMMIT")) {
		cloud_exec(c, "ROLLBACK");
		c->pca->finished = true; /* the next request tries again */
	}
}
