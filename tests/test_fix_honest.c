/*
 * What `mtlscope fix` says and takes upon itself where it would be easy to say more, or to take more: on thin evidence, on files that are
 * not only ours, from another folder, interrupted, and of a record that somebody else has written into.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "fixes/deeds.h"
#include "fixes/mended.h"
#include "fixes/placed_file.h"
#include "fixes/plan_store.h"
#include "lab/pki_files.h"
#include "model/buf.h"
#include "model/input.h"
#include "probes/examine.h"
#include "tests/aws_cli.h"
#include "tests/lab_fix.h"
#include "tests/mortal.h"

enum { WORDS_MOST = 40, NOBODY = 65534, SOMEBODY = 1 };

static struct lab_fix l;
static char program[4096];

/* ---- running it ---- */

static const char *
in(const char *name)
{
	return in_folder(l.folder, name);
}

static void
shell(const char *fmt, ...)
{
	char line[4096];
	va_list ap;
	struct run r;

	va_start(ap, fmt);
	vsnprintf(line, sizeof line, fmt, ap);
	va_end(ap);
	run_program((const char *const[]){ "/bin/sh", "-c", line, NULL }, NULL, &r);
	if (r.status != 0)
		fail_msg("%s: %s", line, buf_str(&r.err));
	run_done(&r);
}

/* From this folder, as somebody would type it there. */
static void
run_from(const char *dir, const char *const words[], struct run *r)
{
	const char *argv[WORDS_MOST + 6] = { "/bin/sh", "-c", "cd \"$0\" && exec \"$@\"", dir, program };
	struct run_options how = { .env = l.env, .deadline_ms = 60000 };
	size_t n = 5;

	for (size_t i = 0; words[i] != NULL; i++) {
		assert_true(n < WORDS_MOST + 5);
		argv[n++] = words[i];
	}
	run_program(argv, &how, r);
}

static cJSON *
json_from(const char *dir, const char *const words[], int *result)
{
	struct run r;
	cJSON *o;

	run_from(dir, words, &r);
	*result = r.status;
	o = cJSON_Parse(buf_str(&r.out));
	if (o == NULL)
		fail_msg("%s: no JSON, status %d: %s", words[0], r.status, buf_str(&r.err));
	run_done(&r);
	return o;
}

static const char *
at(const char *endpoint, const char *what)
{
	return lab_fix_text(lab_fix_endpoint(&l, endpoint), what);
}

/* A copy of an endpoint's own files, in a folder of the test's. */
static const char *
copy_of(const char *endpoint)
{
	shell("rm -rf '%s' && mkdir '%s' && cp -p \"$(dirname '%s')\"/* '%s'", in(endpoint), in(endpoint), at(endpoint, "cert"), in(endpoint));
	return in(endpoint);
}

static char *
bytes_of(const char *path)
{
	struct input file = { .bytes = NULL };
	struct error err = { .code = ERROR_NONE };
	char *text;

	assert_int_equal(input_read(path, 1 << 20, &file, &err), STATUS_OK);
	text = strndup((const char *)file.bytes, file.len);
	input_free(&file);
	return text;
}

static mode_t
mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 07777;
}

static const char *
number_text(const cJSON *plan, char out[32])
{
	snprintf(out, 32, "%.0f", cJSON_GetNumberValue(cJSON_GetObjectItem(plan, "id")));
	return out;
}

/* Does one of the plan's notes hold this? */
static bool
noted(const cJSON *o, const char *what)
{
	const cJSON *note;

	cJSON_ArrayForEach(note, cJSON_GetObjectItem(cJSON_GetObjectItem(o, "plan"), "notes")) {
		if (strstr(cJSON_GetStringValue(note), what) != NULL)
			return true;
	}
	return false;
}

/* ---- another folder ---- */

static void
goes_back_from_another_folder(void **state)
{
	static const struct {
		const char *endpoint, *file;
	} cases[] = { { "client-key-exposed", "order-service.key" }, { "client-key-mismatch", "order-service.key" }, { "client-missing-intermediate", "order-service.crt" } };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *e = cases[i].endpoint, *dir = copy_of(e);
		char file[4096], id[32], *before, *after;
		mode_t mode;
		int result;
		cJSON *o;

		snprintf(file, sizeof file, "%s/%s", dir, cases[i].file);
		before = bytes_of(file);
		mode = mode_of(file);
		o = json_from(dir, (const char *const[]){ "fix", at(e, "address"), "--cert", "order-service.crt", "--key", "order-service.key", "--cacert", at(e, "cacert"),
		    "--servername", at(e, "servername"), "--apply", "--yes", "--json", NULL }, &result);
		assert_int_equal(result, 0);
		number_text(cJSON_GetObjectItem(o, "plan"), id);
		cJSON_Delete(o);
		o = json_from("/", (const char *const[]){ "undo", id, "--apply", "--yes", "--json", NULL }, &result);
		assert_int_equal(result, 0);
		assert_string_equal(lab_fix_text(o, "schema"), "mtlscope.undo/1");
		cJSON_Delete(o);
		after = bytes_of(file);
		assert_string_equal(after, before);
		assert_int_equal(mode_of(file), mode);
		free(before);
		free(after);
	}
}

/* What somebody else has set since is not set back over his head. */
static void
a_mode_of_somebody_elses_stays(void **state)
{
	const char *e = "client-key-exposed", *dir = copy_of("client-key-exposed");
	char file[4096], id[32];
	struct run r;
	int result;
	cJSON *o;

	(void)state;
	snprintf(file, sizeof file, "%s/order-service.key", dir);
	o = json_from(dir, (const char *const[]){ "fix", at(e, "address"), "--cert", "order-service.crt", "--key", "order-service.key", "--cacert", at(e, "cacert"), "--servername",
	    at(e, "servername"), "--apply", "--yes", "--json", NULL }, &result);
	assert_int_equal(result, 0);
	assert_string_equal(lab_fix_text(o, "result"), "mended");
	number_text(cJSON_GetObjectItem(o, "plan"), id);
	cJSON_Delete(o);
	assert_int_equal(chmod(file, 0640), 0);
	run_from("/", (const char *const[]){ "undo", id, "--apply", "--yes", NULL }, &r);
	assert_int_equal(r.status, 10);
	assert_non_null(strstr(buf_str(&r.out), "0640"));
	run_done(&r);
	assert_int_equal(mode_of(file), 0640);
	assert_int_equal(chmod(file, 0600), 0);
	run_from("/", (const char *const[]){ "undo", id, "--apply", "--yes", NULL }, &r);
	assert_int_equal(r.status, 0);
	run_done(&r);
	assert_int_equal(mode_of(file), 0644);
}

/* The finding that was named is mended; what ended the handshake before still does, and the word for the one is not for the other. */
static void
what_is_left_is_named(void **state)
{
	const char *e = "client-expired", *dir = copy_of("client-expired");
	struct run r;

	(void)state;
	shell("chmod 644 '%s/order-service.key'", dir);
	run_from(dir, (const char *const[]){ "fix", at(e, "address"), "key.exposed", "--cert", "order-service.crt", "--key", "order-service.key", "--cacert", at(e, "cacert"),
	    "--servername", at(e, "servername"), "--apply", "--yes", NULL }, &r);
	assert_int_equal(r.status, 6);
	assert_non_null(strstr(buf_str(&r.out), "MENDED: key.exposed is gone; client.expired is left, as it was before"));
	run_done(&r);
}

/* ---- who issues ---- */

static cJSON *
reissue(const char *endpoint, const char *more, const char *value, int *result)
{
	const char *words[] = { "fix", at(endpoint, "address"), "--cert", "order-service.crt", "--key", "order-service.key", "--cacert", at(endpoint, "cacert"),
		"--servername", at(endpoint, "servername"), "--json", more, value, NULL };

	return json_from(in(endpoint), words, result);
}

static void
a_ca_that_cannot_issue_is_not_taken(void **state)
{
	static const struct {
		const char *ca, *says;
	} cases[] = {
		{ "Acme Issuing CA 2", "which is EXPIRED: only an ACTIVE CA issues" },
		{ "Nobody's CA", "no ACTIVE CA of" },
		{ "Acme Issuing CA 2016", "no certificate from it would be valid now" },
	};

	(void)state;
	(void)copy_of("client-expired");
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int result;
		cJSON *o = reissue("client-expired", "--ca", cases[i].ca, &result);

		assert_int_equal(result, 6);
		assert_true(cJSON_IsNull(cJSON_GetObjectItem(o, "plan")));
		if (strstr(lab_fix_text(o, "by_hand"), cases[i].says) == NULL)
			fail_msg("%s: %s", cases[i].ca, lab_fix_text(o, "by_hand"));
		cJSON_Delete(o);
	}
}

static void
a_ca_that_nothing_speaks_for_is_noted(void **state)
{
	int result;
	cJSON *o;

	(void)state;
	(void)copy_of("client-expired");
	o = reissue("client-expired", "--ca", "Globex Issuing CA", &result);
	assert_int_equal(result, 0);
	assert_true(noted(o, "Nothing shows that the server trusts “Globex Issuing CA”"));
	cJSON_Delete(o);
	/* The issuer of the old one needs no word. */
	o = reissue("client-expired", NULL, NULL, &result);
	assert_int_equal(result, 0);
	assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(cJSON_GetObjectItem(o, "plan"), "notes")), 0);
	cJSON_Delete(o);
}

/* A new certificate of a kind that the server takes no signature of would go out as little as the old one. */
static void
a_key_that_the_server_takes(void **state)
{
	static const struct {
		const char *option, *value, *says;
		int result;
	} cases[] = {
		{ NULL, NULL, "The new key is RSA 2048", 0 },
		{ "--key-algorithm", "RSA_3072", NULL, 0 },
		{ "--key-algorithm", "EC_secp384r1", "the server takes no signature of such a key", 0 },
		{ "--same-key", NULL, "takes no signature of the key that is to stay (EC P-256)", 6 },
	};

	(void)state;
	(void)copy_of("client-not-sent");
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int result;
		cJSON *o = reissue("client-not-sent", cases[i].option, cases[i].value, &result);

		assert_int_equal(result, cases[i].result);
		if (cases[i].says == NULL)
			assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(cJSON_GetObjectItem(o, "plan"), "notes")), 0);
		else if (!noted(o, cases[i].says) && strstr(lab_fix_text(o, "by_hand"), cases[i].says) == NULL)
			fail_msg("case %zu: %s", i, cJSON_Print(o));
		cJSON_Delete(o);
	}
}

/* ---- by hand ---- */

/* What is printed for who does it by hand is done by hand: the steps' own lines, one after the other, and then it is mended. */
static void
the_lines_by_hand_mend_it_too(void **state)
{
	const char *e = "client-expired", *dir;
	struct buf lines = { 0 };
	const cJSON *step;
	char aws[4096];
	struct run r;
	int result;
	cJSON *o;

	(void)state;
	if (!aws_cli_find(aws, sizeof aws))
		skip();
	dir = copy_of(e);
	o = reissue(e, NULL, NULL, &result);
	assert_int_equal(result, 0);
	buf_addf(&lines, "set -e\nPATH=\"$(dirname '%s'):$PATH\"\ncd '%s'\n", aws, dir);
	cJSON_ArrayForEach(step, cJSON_GetObjectItem(cJSON_GetObjectItem(o, "plan"), "steps"))
		buf_addf(&lines, "%s\n", cJSON_GetStringValue(cJSON_GetObjectItem(step, "command")) != NULL ? lab_fix_text(step, "command") : ":");
	cJSON_Delete(o);
	run_program((const char *const[]){ "/bin/sh", "-c", lines.data, NULL }, &(struct run_options){ .env = l.env, .deadline_ms = 60000 }, &r);
	if (r.status != 0)
		fail_msg("status %d: %s\n%s", r.status, lines.data, buf_str(&r.err));
	run_done(&r);
	buf_done(&lines);
	o = json_from(dir, (const char *const[]){ "check", at(e, "address"), "--cert", "order-service.crt", "--key", "order-service.key", "--cacert", at(e, "cacert"),
	    "--servername", at(e, "servername"), "--json", NULL }, &result);
	assert_int_equal(result, 0);
	assert_string_equal(lab_fix_text(o, "verdict"), "ok");
	cJSON_Delete(o);
}

/* ---- another way to it ---- */

/* What is seen at the entry's own address is another server's: no step looks there. */
static void
a_service_at_another_address_is_not_looked_at_there(void **state)
{
	const char *e = "server-expired", *port = strrchr(at("server-expired", "address"), ':') + 1;
	char config[4096], to[256];

	(void)state;
	shell("cp -p '%s' '%s' && cp -p '%s' '%s'", at(e, "cert"), in("s.crt"), at(e, "key"), in("s.key"));
	snprintf(config, sizeof config, "aws:\n  - {name: lab, region: us-east-1, endpoint_url: \"%s\"}\nfleet:\n  - name: svc\n    target: \"payment.internal:8443\"\n"
	    "    serves: {cert: \"%s\", key: \"%s\"}\n    install: {files: serves, reload: \"true\"}\n",
	    lab_fix_text(cJSON_GetObjectItem(l.lab.json, "environment"), "AWS_ENDPOINT_URL"), in("s.crt"), in("s.key"));
	assert_true(write_file(in("redirect.yaml"), config, strlen(config)));
	snprintf(to, sizeof to, "payment.internal:8443:127.0.0.1:%s", port);
	for (int redirected = 0; redirected <= 1; redirected++) {
		int result, looks = 0;
		const cJSON *step;
		/* The entry's own address is not there, but where another one is said. */
		cJSON *o = json_from("/", (const char *const[]){ "fix", "svc", "--config", in("redirect.yaml"), "--cert", at(e, "cert"), "--key", at(e, "key"), "--cacert", at(e, "cacert"),
		    redirected ? "--connect-to" : "--resolve", redirected ? to : "payment.internal:8443:127.0.0.1", "--json", NULL }, &result);

		cJSON_ArrayForEach(step, cJSON_GetObjectItem(cJSON_GetObjectItem(o, "plan"), "steps"))
			looks += strstr(lab_fix_text(step, "what"), "look whether") != NULL;
		assert_int_equal(looks, 0);
		assert_int_equal(cJSON_IsObject(cJSON_GetObjectItem(o, "plan")), redirected);
		cJSON_Delete(o);
	}
}

/* ---- what does not come along ---- */

static void
what_is_lost_is_said(void **state)
{
	int result;
	cJSON *o;

	(void)state;
	shell("rm -rf '%s' && mkdir '%s' && cd '%s' && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout order-service.key -out c.pem -days 30 "
	      "-subj /C=US/ST=Ohio/O=Acme/OU=one/OU=two/CN=order-service -addext extendedKeyUsage=clientAuth,emailProtection 2>openssl.log && "
	      "{ echo '# ours, renewed in May'; cat c.pem; } >order-service.crt && rm c.pem", in("client-self-signed"), in("client-self-signed"), in("client-self-signed"));
	o = reissue("client-self-signed", NULL, NULL, &result);
	assert_int_equal(result, 0);
	assert_true(noted(o, "The old subject has ST=Ohio, OU=two as well"));
	assert_true(noted(o, "is for emailProtection as well"));
	assert_true(noted(o, "The comments in order-service.crt do not come along"));
	cJSON_Delete(o);
}

/* Of a name that was made to deceive nothing is taken over, and what that leaves is said. */
static void
nothing_is_left_of_a_name_that_deceives(void **state)
{
	int result;
	cJSON *o;

	(void)state;
	(void)copy_of("client-hostile-name");
	o = reissue("client-hostile-name", NULL, NULL, &result);
	assert_int_equal(result, 0);
	assert_null(strstr(lab_fix_text(cJSON_GetObjectItem(o, "plan"), "title"), "healthy"));
	assert_true(noted(o, "The old subject's CN, payment\\x1b"));
	cJSON_Delete(o);
}

/* As long as the old one: a CA that takes a second off makes no day of it less, and what was for hours is for no month. */
static void
it_lasts_as_long_as_the_old_one(void **state)
{
	static const struct {
		int64_t seconds;
		int days;
	} cases[] = { { 12 * 3600, 1 }, { 86400 - 1, 1 }, { 7 * 86400 - 1, 7 }, { 90 * 86400 + 3600, 90 } };
	int64_t now = (int64_t)time(NULL);

	(void)state;
	(void)copy_of("client-self-signed");
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct pki_cert old = pki_issue(&(struct pki_request){ .cn = "order-service", .not_before = now - 3600, .not_after = now - 3600 + cases[i].seconds }, NULL);
		const struct pki_cert *const chain[] = { &old };
		const char *value;
		int result;
		cJSON *o;

		assert_true(pki_write_certs(in("client-self-signed/order-service.crt"), chain, 1) && pki_write_key(in("client-self-signed/order-service.key"), old.key, NULL));
		pki_cert_free(&old);
		o = reissue("client-self-signed", NULL, NULL, &result);
		assert_int_equal(result, 0);
		value = strstr(lab_fix_text(cJSON_GetArrayItem(cJSON_GetObjectItem(cJSON_GetObjectItem(o, "plan"), "steps"), 1), "command"), "Value=");
		assert_non_null(value);
		assert_in_range(strtoll(value + 6, NULL, 10) - now - cases[i].days * 86400, 0, 60);
		cJSON_Delete(o);
	}
}

/* What others of the fleet show is not exchanged for a certificate of another CA without a word on them. */
static void
others_with_the_same_identity_are_counted(void **state)
{
	static const struct {
		const char *ca, *note;
	} cases[] = { { NULL, NULL }, { "Globex Issuing CA", "2 more entries of the fleet (“other” …) show this certificate, “mine”. Whether they trust “Globex Issuing CA” was not looked at" } };
	const char *e = "client-expired", *dir = copy_of("client-expired");
	char config[4096], path[4096];

	(void)state;
	snprintf(path, sizeof path, "%s/config.yaml", dir);
	snprintf(config, sizeof config, "aws:\n  - {name: lab, region: us-east-1, endpoint_url: \"%s\"}\nidentities:\n  - {name: mine, cert: \"%s/order-service.crt\", key: \"%s/order-service.key\", trust: \"%s\"}\n"
	    "fleet:\n  - {name: this, target: \"%s\", servername: \"%s\", identity: mine}\n  - {name: other, target: other.internal, identity: mine}\n  - {name: third, target: third.internal, identity: mine}\n",
	    lab_fix_text(cJSON_GetObjectItem(l.lab.json, "environment"), "AWS_ENDPOINT_URL"), dir, dir, at(e, "cacert"), at(e, "address"), at(e, "servername"));
	assert_true(write_file(path, config, strlen(config)));
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int result;
		cJSON *o = json_from(dir, (const char *const[]){ "fix", "this", "--config", path, "--json", cases[i].ca != NULL ? "--ca" : NULL, cases[i].ca, NULL }, &result);

		assert_int_equal(result, 0);
		assert_int_equal(noted(o, "of the fleet"), cases[i].note != NULL);
		assert_true(cases[i].note == NULL || noted(o, cases[i].note));
		cJSON_Delete(o);
	}
}

/* A refusal that says nothing may be for trust: who asks for that mend gets it, with what is not known. What is about no trust is refused. */
static void
trust_that_is_asked_for(void **state)
{
	const char *const rejected[] = { "fix", "refused-namesake", "--config", lab_fix_text(l.lab.json, "config"), "--add-trust", "--json", NULL };
	const char *const not_about_it[] = { "fix", "client-old-list", "--config", lab_fix_text(l.lab.json, "config"), "--add-trust", NULL };
	struct run r;
	int result;
	cJSON *o = json_from("/", rejected, &result);

	(void)state;
	assert_int_equal(result, 0);
	assert_true(noted(o, "is not certain (medium)"));
	assert_non_null(strstr(lab_fix_text(cJSON_GetObjectItem(o, "plan"), "title"), "“Acme Root CA” is trusted by the server"));
	cJSON_Delete(o);
	run_from("/", not_about_it, &r);
	assert_int_equal(r.status, 2);
	assert_non_null(strstr(buf_str(&r.err), "client.server-revocation is not about trust"));
	run_done(&r);
}

/* A file with two leaves is none that a server's certificate could be taken from: it is not taken for nothing either. */
static void
what_stands_in_the_way_is_said(void **state)
{
	const char *dir = copy_of("client-expired"), *e = "server-expired";
	char config[4096];
	int result;
	cJSON *o;

	(void)state;
	shell("cd '%s' && ln order-service.crt second-name.crt", dir);
	o = reissue("client-expired", NULL, NULL, &result);
	assert_int_equal(result, 0);
	assert_true(noted(o, "order-service.crt has 2 names (hard links)"));
	cJSON_Delete(o);
	shell("cd '%s' && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout x.key -out x.pem -days 30 -subj /CN=stranger "
	      "-addext basicConstraints=critical,CA:FALSE 2>openssl.log && cat '%s' x.pem >two.pem", dir, at(e, "cert"));
	snprintf(config, sizeof config, "aws:\n  - {name: lab, region: us-east-1, endpoint_url: \"%s\"}\nfleet:\n  - {name: svc, target: \"%s\", servername: payment.internal, "
	    "serves: {cert: \"%s/two.pem\", key: \"%s/x.key\"}}\n", lab_fix_text(cJSON_GetObjectItem(l.lab.json, "environment"), "AWS_ENDPOINT_URL"), at(e, "address"), dir, dir);
	assert_true(write_file(in("two-leaves.yaml"), config, strlen(config)));
	o = json_from("/", (const char *const[]){ "fix", "svc", "--config", in("two-leaves.yaml"), "--cert", at(e, "cert"), "--key", at(e, "key"), "--cacert", at(e, "cacert"),
	    "--json", NULL }, &result);
	assert_int_equal(result, 0);
	assert_true(noted(o, "holds two leaf certificates"));
	cJSON_Delete(o);
}

static void
a_key_that_another_needs_is_not_replaced(void **state)
{
	const char *e = "client-expired", *dir = copy_of("client-expired");
	char config[4096], path[4096];
	int result;
	cJSON *o;

	(void)state;
	shell("cp -p '%s/order-service.crt' '%s/other.crt'", dir, dir);
	snprintf(path, sizeof path, "%s/config.yaml", dir);
	snprintf(config, sizeof config, "identities:\n  - {name: mine, cert: \"%s/order-service.crt\", key: \"%s/order-service.key\"}\n"
	    "  - {name: theirs, cert: \"%s/other.crt\", key: \"%s/order-service.key\"}\n", dir, dir, dir, dir);
	assert_true(write_file(path, config, strlen(config)));
	o = reissue(e, "--config", path, &result);
	assert_int_equal(result, 6);
	assert_non_null(strstr(lab_fix_text(o, "by_hand"), "is the key of “theirs” too"));
	cJSON_Delete(o);
	o = json_from(dir, (const char *const[]){ "fix", at(e, "address"), "--cert", "order-service.crt", "--key", "order-service.key", "--cacert", at(e, "cacert"), "--servername",
	    at(e, "servername"), "--json", "--config", path, "--same-key", NULL }, &result);
	assert_int_equal(result, 0);
	cJSON_Delete(o);
}

/* Of two pairs in one folder the halves are mixed up in what was typed: no file is to be changed, least of all the other pair's key. */
static void
a_key_of_another_pair_stays(void **state)
{
	const char *e = "healthy", *dir = copy_of("healthy");
	int result;
	cJSON *o;

	(void)state;
	shell("cd '%s' && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout billing.key -out billing.crt -days 30 -subj /CN=billing 2>openssl.log", dir);
	for (int own_is_there = 1; own_is_there >= 0; own_is_there--) {
		if (!own_is_there)
			shell("rm '%s/order-service.key'", dir);
		o = json_from(dir, (const char *const[]){ "fix", at(e, "address"), "--cert", "order-service.crt", "--key", "billing.key", "--cacert", at(e, "cacert"), "--servername",
		    at(e, "servername"), "--json", NULL }, &result);
		assert_int_equal(result, 6);
		assert_true(cJSON_IsNull(cJSON_GetObjectItem(o, "plan")));
		assert_non_null(strstr(lab_fix_text(o, "by_hand"), "billing.key is the key of billing.crt, and stays"));
		assert_non_null(strstr(lab_fix_text(o, "by_hand"), own_is_there ? "is in order-service.key" : "is not beside it"));
		cJSON_Delete(o);
	}
}

/* The wrong key is nobody's: the lines by hand put the right one there as the plan would, the old one beside it. */
static void
the_right_key_by_hand(void **state)
{
	const char *e = "client-key-mismatch", *dir = copy_of("client-key-mismatch");
	const cJSON *step;
	int result;
	cJSON *o;

	(void)state;
	shell("cd '%s' && chmod 600 *.key && cat order-service.crt >>order-service-old.key", dir);
	o = reissue(e, NULL, NULL, &result);
	assert_int_equal(result, 0);
	step = cJSON_GetArrayItem(cJSON_GetObjectItem(cJSON_GetObjectItem(o, "plan"), "steps"), 0);
	shell("cd '%s' && %s", dir, lab_fix_text(step, "command"));
	shell("cd '%s' && test -e order-service.key.old && ! grep CERTIFICATE order-service.key && test $(stat -c %%a order-service.key) = 600 && "
	      "openssl pkey -in order-service.key -pubout >k && openssl x509 -in order-service.crt -noout -pubkey >c && cmp k c", dir);
	cJSON_Delete(o);
}

static void
two_entries_of_one_address(void **state)
{
	const char *e = "server-expired";
	char config[4096];
	int result;
	cJSON *o;

	(void)state;
	snprintf(config, sizeof config, "fleet:\n  - {name: one, target: \"%s\", serves: {cert: /nowhere/a, key: /nowhere/b}}\n  - {name: two, target: \"%s\"}\n", at(e, "address"),
	    at(e, "address"));
	assert_true(write_file(in("two.yaml"), config, strlen(config)));
	o = json_from("/", (const char *const[]){ "fix", at(e, "address"), "--cert", at(e, "cert"), "--key", at(e, "key"), "--cacert", at(e, "cacert"), "--servername",
	    at(e, "servername"), "--config", in("two.yaml"), "--json", NULL }, &result);
	assert_int_equal(result, 5);
	assert_non_null(strstr(lab_fix_text(o, "by_hand"), "Several entries of the fleet have this address, two among them"));
	cJSON_Delete(o);
}

/* A service that reads its key by its group does not start any more when the group may not. */
static void
a_group_that_was_given_the_key_is_named(void **state)
{
	const char *dir = copy_of("client-key-exposed");
	char file[4096];
	struct stat st;

	(void)state;
	if (geteuid() != 0)
		skip();
	snprintf(file, sizeof file, "%s/order-service.key", dir);
	assert_int_equal(stat(file, &st), 0);
	for (int given = 0; given <= 1; given++) {
		int result;
		cJSON *o;

		assert_int_equal(chown(file, 0, given ? NOBODY : 0), 0);
		assert_int_equal(chmod(file, given ? 0640 : 0644), 0);
		o = reissue("client-key-exposed", NULL, NULL, &result);
		assert_int_equal(result, 0);
		assert_int_equal(noted(o, "may read order-service.key now, and may not afterwards"), given);
		cJSON_Delete(o);
	}
	assert_int_equal(chown(file, st.st_uid, st.st_gid), 0);
}

/* What was named stands in what is printed; what is a name where an ARN belongs does not. */
static void
what_is_named_stands_in_what_is_pasted(void **state)
{
	static const char ca[] = "arn:aws:acm-pca:us-east-1:111122223333:certificate-authority/1f0c", listener[] = "arn:aws:elasticloadbalancing:us-east-1:111122223333:listener/app/a/b/c";
	static const struct {
		const char *stack, *option, *value, *says, *not;
	} cases[] = {
		{ "iam", "--ca", ca, ca, "CHANGE-ME-CA-ARN" },
		{ "iam", "--ca", "Acme Issuing CA 1", "CHANGE-ME-CA-ARN", "Acme Issuing" },
		{ "iam", "--listener", listener, listener, "CHANGE-ME-LISTENER-ARN" },
		{ "alb", "--listener", listener, listener, "CHANGE-ME-LISTENER-ARN" },
		{ "alb", "--trust-store", "clients", "modify-trust-store", "create-trust-store" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct run r;

		run_from("/", (const char *const[]){ "fix", "healthy", "--config", lab_fix_text(l.lab.json, "config"), "--purpose", "server", "--paste", cases[i].stack, cases[i].option,
		    cases[i].value, NULL }, &r);
		if (r.status != 0 || strstr(buf_str(&r.out), cases[i].says) == NULL || strstr(buf_str(&r.out), cases[i].not) != NULL)
			fail_msg("case %zu: status %d: %s%s", i, r.status, buf_str(&r.out), buf_str(&r.err));
		run_done(&r);
	}
}

/* Each side looks through the other one's chain, a root that is sent not counted. */
static void
as_deep_as_the_other_sides_chain(void **state)
{
	static const struct {
		const char *endpoint, *side, *says;
	} cases[] = { { "server-wrong-order", "client", "proxy_ssl_verify_depth 2;" }, { "server-wrong-order", "server", "ssl_verify_depth 1;" },
		{ "server-root-included", "client", "proxy_ssl_verify_depth 1;" }, { "healthy-deep", "server", "ssl_verify_depth 2;" } };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct run r;

		run_from("/", (const char *const[]){ "fix", cases[i].endpoint, "--config", lab_fix_text(l.lab.json, "config"), "--purpose", cases[i].side, "--paste", "nginx", NULL }, &r);
		assert_int_equal(r.status, 0);
		if (strstr(buf_str(&r.out), cases[i].says) == NULL)
			fail_msg("%s as the %s: %s", cases[i].endpoint, cases[i].side, buf_str(&r.out));
		run_done(&r);
	}
}

/* ---- whose file ---- */

static void
a_file_of_somebody_elses_stays_his(void **state)
{
	static const struct {
		uid_t uid;
		gid_t gid;
		mode_t mode;
		bool fine;
	} cases[] = {
		{ SOMEBODY, SOMEBODY, 0644, false }, /* neither owner nor group could stay */
		{ SOMEBODY, NOBODY, 0600, false },   /* the group could, and it may not read it */
		{ SOMEBODY, NOBODY, 0640, true },
		{ NOBODY, NOBODY, 0600, true },
	};
	const char *path;

	(void)state;
	if (geteuid() != 0)
		skip();
	shell("rm -rf '%s' && mkdir -m 777 '%s' && chmod 755 '%s'", in("owned"), in("owned"), l.folder);
	path = in("owned/tls.crt");
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct error err = { .code = ERROR_NONE };
		struct arena *a = arena_new();
		struct placed_file f;
		status result;

		assert_true(write_file(path, "x\n", 2));
		assert_int_equal(chmod(path, cases[i].mode), 0);
		assert_int_equal(chown(path, cases[i].uid, cases[i].gid), 0);
		assert_int_equal(setegid(NOBODY), 0);
		assert_int_equal(seteuid(NOBODY), 0);
		result = placed_file_look(path, false, 0, "look", a, &f, &err);
		assert_int_equal(seteuid(0), 0);
		assert_int_equal(setegid(0), 0);
		if (cases[i].fine != (strstr(err.text, "belongs to another user") == NULL))
			fail_msg("case %zu: %d %s", i, (int)result, err.text);
		arena_free(a);
		unlink(path);
	}
}

/* ---- what is claimed ---- */

static void
no_more_is_claimed_than_was_seen(void **state)
{
	static struct finding expired[] = { { .code = CODE_CLIENT_EXPIRED } }, untrusted[] = { { .code = CODE_CLIENT_UNTRUSTED } }, refused[] = { { .code = CODE_NET_REFUSED } };
	static const struct diagnosis before = { .verdict = VERDICT_ERROR, .findings = expired, .len = 1, .root = expired };
	static const struct diagnosis both = { .verdict = VERDICT_ERROR, .findings = untrusted, .len = 1, .root = untrusted };
	static const struct {
		const struct diagnosis *before;
		struct diagnosis after;
		enum plan_reach reached;
		enum mended is;
	} cases[] = {
		{ &before, { .verdict = VERDICT_OK }, REACH_SEEN, MENDED },
		{ &before, { .verdict = VERDICT_OK }, REACH_UNKNOWN, MENDED_HERE },
		{ &before, { .verdict = VERDICT_ERROR, .findings = expired, .len = 1, .root = expired }, REACH_SEEN, MENDED_NOT },
		{ &before, { .verdict = VERDICT_ERROR, .findings = untrusted, .len = 1, .root = untrusted }, REACH_SEEN, MENDED_NEXT },
		{ NULL, { .verdict = VERDICT_ERROR, .findings = untrusted, .len = 1, .root = untrusted }, REACH_SEEN, MENDED_NEXT },
		{ &both, { .verdict = VERDICT_ERROR, .findings = untrusted, .len = 1, .root = untrusted }, REACH_TOLD, MENDED },
		{ &before, { .verdict = VERDICT_UNREACHABLE, .findings = refused, .len = 1, .root = refused }, REACH_SEEN, MENDED_UNSEEN },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		enum mended is = mended_of(cases[i].before, &cases[i].after, CODE_CLIENT_EXPIRED, cases[i].reached);

		if (is != cases[i].is)
			fail_msg("case %zu: %s", i, mended_name(is));
	}
	for (enum mended m = MENDED; m < MENDED_KINDS; m++)
		assert_true(mended_name(m) != NULL && mended_words(m) != NULL);
}

static void
a_refusal_of_the_wrong_key_is_no_revocation(void **state)
{
	struct run r;

	(void)state;
	run_from("/", (const char *const[]){ "pca", "revoke", at("healthy", "cert"), "--key", at("client-expired", "key"), "--try", at("healthy", "address"), "--ca", "Acme Issuing CA 1",
	    "--apply", "--yes", NULL }, &r);
	assert_int_equal(r.status, 2);
	assert_non_null(strstr(buf_str(&r.err), "does not belong to the certificate"));
	run_done(&r);
	/* Nothing was revoked: it is still good where it was. */
	run_from("/", (const char *const[]){ "log", NULL }, &r);
	assert_null(strstr(buf_str(&r.out), "revoked"));
	run_done(&r);
}

/* A refusal proves a revocation only where the server says so: a chain that is not whole is refused as well. */
static void
a_refusal_for_something_else_is_no_revocation(void **state)
{
	static const struct {
		const char *file, *says;
	} cases[] = { { "cert.pem", "that this is for the revocation was not seen" }, { "fullchain.pem", "still accepts it" } };
	char file[4096], key[4096];

	(void)state;
	snprintf(key, sizeof key, "%s/key.pem", in("issued"));
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const cJSON *said;
		bool found = false;
		int result;
		cJSON *o;

		if (i == 0) {
			o = json_from("/", (const char *const[]){ "pca", "issue", "nightly", "--client", "--ca", "Acme Issuing CA 1", "--out", in("issued"), "--apply", "--yes", "--json",
			    NULL }, &result);
			assert_int_equal(result, 0);
			cJSON_Delete(o);
		}
		snprintf(file, sizeof file, "%s/%s", in("issued"), cases[i].file);
		o = json_from("/", (const char *const[]){ "pca", "revoke", file, "--key", key, "--ca", "Acme Issuing CA 1", "--try", at("healthy", "address"), "--servername",
		    at("healthy", "servername"), "--apply", "--yes", "--json", NULL }, &result);
		assert_int_equal(result, 0);
		cJSON_ArrayForEach(said, cJSON_GetObjectItem(cJSON_GetObjectItem(o, "plan"), "after"))
			found = found || strstr(cJSON_GetStringValue(said), cases[i].says) != NULL;
		assert_true(found);
		cJSON_Delete(o);
	}
}

/* ---- plans of our own ---- */

/* The record that the program has, too. */
static struct changes *
record(void)
{
	struct error err = { .code = ERROR_NONE };
	struct changes *c;

	assert_int_equal(changes_open(in("mtlscope"), world_real(), &c, &err), STATUS_OK);
	return c;
}

static struct plan *
own_plan(struct changes *c)
{
	struct plan *p = plan_new(&(struct plan_place){ .client = NULL }, "a plan of the test");

	p->kind = "fix";
	p->record = c;
	p->world = world_real();
	return p;
}

static struct plan_step *
add_try(struct plan *p, const char *target, const char *expects, bool must)
{
	cJSON *args = cJSON_CreateObject();
	struct plan_step *s;

	cJSON_AddStringToObject(args, "target", target);
	cJSON_AddStringToObject(args, "cert", at("healthy", "cert"));
	cJSON_AddStringToObject(args, "key", at("healthy", "key"));
	cJSON_AddStringToObject(args, "expects", expects);
	cJSON_AddBoolToObject(args, "must", must);
	s = plan_add_deed(p, &deed_try, args);
	s->what = "try it";
	return s;
}

/* Of an endpoint that is not there nothing is said but that nothing was seen: not that it still accepts, not that it refuses. */
static void
what_cannot_be_asked_has_not_answered(void **state)
{
	struct error err = { .code = ERROR_NONE };
	struct changes *c = record();
	char target[64];
	struct plan *p = own_plan(c);

	(void)state;
	snprintf(target, sizeof target, "127.0.0.1:%d", reserve_port());
	add_try(p, target, "refused", false);
	assert_int_equal(plan_apply(p, NULL, &err), STATUS_OK);
	assert_int_equal(p->after_len, 1);
	assert_non_null(strstr(p->after[0], "it was not seen whether"));
	plan_free(p);
	p = own_plan(c);
	add_try(p, target, "accepted", true);
	assert_int_equal(plan_apply(p, NULL, &err), STATUS_FAILED);
	assert_non_null(strstr(err.text, "could not be seen"));
	plan_free(p);
	changes_close(c);
}

static void
a_stopped_plan_with_nothing_to_undo_can_be_given_up(void **state)
{
	struct error err = { .code = ERROR_NONE };
	struct changes *c = record();
	char target[64], key[4096], id[32];
	struct plan *p;
	cJSON *args = cJSON_CreateObject(), *o;
	struct run r;
	int result;

	(void)state;
	snprintf(target, sizeof target, "127.0.0.1:%d", reserve_port());
	p = own_plan(c);
	cJSON_AddStringToObject(args, "as", "client");
	cJSON_AddStringToObject(args, "kind", "EC_prime256v1");
	cJSON_AddStringToObject(args, "common_name", "order-service");
	plan_add_deed(p, &deed_make_key, args)->what = "make a key";
	add_try(p, target, "accepted", true);
	assert_int_equal(plan_apply(p, NULL, &err), STATUS_FAILED);
	assert_false(plan_can_go_back(p));
	assert_true(plan_can_end(p));
	assert_non_null(strstr(p->go_on_command, "mtlscope undo"));
	snprintf(key, sizeof key, "%s", plan_private(p, "client.key"));
	snprintf(id, sizeof id, "%lld", (long long)p->id);
	plan_free(p);
	changes_close(c);
	assert_int_equal(access(key, F_OK), 0);
	/* Shown first: the key goes with it. */
	run_from("/", (const char *const[]){ "undo", id, NULL }, &r);
	assert_int_equal(r.status, 0);
	assert_non_null(strstr(buf_str(&r.out), "It is given up"));
	assert_non_null(strstr(buf_str(&r.out), "The new key in"));
	run_done(&r);
	assert_int_equal(access(key, F_OK), 0);
	o = json_from("/", (const char *const[]){ "undo", id, "--apply", "--yes", "--json", NULL }, &result);
	assert_int_equal(result, 0);
	cJSON_Delete(o);
	assert_int_not_equal(access(key, F_OK), 0);
	/* Once. */
	run_from("/", (const char *const[]){ "undo", id, "--apply", "--yes", NULL }, &r);
	assert_int_equal(r.status, 10);
	run_done(&r);
}

struct interrupter {
	atomic_bool cancel;
};

static void
interrupt(void *user, const struct plan *p, const struct plan_step *s)
{
	struct interrupter *i = user;

	(void)p;
	if (s->state == STEP_DONE)
		atomic_store(&i->cancel, true);
}

static void
an_interruption_stops_between_two_steps(void **state)
{
	struct interrupter i = { .cancel = false };
	struct plan_watch watch = { .step = interrupt, .user = &i };
	struct error err = { .code = ERROR_NONE };
	struct changes *c = record();
	struct plan *p = own_plan(c);

	(void)state;
	assert_true(write_file(in("first"), "x", 1) && write_file(in("second"), "x", 1));
	assert_true(chmod(in("first"), 0644) == 0 && chmod(in("second"), 0644) == 0);
	for (int k = 0; k < 2; k++) {
		cJSON *args = cJSON_CreateObject();

		cJSON_AddStringToObject(args, "path", in(k == 0 ? "first" : "second"));
		cJSON_AddNumberToObject(args, "mode", 0600);
		plan_add_deed(p, &deed_set_mode, args)->what = "set a mode";
	}
	p->cancel = &i.cancel;
	assert_int_equal(plan_apply(p, &watch, &err), STATUS_FAILED);
	assert_int_equal(p->state, PLAN_STOPPED);
	assert_non_null(strstr(err.text, "interrupted"));
	assert_int_equal(mode_of(in("first")), 0644);
	assert_int_equal(mode_of(in("second")), 0644);
	plan_free(p);
	changes_close(c);
}

/* A record is a file: what stands in it is made printable when it is read, too. */
static void
a_record_that_was_tampered_with_is_printable(void **state)
{
	static const char document[] = "{\"schema\":\"mtlscope.recorded-plan/1\",\"kind\":\"fix\",\"typed\":\"mtlscope \\u001b[2J\",\"title\":\"a\\u001b[31mb\\u202e\","
	                               "\"state\":\"done\",\"reached\":\"seen\",\"values\":{},\"notes\":[\"n\\u001bo\"],\"steps\":[{\"what\":\"w\\u001b[H\",\"command\":\"one\\n\\u001btwo\","
	                               "\"state\":\"done\",\"deed\":\"set-mode\",\"args\":{\"path\":\"/nowhere\"}}]}";
	struct change of = { .kind = "fix", .title = "a\x1b[31mb", .target = "t\x1b", .state = "done", .document = document };
	struct error err = { .code = ERROR_NONE };
	struct changes *c = record();
	char id[32];

	(void)state;
	assert_int_equal(changes_put(c, &of, "boo\x1b[2J", &err), STATUS_OK);
	changes_close(c);
	snprintf(id, sizeof id, "%lld", (long long)of.id);
	for (int k = 0; k < 4; k++) {
		const char *const words[][4] = { { "log", NULL }, { "log", id, NULL }, { "log", "--json", NULL }, { "log", id, "--json", NULL } };
		struct run r;

		run_from("/", words[k], &r);
		assert_int_equal(r.status, 0);
		if (strchr(buf_str(&r.out), '\x1b') != NULL || strstr(buf_str(&r.out), "\\u001b") != NULL || strstr(buf_str(&r.out), "\u202e") != NULL)
			fail_msg("%s %d: %s", words[k][0], k, buf_str(&r.out));
		run_done(&r);
	}
}

/* Of a plan that was killed nobody is to think that it is still under way. */
static void
what_was_cut_off_says_so(void **state)
{
	static const char document[] = "{\"schema\":\"mtlscope.recorded-plan/1\",\"kind\":\"fix\",\"title\":\"half\",\"state\":\"applying\",\"reached\":\"none\",\"values\":{},"
	                               "\"steps\":[{\"what\":\"w\",\"state\":\"runs\",\"deed\":\"set-mode\",\"args\":{\"path\":\"/nowhere\"}}]}";
	struct change of = { .kind = "fix", .title = "half", .state = "applying", .steps = 1, .document = document };
	struct error err = { .code = ERROR_NONE };
	struct changes *c = record();
	char id[32];

	(void)state;
	assert_int_equal(changes_put(c, &of, "begins", &err), STATUS_OK);
	snprintf(id, sizeof id, "%lld", (long long)of.id);
	for (int held = 0; held <= 1; held++) {
		const char *const words[][3] = { { "log", NULL }, { "log", id, NULL } };

		if (held)
			assert_int_equal(changes_lock(c, of.id, &err), STATUS_OK);
		for (int k = 0; k < 2; k++) {
			struct run r;

			run_from("/", words[k], &r);
			assert_int_equal(r.status, 0);
			assert_int_equal(strstr(buf_str(&r.out), "CUT OFF") != NULL, !held);
			assert_int_equal(strstr(buf_str(&r.out), "applying") != NULL, held);
			run_done(&r);
		}
	}
	changes_close(c);
}

static int
start(void **state)
{
	(void)state;
	return lab_fix_start(&l, NULL) && realpath(mtlscope(), program) != NULL ? 0 : 1;
}

static int
stop(void **state)
{
	(void)state;
	lab_fix_stop(&l);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(goes_back_from_another_folder),
		cmocka_unit_test(a_mode_of_somebody_elses_stays),
		cmocka_unit_test(what_is_left_is_named),
		cmocka_unit_test(a_ca_that_cannot_issue_is_not_taken),
		cmocka_unit_test(a_ca_that_nothing_speaks_for_is_noted),
		cmocka_unit_test(a_key_that_the_server_takes),
		cmocka_unit_test(the_lines_by_hand_mend_it_too),
		cmocka_unit_test(a_service_at_another_address_is_not_looked_at_there),
		cmocka_unit_test(what_is_lost_is_said),
		cmocka_unit_test(nothing_is_left_of_a_name_that_deceives),
		cmocka_unit_test(it_lasts_as_long_as_the_old_one),
		cmocka_unit_test(others_with_the_same_identity_are_counted),
		cmocka_unit_test(trust_that_is_asked_for),
		cmocka_unit_test(what_stands_in_the_way_is_said),
		cmocka_unit_test(a_key_that_another_needs_is_not_replaced),
		cmocka_unit_test(a_key_of_another_pair_stays),
		cmocka_unit_test(the_right_key_by_hand),
		cmocka_unit_test(two_entries_of_one_address),
		cmocka_unit_test(a_group_that_was_given_the_key_is_named),
		cmocka_unit_test(what_is_named_stands_in_what_is_pasted),
		cmocka_unit_test(as_deep_as_the_other_sides_chain),
		cmocka_unit_test(a_file_of_somebody_elses_stays_his),
		cmocka_unit_test(no_more_is_claimed_than_was_seen),
		cmocka_unit_test(a_refusal_of_the_wrong_key_is_no_revocation),
		cmocka_unit_test(a_refusal_for_something_else_is_no_revocation),
		cmocka_unit_test(what_cannot_be_asked_has_not_answered),
		cmocka_unit_test(a_stopped_plan_with_nothing_to_undo_can_be_given_up),
		cmocka_unit_test(an_interruption_stops_between_two_steps),
		cmocka_unit_test(what_was_cut_off_says_so),
		cmocka_unit_test(a_record_that_was_tampered_with_is_printable),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
