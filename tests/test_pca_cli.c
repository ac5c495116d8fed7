/*
 * mtlscope pca on the command line, as a user types it, against the lab's private CA in a process of its own: making CAs and
 * certificates, what lies in the files afterwards, the gate for changes, and one clear line for everything that AWS refuses.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aws/pca.h"
#include "probes/examine.h"
#include "tests/aws_cli.h"
#include "tests/lab_process.h"
#include "tests/program.h"
#include "tests/vtpty.h"

enum { WORDS = 24 };

static struct lab_process lab;
static char *folder;
static char config[300];

/* ---- running ---- */

/* The words end in NULL. */
static void
pca(struct run *r, const char *const env[], const char *const words[])
{
	const char *argv[WORDS + 3] = { mtlscope(), "pca" };
	struct run_options how = { .env = env, .deadline_ms = 90000 };

	for (int i = 0; i < WORDS && words[i] != NULL; i++)
		argv[2 + i] = words[i];
	run_program(argv, &how, r);
}

#define PCA(r, ...) pca(r, NULL, (const char *const[]){ __VA_ARGS__, NULL })

static void
expect_status(struct run *r, int wanted)
{
	if (r->status != wanted)
		fail_msg("status %d, expected %d\n%s\n%s", r->status, wanted, buf_str(&r->out), buf_str(&r->err));
}

static void
expect_text(struct run *r, const char *text)
{
	if (strstr(buf_str(&r->out), text) == NULL && strstr(buf_str(&r->err), text) == NULL)
		fail_msg("“%s” is missing in\n%s\n%s", text, buf_str(&r->out), buf_str(&r->err));
}

/* Its output is one JSON object of this schema; the caller's. */
static cJSON *
json_of(struct run *r, const char *schema)
{
	const char *end = NULL;
	cJSON *o = cJSON_ParseWithOpts(buf_str(&r->out), &end, 0);

	if (o == NULL || strcmp(end, "\n") != 0)
		fail_msg("no JSON, or more than one object:\n%s\n%s", buf_str(&r->out), buf_str(&r->err));
	assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(o, "schema")), schema);
	return o;
}

static const char *
text_of_item(const cJSON *o, const char *name)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItem(o, name));

	return text != NULL ? text : "";
}

/* The last CA of that name in `pca tree --json`; *count: how many CAs there are. NULL where there is none. The whole is the caller's. */
static cJSON *
tree(const char *name, const cJSON **ca, int *count)
{
	struct run r = { .status = 0 };
	cJSON *o;
	const cJSON *one;

	PCA(&r, "tree", "--json");
	expect_status(&r, 0);
	o = json_of(&r, "mtlscope.pca-tree/1");
	*ca = NULL;
	*count = cJSON_GetArraySize(cJSON_GetObjectItem(o, "cas"));
	cJSON_ArrayForEach(one, cJSON_GetObjectItem(o, "cas")) {
		if (name != NULL && strcmp(text_of_item(one, "name"), name) == 0)
			*ca = one;
	}
	run_done(&r);
	return o;
}

static int
count_cas(void)
{
	const cJSON *ca;
	int count;

	cJSON_Delete(tree(NULL, &ca, &count));
	return count;
}

/* The file's permission bits; -1 where it is not there. */
static int
mode_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? (int)(st.st_mode & 0777) : -1;
}

static void
openssl_accepts(const char *dir, const char *purpose)
{
	char root[340], chain[340], cert[340];
	struct run r = { .status = 0 };

	snprintf(root, sizeof root, "%s/root.pem", dir);
	snprintf(chain, sizeof chain, "%s/chain.pem", dir);
	snprintf(cert, sizeof cert, "%s/cert.pem", dir);
	run_program((const char *const[]){ "openssl", "verify", "-purpose", purpose, "-CAfile", root, "-untrusted", chain, cert, NULL }, NULL, &r);
	expect_status(&r, 0);
	run_done(&r);
}

/* Does openssl refuse it for that purpose? */
static void
openssl_refuses(const char *dir, const char *purpose)
{
	char root[340], chain[340], cert[340];
	struct run r = { .status = 0 };

	snprintf(root, sizeof root, "%s/root.pem", dir);
	snprintf(chain, sizeof chain, "%s/chain.pem", dir);
	snprintf(cert, sizeof cert, "%s/cert.pem", dir);
	run_program((const char *const[]){ "openssl", "verify", "-purpose", purpose, "-CAfile", root, "-untrusted", chain, cert, NULL }, NULL, &r);
	assert_int_not_equal(r.status, 0);
	run_done(&r);
}

static size_t
times_in(const char *text, const char *what)
{
	size_t n = 0;

	for (const char *p = strstr(text, what); p != NULL; p = strstr(p + 1, what))
		n++;
	return n;
}

/* ---- what there is ---- */

static void
tree_and_show(void **state)
{
	struct run r = { .status = 0 };
	const cJSON *ca;
	cJSON *o;
	int count;

	(void)state;
	o = tree("Acme Issuing CA 9", &ca, &count);
	assert_true(count > 10);
	assert_non_null(ca);
	assert_string_equal(text_of_item(ca, "status"), "ACTIVE");
	assert_string_equal(text_of_item(ca, "state"), "OK");
	assert_true(strlen(text_of_item(ca, "parent")) > 0);
	assert_true(cJSON_IsTrue(cJSON_GetObjectItem(cJSON_GetArrayItem(cJSON_GetObjectItem(o, "accounts"), 0), "practice_lab")));
	assert_string_equal(text_of_item(cJSON_GetArrayItem(cJSON_GetObjectItem(o, "accounts"), 0), "account"), "111122223333");
	cJSON_Delete(o);
	PCA(&r, "tree");
	expect_status(&r, 0);
	expect_text(&r, "PRACTICE LAB · account 111122223333 · no profile · us-east-1");
	expect_text(&r, "└─Acme Issuing CA 9");
	run_done(&r);
	PCA(&r, "tree", "--ascii", "--plain");
	expect_status(&r, 0);
	expect_text(&r, "under it: Acme Issuing CA 9");
	run_done(&r);
	PCA(&r, "show", "Acme Issuing CA 9");
	expect_status(&r, 0);
	expect_text(&r, "ACTIVE: it issues");
	run_done(&r);
	PCA(&r, "show", "Acme Issuing CA 9", "--json");
	o = json_of(&r, "mtlscope.pca-show/1");
	assert_string_equal(text_of_item(cJSON_GetObjectItem(o, "ca"), "type"), "SUBORDINATE");
	cJSON_Delete(o);
	run_done(&r);
}

/* ---- the gate ---- */

static void
nothing_changes_without_apply(void **state)
{
	static const char *const plans[][8] = {
		{ "create", "Gate", "--hierarchy" },
		{ "create", "Gate", "--hierarchy", "--yes" }, /* --yes never implies --apply */
		{ "issue", "gate.internal", "--ca", "Acme Issuing CA 9" },
		{ "audit", "Acme Issuing CA 9", "--bucket", "mtlscope-lab" },
	};
	int before = count_cas();

	(void)state;
	for (size_t i = 0; i < sizeof plans / sizeof plans[0]; i++) {
		struct run r = { .status = 0 };

		pca(&r, NULL, plans[i]);
		expect_status(&r, 0);
		expect_text(&r, "PLAN");
		expect_text(&r, "Nothing has been changed.");
		expect_text(&r, " --apply\n");
		run_done(&r);
	}
	assert_int_equal(count_cas(), before);
	assert_int_equal(access("cert.pem", F_OK), -1);
}

/* Without a terminal, and without --yes: status 2, before anything is contacted. */
static void
no_terminal_to_ask_on(void **state)
{
	static const char *const commands[][6] = { { "create", "Gate", "--hierarchy", "--apply" }, { "activate", "x", "--apply" }, { "issue", "x", "--apply" },
		{ "revoke", "0123456789abcdef", "--apply" }, { "audit", "x", "--apply" }, { "sync", "--apply" } };
	int before = count_cas();

	(void)state;
	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
		static const char *const nobody[] = { "AWS_ENDPOINT_URL=http://127.0.0.1:1", NULL };
		struct run r = { .status = 0 };

		pca(&r, nobody, commands[i]);
		expect_status(&r, 2);
		expect_text(&r, "--yes answers it");
		assert_int_equal(r.out.len, 0);
		run_done(&r);
	}
	assert_int_equal(count_cas(), before);
}

/* vtpty_open() takes AWS's variables away. */
static void
terminal_env(char endpoint[200], char key[200], char secret[200], char states[300])
{
	snprintf(endpoint, 200, "AWS_ENDPOINT_URL=%s", getenv("AWS_ENDPOINT_URL"));
	snprintf(key, 200, "AWS_ACCESS_KEY_ID=%s", getenv("AWS_ACCESS_KEY_ID"));
	snprintf(secret, 200, "AWS_SECRET_ACCESS_KEY=%s", getenv("AWS_SECRET_ACCESS_KEY"));
	snprintf(states, 300, "XDG_STATE_HOME=%s/state", folder);
}

/* On a terminal it asks once, and no is no: status 10. */
static void
declined_on_a_terminal(void **state)
{
	static const char *const answers[] = { "n\n", "\n", "nonsense\n" };
	char endpoint[200], key[200], secret[200], states[300];
	const char *env[] = { endpoint, key, secret, states, "AWS_REGION=us-east-1", "AWS_EC2_METADATA_DISABLED=true", NULL };
	int before = count_cas();

	(void)state;
	terminal_env(endpoint, key, secret, states);
	for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
		struct vtpty_options how = { .rows = 50, .env = env };
		struct vtpty *p = vtpty_open((const char *const[]){ mtlscope(), "pca", "create", "Gate", "--root", "--apply", NULL }, &how);

		vtpty_wait(p, "Apply this plan? [y/N]");
		vtpty_type(p, answers[i]);
		vtpty_wait(p, "declined: nothing has been changed");
		assert_int_equal(vtpty_wait_end(p, 30000), 10);
		vtpty_free(p);
	}
	assert_int_equal(count_cas(), before);
}

/* ---- making ---- */

static void
hierarchy(void **state)
{
	struct run r = { .status = 0 };
	const cJSON *root, *sub;
	cJSON *o, *plan, *t;
	int before = count_cas(), count;

	(void)state;
	PCA(&r, "create", "Kestrel", "--hierarchy", "--subject", "O=Kestrel Ltd, C=GB", "--disable-root", "--crl-bucket", "mtlscope-lab", "--apply", "--yes", "--json");
	expect_status(&r, 0);
	o = json_of(&r, "mtlscope.pca-create/1");
	plan = cJSON_GetObjectItem(o, "plan");
	assert_string_equal(text_of_item(plan, "state"), "done");
	assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(plan, "steps")), 9);
	t = tree("Kestrel Root CA", &root, &count);
	assert_int_equal(count, before + 2);
	assert_string_equal(text_of_item(root, "status"), "DISABLED");
	assert_string_equal(text_of_item(root, "arn"), text_of_item(cJSON_GetObjectItem(cJSON_GetArrayItem(cJSON_GetObjectItem(plan, "steps"), 0), "gave"), "value"));
	cJSON *again = tree("Kestrel Issuing CA 1", &sub, &count);
	assert_string_equal(text_of_item(sub, "status"), "ACTIVE");
	assert_string_equal(text_of_item(sub, "parent"), text_of_item(root, "arn"));
	assert_string_equal(text_of_item(sub, "subject"), "CN=Kestrel Issuing CA 1, O=Kestrel Ltd, C=GB");
	cJSON_Delete(again);
	cJSON_Delete(t);
	cJSON_Delete(o);
	run_done(&r);
}

/* A line to be pasted asks the account that the one before asked: with several, the default one has no such CA. */
static void
a_line_names_the_profile(void **state)
{
	static const char *const env[] = { "AWS_PROFILE=powerless", NULL }; /* keys of the environment come before its role */
	struct run r;

	(void)state;
	pca(&r, env, (const char *const[]){ "issue", "x.internal", "--ca", "Kestrel Root CA", NULL });
	expect_status(&r, 2);
	expect_text(&r, "Enable it: aws --profile powerless --region us-east-1 acm-pca update-certificate-authority --certificate-authority-arn arn:");
	run_done(&r);
	pca(&r, env, (const char *const[]){ "issue", "x.internal", "--ca", "Acme Issuing CA 2", NULL });
	expect_status(&r, 2);
	expect_text(&r, " --parent CA --profile powerless");
	run_done(&r);
}

/* On a terminal the root is offered to be disabled once the hierarchy stands; the second plan asks again. */
static void
the_root_is_offered_to_be_disabled(void **state)
{
	char endpoint[200], key[200], secret[200], states[300];
	const char *env[] = { endpoint, key, secret, states, "AWS_REGION=us-east-1", "AWS_EC2_METADATA_DISABLED=true", NULL };
	struct vtpty_options how = { .rows = 50, .columns = 100, .env = env };
	const cJSON *ca;
	cJSON *o;
	int count;

	(void)state;
	terminal_env(endpoint, key, secret, states);
	struct vtpty *p = vtpty_open((const char *const[]){ mtlscope(), "pca", "create", "Osprey", "--hierarchy", "--apply", NULL }, &how);
	vtpty_wait(p, "Apply this plan? [y/N]");
	vtpty_type(p, "y\n");
	vtpty_wait(p, "Disable the root now");
	vtpty_type(p, "y\n");
	vtpty_wait(p, "the root “Osprey Root CA” becomes DISABLED");
	vtpty_wait(p, "Apply this plan? [y/N]");
	vtpty_type(p, "yes\n");
	vtpty_wait(p, "1 of 1 steps done");
	assert_int_equal(vtpty_wait_end(p, 30000), 0);
	vtpty_free(p);
	o = tree("Osprey Root CA", &ca, &count);
	assert_string_equal(text_of_item(ca, "status"), "DISABLED");
	cJSON_Delete(o);
}

/* Ctrl-C in the middle: what stands is said, and the line that is printed goes on from there without issuing twice. */
static void
interrupted_and_finished(void **state)
{
	char endpoint[200], key[200], secret[200], states[300];
	const char *env[] = { endpoint, key, secret, states, "AWS_REGION=us-east-1", "AWS_EC2_METADATA_DISABLED=true", NULL };
	struct vtpty_options how = { .rows = 50, .columns = 240, .env = env };
	struct buf script = { 0 };
	struct run r = { .status = 0 };
	const cJSON *ca;
	cJSON *o;
	int count;

	(void)state;
	terminal_env(endpoint, key, secret, states);
	struct vtpty *p = vtpty_open((const char *const[]){ mtlscope(), "pca", "create", "Halt", "--root", "--apply", NULL }, &how);
	vtpty_wait(p, "Apply this plan? [y/N]");
	vtpty_type(p, "y\n");
	vtpty_wait(p, "certificate: arn:"); /* issued, and AWS takes a second until it gives it */
	vtpty_signal(p, SIGINT);
	vtpty_wait(p, "STOPPED at step 4 of 4");
	assert_int_equal(vtpty_wait_end(p, 30000), 128 + SIGINT);
	const char *line = strstr(buf_str(&p->raw), "pca activate arn:");
	assert_non_null(line);
	buf_addf(&script, "%s %.*s --yes", mtlscope(), (int)strcspn(line, "\r\n"), line);
	vtpty_free(p);
	assert_non_null(strstr(script.data, " --certificate arn:"));
	run_program((const char *const[]){ "sh", "-c", script.data, NULL }, NULL, &r);
	expect_status(&r, 0);
	assert_null(strstr(buf_str(&r.out), "IssueCertificate"));
	run_done(&r);
	o = tree("Halt", &ca, &count);
	assert_string_equal(text_of_item(ca, "status"), "ACTIVE");
	cJSON_Delete(o);
	buf_done(&script);
}

/* The account that the recorded plans say they were made in. */
static void
plans_move(const char *from, const char *to)
{
	sqlite3 *db = NULL;
	char *sql = sqlite3_mprintf("UPDATE plan SET document = replace(document, '\"account\":\"%q\"', '\"account\":\"%q\"')", from, to);

	assert_int_equal(sqlite3_open(in_folder(folder, "state/mtlscope/changes.db"), &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	assert_true(sqlite3_changes(db) > 0);
	sqlite3_free(sql);
	sqlite3_close(db);
}

/* kill -9 in the middle: another run goes on from the record, and issues nothing twice. */
static void
killed_and_resumed(void **state)
{
	char endpoint[200], key[200], secret[200], states[300];
	const char *env[] = { endpoint, key, secret, states, "AWS_REGION=us-east-1", "AWS_EC2_METADATA_DISABLED=true", NULL };
	struct vtpty_options how = { .rows = 50, .columns = 240, .env = env };
	struct run r = { .status = 0 };
	const cJSON *root, *sub;
	cJSON *o;
	int before = count_cas(), count;

	(void)state;
	terminal_env(endpoint, key, secret, states);
	struct vtpty *p = vtpty_open((const char *const[]){ mtlscope(), "pca", "create", "Merlin", "--hierarchy", "--apply", NULL }, &how);
	vtpty_wait(p, "Apply this plan? [y/N]");
	vtpty_type(p, "y\n");
	vtpty_wait(p, "certificate: arn:");
	vtpty_signal(p, SIGKILL);
	assert_int_equal(vtpty_wait_end(p, 10000), 128 + SIGKILL);
	vtpty_free(p);
	/* Not in another account: there it would be made once more. */
	plans_move("111122223333", "999988887777");
	run_program((const char *const[]){ mtlscope(), "resume", "--apply", "--yes", NULL }, NULL, &r);
	expect_status(&r, 2);
	expect_text(&r, "was made in account 999988887777, and these credentials are of account 111122223333: --profile");
	run_done(&r);
	plans_move("999988887777", "111122223333");
	assert_int_equal(count_cas(), before + 1);
	run_program((const char *const[]){ mtlscope(), "resume", "--apply", "--yes", NULL }, &(struct run_options){ .deadline_ms = 90000 }, &r);
	expect_status(&r, 0);
	expect_text(&r, "8 of 8 steps done");
	/* The root was ordered by the run that was killed: this one signs the subordinate alone. */
	assert_int_equal(times_in(buf_str(&r.out), "        certificate: arn:"), 1);
	assert_int_equal(times_in(buf_str(&r.out), "        CA: arn:"), 1);
	run_done(&r);
	o = tree("Merlin Root CA", &root, &count);
	assert_int_equal(count, before + 2);
	assert_string_equal(text_of_item(root, "status"), "ACTIVE");
	cJSON_Delete(o);
	o = tree("Merlin Issuing CA 1", &sub, &count);
	assert_string_equal(text_of_item(sub, "status"), "ACTIVE");
	cJSON_Delete(o);
}

static void
issues_for_servers_and_clients(void **state)
{
	static const struct {
		const char *option, *name, *good, *bad; /* NULL: both are good */
	} sides[] = { { "--server", "server.internal", "sslserver", "sslclient" }, { "--client", "client-service", "sslclient", "sslserver" } };
	struct run r = { .status = 0 };
	cJSON *o;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		char dir[300];

		snprintf(dir, sizeof dir, "%s/%s", folder, sides[i].name);
		PCA(&r, "issue", sides[i].name, sides[i].option, "--ca", "Kestrel Issuing CA 1", "--out", dir, "--apply", "--yes");
		expect_status(&r, 0);
		expect_text(&r, "The certificate is what was asked for");
		run_done(&r);
		assert_int_equal(mode_of(in_folder(dir, "key.pem")), 0600);
		assert_int_equal(mode_of(in_folder(dir, "cert.pem")), 0644);
		assert_int_equal(mode_of(in_folder(dir, "chain.pem")), 0644);
		assert_int_equal(mode_of(in_folder(dir, "fullchain.pem")), 0644);
		assert_int_equal(mode_of(in_folder(dir, "root.pem")), 0644);
		openssl_accepts(dir, sides[i].good);
		openssl_refuses(dir, sides[i].bad);
		/* The key belongs to the certificate: our own inspect says so. */
		run_program((const char *const[]){ mtlscope(), "inspect", in_folder(dir, "fullchain.pem"), in_folder(dir, "key.pem"), "--cacert", in_folder(dir, "root.pem"),
		    "--purpose", i == 0 ? "server" : "client", NULL }, NULL, &r);
		expect_status(&r, 0);
		run_done(&r);
	}
	/* Once more into the same folder: the old files are kept. Longer than the CA: shortened, and said. */
	PCA(&r, "issue", "server.internal", "--server", "--ca", "Kestrel Issuing CA 1", "--days", "9000", "--out", in_folder(folder, "server.internal"), "--apply", "--yes", "--json");
	expect_status(&r, 0);
	o = json_of(&r, "mtlscope.pca-issue/1");
	assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(o, "files")), 5);
	assert_non_null(strstr(text_of_item(cJSON_GetArrayItem(cJSON_GetObjectItem(o, "files"), 0), "kept"), "key.pem.old-"));
	assert_int_equal(mode_of(text_of_item(cJSON_GetArrayItem(cJSON_GetObjectItem(o, "files"), 0), "kept")), 0600);
	assert_non_null(strstr(cJSON_GetStringValue(cJSON_GetArrayItem(cJSON_GetObjectItem(cJSON_GetObjectItem(o, "plan"), "notes"), 0)), "would outlive"));
	cJSON_Delete(o);
	run_done(&r);
	openssl_accepts(in_folder(folder, "server.internal"), "sslserver");
}

/* A CSR that asks for more than a template gives: AWS drops it without a word, we say it before and after. */
static void
issues_for_a_csr(void **state)
{
	char csr[300], key[300], dir[300];
	struct run r = { .status = 0 };

	(void)state;
	snprintf(csr, sizeof csr, "%s/own.csr", folder);
	snprintf(key, sizeof key, "%s/own.key", folder);
	snprintf(dir, sizeof dir, "%s/own", folder);
	run_program((const char *const[]){ "openssl", "req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-subj", "/CN=own.internal", "-addext",
	    "subjectAltName=DNS:own.internal", "-addext", "extendedKeyUsage=codeSigning", "-out", csr, NULL }, NULL, &r);
	expect_status(&r, 0);
	run_done(&r);
	PCA(&r, "issue", "--csr", csr, "--client", "--ca", "Kestrel Issuing CA 1", "--out", dir, "--apply", "--yes");
	expect_status(&r, 0);
	expect_text(&r, "extendedKeyUsage");
	assert_null(strstr(buf_str(&r.out), "The certificate is what was asked for"));
	run_done(&r);
	openssl_accepts(dir, "sslclient");
	assert_int_equal(mode_of(in_folder(dir, "key.pem")), -1);
	/* AWS takes PEM alone: of a request in DER it gets that. */
	run_program((const char *const[]){ "openssl", "req", "-in", csr, "-outform", "DER", "-out", in_folder(folder, "own.der"), NULL }, NULL, &r);
	expect_status(&r, 0);
	run_done(&r);
	PCA(&r, "issue", "--csr", in_folder(folder, "own.der"), "--client", "--ca", "Kestrel Issuing CA 1", "--out", dir, "--apply", "--yes");
	expect_status(&r, 0);
	run_done(&r);
	openssl_accepts(dir, "sslclient");
	/* What is no CSR is status 2, and nobody was asked. */
	PCA(&r, "issue", "--csr", key, "--ca", "Kestrel Issuing CA 1", "--out", dir);
	expect_status(&r, 2);
	run_done(&r);
}

/* From the file to the CA's list: get, revoke, report, sync, and the table. */
static void
a_certificate_s_life(void **state)
{
	char dir[300], got[300];
	struct run r = { .status = 0 };
	const cJSON *one;
	cJSON *o;
	bool revoked = false;

	(void)state;
	snprintf(dir, sizeof dir, "%s/life", folder);
	snprintf(got, sizeof got, "%s/got", folder);
	PCA(&r, "issue", "life.internal", "--ca", "Kestrel Issuing CA 1", "--days", "20", "--out", dir, "--apply", "--yes", "--json");
	expect_status(&r, 0);
	o = json_of(&r, "mtlscope.pca-issue/1");
	run_done(&r);
	PCA(&r, "get", text_of_item(o, "certificate"), "--out", got);
	expect_status(&r, 0);
	run_done(&r);
	run_program((const char *const[]){ "cmp", in_folder(dir, "fullchain.pem"), in_folder(got, "fullchain.pem"), NULL }, NULL, &r);
	expect_status(&r, 0);
	run_done(&r);
	/* Without --out it is printed; by its serial, which the inventory knows at once. */
	PCA(&r, "get", text_of_item(o, "serial"));
	expect_status(&r, 0);
	assert_int_equal(times_in(buf_str(&r.out), "BEGIN CERTIFICATE"), 2);
	run_done(&r);
	PCA(&r, "show", text_of_item(o, "serial"));
	expect_status(&r, 0);
	expect_text(&r, "life.internal");
	run_done(&r);
	PCA(&r, "show", in_folder(dir, "cert.pem"));
	expect_status(&r, 0);
	expect_text(&r, text_of_item(o, "serial"));
	run_done(&r);
	/* It ends soon, and nobody renews it. */
	PCA(&r, "certs", "--orphans", "--filter", "life.internal");
	expect_status(&r, 0);
	expect_text(&r, "ORPHAN");
	expect_text(&r, "life.internal");
	run_done(&r);
	PCA(&r, "revoke", in_folder(dir, "cert.pem"), "--reason", "superseded", "--apply", "--yes");
	expect_status(&r, 0);
	run_done(&r);
	PCA(&r, "show", text_of_item(o, "serial"));
	expect_text(&r, "REVOKED");
	run_done(&r);
	PCA(&r, "revoke", in_folder(dir, "cert.pem"), "--apply", "--yes");
	expect_status(&r, 0);
	expect_text(&r, "revoked already");
	run_done(&r);
	PCA(&r, "audit", "Kestrel Issuing CA 1", "--format", "csv", "--apply", "--yes", "--json");
	expect_status(&r, 0);
	cJSON *report = json_of(&r, "mtlscope.pca-audit/1");
	assert_non_null(strstr(text_of_item(report, "report"), "s3://mtlscope-lab/audit-report/"));
	cJSON_Delete(report);
	run_done(&r);
	PCA(&r, "sync", "--json");
	expect_status(&r, 0);
	cJSON_Delete(json_of(&r, "mtlscope.pca-sync/1"));
	run_done(&r);
	PCA(&r, "certs", "--ca", "Kestrel Issuing CA 1", "--json");
	expect_status(&r, 0);
	cJSON *certs = json_of(&r, "mtlscope.pca-certs/1");
	assert_true(cJSON_GetArraySize(cJSON_GetObjectItem(certs, "certificates")) >= 4);
	cJSON_ArrayForEach(one, cJSON_GetObjectItem(certs, "certificates")) {
		if (strcmp(text_of_item(one, "serial"), text_of_item(o, "serial")) == 0)
			revoked = strcmp(text_of_item(one, "fate"), "REVOKED") == 0 && strcmp(text_of_item(one, "revocation_reason"), "SUPERSEDED") == 0;
	}
	assert_true(revoked);
	cJSON_Delete(certs);
	cJSON_Delete(o);
	run_done(&r);
}

static void
bundles(void **state)
{
	struct run r = { .status = 0 };
	char file[300];

	(void)state;
	snprintf(file, sizeof file, "%s/bundle.pem", folder);
	PCA(&r, "bundle", "Kestrel Issuing CA 1");
	expect_status(&r, 0);
	assert_int_equal(times_in(buf_str(&r.out), "BEGIN CERTIFICATE"), 1);
	/* Nothing that a load balancer would refuse: no empty lines, no text. */
	assert_null(strstr(buf_str(&r.out), "\n\n"));
	assert_memory_equal(r.out.data, "-----BEGIN", 10);
	run_done(&r);
	PCA(&r, "bundle", "Kestrel Issuing CA 1", "--intermediates", "--out", file);
	expect_status(&r, 0);
	run_done(&r);
	run_program((const char *const[]){ "openssl", "verify", "-CAfile", file, in_folder(in_folder(folder, "client-service"), "cert.pem"), NULL }, NULL, &r);
	expect_status(&r, 0);
	run_done(&r);
}

/* One that was left in PENDING_CERTIFICATE is offered to be finished, and is. */
static void
activates_what_waits(void **state)
{
	struct aws_client_options how = { .world = world_real() };
	struct aws_error err = { .kind = AWS_FINE };
	struct pca_create wish = { .type = "SUBORDINATE", .key_algorithm = "RSA_2048", .signing_algorithm = "SHA256WITHRSA", .subject = { .common_name = "Left Over" }, .token = "leftover" };
	struct aws_client *c = NULL;
	struct arena *a = arena_new();
	struct run r = { .status = 0 };
	const char *arn = NULL;
	const cJSON *ca;
	cJSON *o;
	int count;

	(void)state;
	assert_int_equal(aws_client_new(&how, &c, &err), STATUS_OK);
	if (pca_create_ca(c, &wish, a, &arn, &err) != STATUS_OK)
		fail_msg("%s", err.message);
	const char *csr = NULL;
	assert_int_equal(pca_wait_csr(c, arn, NULL, NULL, a, &csr, &err), STATUS_OK);
	PCA(&r, "tree");
	expect_text(&r, "“Left Over” waits for its certificate");
	run_done(&r);
	PCA(&r, "issue", "x.internal", "--ca", "Left Over");
	expect_status(&r, 2);
	expect_text(&r, "mtlscope pca activate");
	run_done(&r);
	PCA(&r, "activate", "Left Over");
	expect_status(&r, 2);
	expect_text(&r, "--parent CA");
	run_done(&r);
	PCA(&r, "activate", "Left Over", "--parent", "Globex Root CA", "--apply", "--yes");
	expect_status(&r, 0);
	run_done(&r);
	o = tree("Left Over", &ca, &count);
	assert_string_equal(text_of_item(ca, "status"), "ACTIVE");
	cJSON_Delete(o);
	PCA(&r, "activate", "Left Over");
	expect_status(&r, 2);
	expect_text(&r, "nothing to finish");
	run_done(&r);
	aws_client_free(c);
	arena_free(a);
}

/* A root that issues leaves itself is remarked on before, and in the tree afterwards. */
static void
roots_that_issue_leaves(void **state)
{
	struct run r = { .status = 0 };

	(void)state;
	PCA(&r, "issue", "direct.internal", "--ca", "Globex Root CA", "--out", in_folder(folder, "direct"), "--apply", "--yes");
	expect_status(&r, 0);
	expect_text(&r, "“Globex Root CA” is a root. A root");
	run_done(&r);
	PCA(&r, "tree");
	expect_text(&r, "“Globex Root CA” is a root and issues leaves itself");
	run_done(&r);
}

/* A plan that stops says what stands and how to go on; what stands makes it status 10, nothing at all 9. */
static void
plans_that_stop(void **state)
{
	struct run r = { .status = 0 };

	(void)state;
	/* The bucket is not there: AWS refuses to create the root, and nothing was made. */
	PCA(&r, "create", "Stop", "--hierarchy", "--crl-bucket", "no-such-bucket-here", "--apply", "--yes");
	expect_status(&r, 9);
	expect_text(&r, "STOPPED at step 1 of 8");
	expect_text(&r, "no step that changes something was done");
	run_done(&r);
	/* A folder that cannot be: nothing is issued for a key that has no place. */
	PCA(&r, "issue", "stop.internal", "--ca", "Globex Issuing CA", "--out", "/dev/null/x", "--apply", "--yes");
	expect_status(&r, 2);
	expect_text(&r, "STOPPED at step 1 of 5");
	run_done(&r);
}

/* The plan's own command lines, run by a shell with the aws program: they do what the plan does. */
static void
the_same_with_the_aws_program(void **state)
{
	struct run r = { .status = 0 };
	struct buf script = { 0 };
	struct aws_cli aws;
	char cli[4096], path[8192];
	const cJSON *step;
	cJSON *o;

	(void)state;
	if (!aws_cli_find(cli, sizeof cli)) {
		if (getenv("CI") != NULL)
			fail_msg("the aws program is not here, and CI is set");
		skip();
	}
	assert_int_equal(mkdir(in_folder(folder, "cli"), 0700), 0);
	aws_cli_start(&aws, cli, in_folder(folder, "cli"));
	snprintf(path, sizeof path, "PATH=%s:%s", in_folder(folder, "cli"), getenv("PATH"));
	PCA(&r, "create", "Same", "--hierarchy", "--json");
	expect_status(&r, 0);
	o = json_of(&r, "mtlscope.pca-create/1");
	buf_addf(&script, "set -e\ncd '%s'\n", folder);
	cJSON_ArrayForEach(step, cJSON_GetObjectItem(cJSON_GetObjectItem(o, "plan"), "steps"))
		buf_addf(&script, "%s\n", text_of_item(step, "command"));
	buf_adds(&script, "openssl verify -CAfile root.pem sub.pem\n");
	cJSON_Delete(o);
	run_done(&r);
	run_program((const char *const[]){ "sh", "-c", script.data, NULL }, &(struct run_options){ .deadline_ms = 240000, .env = (const char *const[]){ path, NULL } }, &r);
	expect_status(&r, 0);
	expect_text(&r, "sub.pem: OK");
	run_done(&r);
	aws_cli_stop(&aws);
	buf_done(&script);
}

/* ---- what AWS refuses ---- */

#define OTHER_CA "arn:aws:acm-pca:us-east-1:999988887777:certificate-authority/11111111-2222-3333-4444-555555555555"
#define FAR_CA "arn:aws:acm-pca:eu-west-1:111122223333:certificate-authority/11111111-2222-3333-4444-555555555555"

static const struct {
	const char *what;
	const char *env[4];
	const char *words[8];
	const char *says[2];
} refusals[] = {
	{ "no credentials", { "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY" }, { "tree" }, { "no credentials", "--profile" } },
	{ "a wrong secret", { "AWS_SECRET_ACCESS_KEY=wrong" }, { "tree" }, { "InvalidSignatureException", "secret" } },
	{ "an unknown key", { "AWS_ACCESS_KEY_ID=AKIAAAAAAAAAAAAAAAAA" }, { "show", "Acme Issuing CA 9" }, { "UnrecognizedClientException", "wrong key" } },
	{ "a wrong token", { "AWS_SESSION_TOKEN=wrong" }, { "tree" }, { "token", NULL } },
	{ "a key without its secret", { "AWS_SECRET_ACCESS_KEY" }, { "tree" }, { "AWS_SECRET_ACCESS_KEY", NULL } },
	{ "a wrong region, by name", { "AWS_REGION=eu-west-1" }, { "show", "Acme Issuing CA 9" }, { "eu-west-1", "--region" } },
	{ "a wrong region, by ARN", { NULL }, { "show", FAR_CA }, { "eu-west-1", "region" } },
	{ "no region", { "AWS_REGION", "AWS_DEFAULT_REGION" }, { "tree" }, { "no region", "--region" } },
	{ "a CA of another account", { NULL }, { "show", OTHER_CA }, { "999988887777", "profile of that account" } },
	{ "issuing from another account's CA", { NULL }, { "issue", "x.internal", "--ca", OTHER_CA }, { "999988887777", "RAM" } },
	{ "no permission", { NULL }, { "tree", "--profile", "powerless" }, { "AccessDenied", "not authorized" } },
	{ "no permission to create", { NULL }, { "create", "X", "--root", "--apply", "--yes", "--profile", "powerless" }, { "AccessDenied", "not authorized" } },
	{ "a profile that is not there", { "AWS_PROFILE=nobody" }, { "tree" }, { "nobody", "profile" } },
	{ "nobody listens", { "AWS_ENDPOINT_URL=http://127.0.0.1:1" }, { "tree" }, { "127.0.0.1:1", NULL } },
	{ "a certificate that is not there", { NULL }, { "get", "0123456789abcdef0123456789abcdef", "--ca", "Globex Issuing CA" }, { "ResourceNotFoundException", NULL } },
};

static void
one_clear_line_each(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
		struct run r = { .status = 0 };

		pca(&r, refusals[i].env, refusals[i].words);
		if (r.status != 9)
			fail_msg("%s: status %d\n%s\n%s", refusals[i].what, r.status, buf_str(&r.out), buf_str(&r.err));
		for (int k = 0; k < 2; k++) {
			if (refusals[i].says[k] != NULL && strstr(buf_str(&r.err), refusals[i].says[k]) == NULL)
				fail_msg("%s: “%s” is missing in\n%s", refusals[i].what, refusals[i].says[k], buf_str(&r.err));
		}
		/* One line, and nothing else. */
		if (times_in(buf_str(&r.err), "\n") != 1 || r.out.len != 0)
			fail_msg("%s: more than a line:\n%s\n%s", refusals[i].what, buf_str(&r.out), buf_str(&r.err));
		run_done(&r);
	}
}

/* Addresses hold passwords, and those that are wrong are said. */
static void
no_password_in_a_line(void **state)
{
	static const struct {
		const char *env[5];
		const char *says;
	} cases[] = {
		{ { "HTTPS_PROXY=socks9://joe:CANARY@proxy:3128", "AWS_ENDPOINT_URL=https://pca.example", "AWS_MAX_ATTEMPTS=1" }, "socks9://…@proxy:3128" },
		{ { "HTTPS_PROXY=http://joe:CANARY CANARY@proxy:3128", "AWS_ENDPOINT_URL=https://pca.example", "AWS_MAX_ATTEMPTS=1" }, "http://…@proxy:3128" },
		{ { "AWS_ENDPOINT_URL=http://joe:CANARY@127.0.0.1:1" }, "http://…@127.0.0.1:1" },
		{ { "AWS_CONTAINER_CREDENTIALS_FULL_URI=http://joe:CANARY@agent.example/x", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY" }, "http://…@agent.example/x" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct run r = { .status = 0 };

		pca(&r, cases[i].env, (const char *const[]){ "tree", NULL });
		expect_status(&r, 9);
		expect_text(&r, cases[i].says);
		if (strstr(buf_str(&r.err), "CANARY") != NULL || strstr(buf_str(&r.out), "CANARY") != NULL)
			fail_msg("%zu: %s", i, buf_str(&r.err));
		run_done(&r);
	}
}

/* Slips of the fingers: status 2, nobody is asked. */
/* What is the same for all the CAs is said once: one line for those without a report, a table of the others. */
static void
sync_says_it_once(void **state)
{
	static const char *const fresh[] = { "XDG_STATE_HOME=fresh-state", "COLUMNS=80", NULL };
	struct run r = { .status = 0 };

	(void)state;
	pca(&r, fresh, (const char *const[]){ "sync", "--bucket", "mtlscope-lab", NULL });
	expect_status(&r, 0);
	assert_int_equal(times_in(buf_str(&r.out), "no audit report lies in the bucket"), 1);
	expect_text(&r, " more");
	run_done(&r);
	pca(&r, fresh, (const char *const[]){ "sync", "--apply", "--yes", NULL });
	expect_status(&r, 0);
	expect_text(&r, "in  PRACTICE LAB · account 111122223333");
	expect_text(&r, "STATE  CA                                NEW CHANGED  REPORT (UTC)     NEXT\n");
	expect_text(&r, " in 30 min\n");
	assert_int_equal(times_in(buf_str(&r.out), "NEXT: when AWS makes a new report."), 1);
	/* What has expired issues nothing: said with the command that renews it. */
	{
		struct run no = { .status = 0 };

		PCA(&no, "issue", "x.internal", "--ca", "Acme Issuing CA 5");
		expect_status(&no, 2);
		expect_text(&no, "is EXPIRED: only an ACTIVE CA issues. It is renewed with the same key: mtlscope pca activate arn:");
		run_done(&no);
	}
	/* AWS makes none of these, however often one asks. */
	expect_text(&r, "AWS makes none of a CA that is EXPIRED");
	run_done(&r);
	/* Another machine, where nobody has asked: the report's own time says when the next one is made. */
	/* Too early for another: not a failure, theirs is read. */
	pca(&r, (const char *const[]){ "XDG_STATE_HOME=third-state", NULL }, (const char *const[]){ "sync", "--apply", "--yes", NULL });
	expect_status(&r, 0);
	assert_null(strstr(buf_str(&r.out), "FAIL"));
	expect_text(&r, "STATE  CA ");
	run_done(&r);
	pca(&r, (const char *const[]){ "XDG_STATE_HOME=other-state", NULL }, (const char *const[]){ "sync", NULL });
	expect_status(&r, 0);
	expect_text(&r, " in ");
	assert_null(strstr(buf_str(&r.out), " now\n"));
	run_done(&r);
}

static const struct {
	const char *words[8];
	const char *says;
} slips[] = {
	{ { NULL }, "pca needs a word: tree, show" },
	{ { "tre" }, "did you mean pca tree?" },
	{ { "frobnicate" }, "there are tree, show" },
	{ { "tree", "x" }, "takes no argument" },
	{ { "tree", "--apply" }, "--apply: pca tree has no such option" },
	{ { "create" }, "--hierarchy" },
	{ { "create", "--hierarchy" }, "what is it called?" },
	{ { "create", "X", "--root", "--parent", "Y" }, "exclude each other" },
	{ { "create", "X", "--root", "--key-algorithm", "DSA" }, "RSA_2048" },
	{ { "create", "--root", "--subject", "CN=a,ZZ=b" }, "ZZ" },
	{ { "issue" }, "for whom?" },
	{ { "issue", "--csr", "/nonexistent", "--ca", "x" }, "/nonexistent" },
	{ { "issue", "x", "--ca-path-length", "4" }, "from 0 to 3" },
	{ { "certs", "--sort", "size" }, "expected expiry" },
	{ { "tree", "--aws", "nobody" }, "the configuration has no such account" },
	{ { "revoke" }, "needs one certificate" },
};

static void
slips_are_answered(void **state)
{
	static const char *const nobody[] = { "AWS_ENDPOINT_URL=http://127.0.0.1:1", NULL };

	(void)state;
	for (size_t i = 0; i < sizeof slips / sizeof slips[0]; i++) {
		struct run r = { .status = 0 };

		pca(&r, nobody, slips[i].words);
		expect_status(&r, 2);
		expect_text(&r, slips[i].says);
		assert_int_equal(times_in(buf_str(&r.err), "\n"), 1);
		run_done(&r);
	}
}

/* Several accounts and regions of the configuration are looked at side by side; one that fails does not hide the others. */
static void
accounts_side_by_side(void **state)
{
	struct run r = { .status = 0 };
	struct buf text = { 0 };
	char file[300];

	(void)state;
	snprintf(file, sizeof file, "%s/several.yaml", folder);
	buf_addf(&text, "aws:\n  - {name: east, region: us-east-1, endpoint_url: \"%s\"}\n  - {name: west, region: eu-west-1, endpoint_url: \"%s\"}\n"
	    "  - {name: gone, region: us-east-1, endpoint_url: \"http://127.0.0.1:1\"}\n", getenv("AWS_ENDPOINT_URL"), getenv("AWS_ENDPOINT_URL"));
	assert_true(write_file(file, text.data, text.len));
	PCA(&r, "tree", "--config", file);
	expect_status(&r, 9);
	expect_text(&r, "PRACTICE LAB · account east (111122223333) · no profile · us-east-1");
	expect_text(&r, "account west (111122223333) · no profile · eu-west-1");
	expect_text(&r, "account gone (number not known)");
	expect_text(&r, "Acme Issuing CA 9");
	run_done(&r);
	PCA(&r, "tree", "--config", file, "--aws", "west");
	expect_status(&r, 0);
	assert_null(strstr(buf_str(&r.out), "Acme Issuing CA 9"));
	run_done(&r);
	/* Where something is asked for in several, each is named before. */
	PCA(&r, "sync", "--config", file, "--apply", "--yes");
	expect_text(&r, "It is done in this account too: account west, eu-west-1");
	expect_text(&r, "It is done in this account too: account gone, us-east-1");
	run_done(&r);
	/* Where something is made, one account is meant. */
	PCA(&r, "create", "X", "--root", "--config", file);
	expect_status(&r, 2);
	expect_text(&r, "in which account?");
	run_done(&r);
	buf_done(&text);
}

/* What is practised with does not come into the user's own inventory, by the console either. */
static void
console_has_the_labs_inventory(void **state)
{
	char key[80], secret[120], url[80], own[300], home[400], states[400];
	const char *const env[] = { key, secret, url, home, states, "AWS_REGION=us-east-1", "AWS_EC2_METADATA_DISABLED=true", NULL };
	struct vtpty_options how = { .rows = 30, .env = env };
	struct vtpty *p;

	(void)state;
	snprintf(own, sizeof own, "%s/console", folder);
	snprintf(key, sizeof key, "AWS_ACCESS_KEY_ID=%s", getenv("AWS_ACCESS_KEY_ID"));
	snprintf(secret, sizeof secret, "AWS_SECRET_ACCESS_KEY=%s", getenv("AWS_SECRET_ACCESS_KEY"));
	snprintf(url, sizeof url, "AWS_ENDPOINT_URL=%s", getenv("AWS_ENDPOINT_URL"));
	snprintf(home, sizeof home, "HOME=%s", folder);
	snprintf(states, sizeof states, "XDG_STATE_HOME=%s", own);
	p = vtpty_open((const char *const[]){ mtlscope(), NULL }, &how);
	vtpty_wait(p, "start");
	vtpty_keys(p, "p");
	vtpty_wait(p, "Acme Division CA");
	vtpty_type(p, ":quit\r");
	assert_int_equal(vtpty_wait_end(p, 30000), 0);
	vtpty_free(p);
	assert_int_equal(mode_of(in_folder(own, "mtlscope/inventory-lab.db")), 0600);
	assert_int_equal(mode_of(in_folder(own, "mtlscope/inventory.db")), -1);
}

static int
start(void **state)
{
	const cJSON *variable;

	(void)state;
	folder = make_folder();
	umask(022);
	if (folder == NULL || !lab_process_start(&lab, 0))
		return -1;
	cJSON_ArrayForEach(variable, cJSON_GetObjectItem(lab.json, "environment"))
		setenv(variable->string, cJSON_GetStringValue(variable), 1);
	setenv("LC_ALL", "C.UTF-8", 1);
	setenv("HOME", folder, 1);
	setenv("XDG_STATE_HOME", in_folder(folder, "state"), 1);
	setenv("XDG_CONFIG_HOME", in_folder(folder, "config"), 1);
	setenv("AWS_EC2_METADATA_DISABLED", "true", 1);
	snprintf(config, sizeof config, "%s/aws-config", folder);
	setenv("AWS_CONFIG_FILE", config, 1);
	setenv("AWS_SHARED_CREDENTIALS_FILE", in_folder(folder, "no-credentials"), 1);
	unsetenv("AWS_PROFILE");
	unsetenv("AWS_SESSION_TOKEN");
	static const char text[] = "[profile powerless]\nrole_arn = arn:aws:iam::111122223333:role/nobody\ncredential_source = Environment\n";
	return write_file(config, text, sizeof text - 1) && chdir(folder) == 0 ? 0 : -1;
}

static int
stop(void **state)
{
	(void)state;
	lab_process_stop(&lab);
	if (chdir("/") != 0)
		return -1;
	remove_folder(folder);
	return 0;
}

int
main(int argc, char *argv[])
{
	int cli;

	if (aws_cli_called(argc, argv, &cli))
		return cli;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tree_and_show),
		cmocka_unit_test(nothing_changes_without_apply),
		cmocka_unit_test(no_terminal_to_ask_on),
		cmocka_unit_test(declined_on_a_terminal),
		cmocka_unit_test(hierarchy),
		cmocka_unit_test(a_line_names_the_profile),
		cmocka_unit_test(the_root_is_offered_to_be_disabled),
		cmocka_unit_test(interrupted_and_finished),
		cmocka_unit_test(killed_and_resumed),
		cmocka_unit_test(issues_for_servers_and_clients),
		cmocka_unit_test(issues_for_a_csr),
		cmocka_unit_test(a_certificate_s_life),
		cmocka_unit_test(bundles),
		cmocka_unit_test(activates_what_waits),
		cmocka_unit_test(roots_that_issue_leaves),
		cmocka_unit_test(plans_that_stop),
		cmocka_unit_test(the_same_with_the_aws_program),
		cmocka_unit_test(one_clear_line_each),
		cmocka_unit_test(no_password_in_a_line),
		cmocka_unit_test(sync_says_it_once),
		cmocka_unit_test(slips_are_answered),
		cmocka_unit_test(accounts_side_by_side),
		cmocka_unit_test(console_has_the_labs_inventory),
	};

	return cmocka_run_group_tests_name("pca on the command line", tests, start, stop);
}
