#include "tests/install_world.h"

#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <openssl/pem.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "fixes/deed.h"
#include "model/memory.h"
#include "model/save.h"
#include "tests/made.h"
#include "tests/moto.h"
#include "tests/program.h"

static char *
pem_of(const struct cert *c)
{
	struct buf b = { 0 };

	cert_pem(c, &b);
	return b.data;
}

static char *
key_pem(EVP_PKEY *key)
{
	BIO *out = BIO_new(BIO_s_mem());
	char *bytes, *text;
	long len;

	assert_int_equal(PEM_write_bio_PKCS8PrivateKey(out, key, NULL, NULL, 0, NULL, NULL), 1);
	len = BIO_get_mem_data(out, &bytes);
	text = mem_strndup(bytes, (size_t)len);
	BIO_free(out);
	return text;
}

static char *
joined(const char *a, const char *b, const char *between)
{
	struct buf all = { 0 };

	buf_addf(&all, "%s%s%s", a, between, b);
	return all.data;
}

static struct install_side
side(const struct made *leaf, const struct made *ca, const struct made *root)
{
	struct install_side s = { .cert = pem_of(leaf->cert), .chain = pem_of(ca->cert), .root = pem_of(root->cert), .key = key_pem(leaf->pki.key) };

	s.fullchain = joined(s.cert, s.chain, "");
	s.sent = joined(leaf->cert->sha256_hex, ca->cert->sha256_hex, " ");
	return s;
}

static void
side_done(struct install_side *s)
{
	char *const all[] = { s->cert, s->chain, s->fullchain, s->root, s->key, s->sent };

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		free(all[i]);
}

static void
make_certificates(struct install_world *w)
{
	static const char *const san[] = { "DNS:ledger.internal", NULL };
	/* By the real clock, as the lab's: ACM takes only what is in its time. */
	struct pki_request r = { .cn = "ledger.internal", .san = san, .eku = "serverAuth", .not_before = time(NULL) - MADE_DAY, .not_after = time(NULL) + 90 * MADE_DAY };
	struct made root = made_ca("Acme Root CA", NULL), ca = made_ca("Acme Issuing CA 1", &root), old = made_issue(&r, &ca), renewed = made_issue(&r, &ca), same;

	r.key = old.pki.key;
	same = made_issue(&r, &ca);
	w->old = side(&old, &ca, &root);
	w->renewed = side(&renewed, &ca, &root);
	w->same_key = side(&same, &ca, &root);
	made_free(&same);
	made_free(&renewed);
	made_free(&old);
	made_free(&ca);
	made_free(&root);
}

static void
start(struct install_world *w)
{
	*w = (struct install_world){ .folder = mortal_folder() };
	make_certificates(w);
	unsetenv("AWS_PROFILE");
	unsetenv("AWS_ENDPOINT_URL");
	unsetenv("AWS_SESSION_TOKEN");
	setenv("AWS_ACCESS_KEY_ID", "x", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "y", 1);
}

void
install_world_lab(struct install_world *w)
{
	start(w);
	cloud_case_start(&w->cloud, NULL);
	snprintf(w->url, sizeof w->url, "%s", cloud_url(w->cloud.cloud));
	setenv("AWS_ACCESS_KEY_ID", cloud_access_key(w->cloud.cloud), 1);
	setenv("AWS_SECRET_ACCESS_KEY", cloud_secret(w->cloud.cloud), 1);
	install_world_begin(w);
}

bool
install_world_moto(struct install_world *w)
{
	start(w);
	install_world_begin(w);
	return moto_start(w->folder, 0, &w->moto, w->url);
}

void
install_world_stop(struct install_world *w)
{
	changes_close(w->record);
	if (w->cloud.cloud != NULL)
		cloud_case_stop(&w->cloud);
	if (w->moto > 0)
		stop_server(w->moto);
	side_done(&w->old);
	side_done(&w->renewed);
	side_done(&w->same_key);
	remove_folder(w->folder);
}

void
install_world_begin(struct install_world *w)
{
	struct run r;

	changes_close(w->record);
	run_program((const char *const[]){ "rm", "-rf", in_folder(w->folder, ".local"), NULL }, NULL, &r);
	run_done(&r);
	mortal_init(&w->immortal, w->folder, -1);
	w->record = mortal_record(&w->immortal);
}

struct aws_client *
install_world_client(const struct install_world *w, const struct world *world)
{
	struct aws_client *c = NULL;
	struct aws_error err = { .kind = AWS_FINE };

	if (aws_client_new(&(struct aws_client_options){ .region = "us-east-1", .endpoint_url = w->url, .world = world }, &c, &err) != STATUS_OK)
		fail_msg("%s", err.message);
	return c;
}

struct plan *
install_world_plan(struct install_world *w, struct changes *c, const struct world *world, const char *as, bool new_key)
{
	const struct install_side *from = new_key ? &w->renewed : &w->same_key;
	const struct {
		const char *name, *value;
	} values[] = { { "cert", from->cert }, { "chain", from->chain }, { "fullchain", from->fullchain }, { "root", from->root }, { "sent", from->sent } };
	struct plan *p = plan_new(&(struct plan_place){ .client = install_world_client(w, world), .account = "111122223333" }, "install");
	struct error err = { .code = ERROR_NONE };

	p->kind = "fix";
	p->record = c;
	p->world = world;
	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
		cJSON_AddStringToObject(p->values, plan_text(p, "%s.%s", as, values[i].name), values[i].value);
	/* The first plan of an empty record: its number is 1. */
	if (changes_folder(c, 1, p->arena, &p->folder, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	if (new_key && save_private_file(plan_private(p, plan_text(p, "%s.key", as)), from->key, strlen(from->key), true, &err) != SAVED)
		fail_msg("%s", err.text);
	return p;
}

void
install_world_free(struct plan *p)
{
	struct aws_client *c = p->place.client;

	plan_free(p);
	aws_client_free(c);
}

void
install_world_open(void *user, struct plan *p, const struct world *world)
{
	p->place.client = install_world_client(user, world);
}

void
install_world_applied(struct plan *p)
{
	struct error err = { .code = ERROR_NONE };

	if (plan_apply(p, NULL, &err) != STATUS_OK)
		fail_msg("%s", err.text);
}

void
install_world_goes_back(struct plan *p)
{
	struct error err = { .code = ERROR_NONE };

	if (plan_go_back(p, NULL, &err) != STATUS_OK)
		fail_msg("%s", err.text);
}

void
install_world_refused(struct plan *p, enum error_code code, const char *says)
{
	struct error err = { .code = ERROR_NONE };

	assert_int_equal(plan_apply(p, NULL, &err), STATUS_FAILED);
	if (err.code != code || strstr(err.text, says) == NULL)
		fail_msg("%d %s", err.code, err.text);
	install_world_free(p);
}

cJSON *
install_world_ask(const struct install_world *w, const struct aws_service *s, const char *operation, cJSON *in)
{
	struct aws_client *c = install_world_client(w, &w->immortal.world);
	struct aws_error err = { .kind = AWS_FINE };
	cJSON *out = NULL;

	if (aws_call_json(c, s, operation, in, &out, &err) != STATUS_OK)
		fail_msg("%s: %s %s", operation, err.code, err.message);
	aws_client_free(c);
	return out;
}
