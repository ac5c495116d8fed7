/* Where a new certificate goes: which steps, in which order, what they say of themselves, what is refused before anything is issued; hooks and reloads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fixes/deeds.h"
#include "fixes/install.h"
#include "model/input.h"
#include "model/json_scan.h"
#include "model/memory.h"
#include "model/report.h"
#include "tests/install_world.h"
#include "tests/program.h"

#define V1 "11111111-1111-1111-1111-111111111111"

static struct install_world world;

static const char *
in(const char *name)
{
	return in_folder(world.folder, name);
}

static void
put(const char *name, const char *text)
{
	assert_true(write_file(in(name), text, strlen(text)));
}

static void
holds(const char *name, const char *text)
{
	struct error err = { .code = ERROR_NONE };
	struct input file = { .bytes = NULL };
	char *found;

	if (input_read(in(name), 1 << 20, &file, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	found = mem_strndup((const char *)file.bytes, file.len);
	input_free(&file);
	assert_string_equal(found, text);
	free(found);
}

static void
create_secret(const char *name)
{
	struct buf b = { 0 };
	cJSON *body = cJSON_CreateObject();

	buf_adds(&b, "{\"certificate\":");
	json_scan_quote(world.old.cert, strlen(world.old.cert), &b);
	buf_adds(&b, ",\"private_key\":");
	json_scan_quote(world.old.key, strlen(world.old.key), &b);
	buf_adds(&b, "}");
	cJSON_AddStringToObject(body, "Name", name);
	cJSON_AddStringToObject(body, "ClientRequestToken", V1);
	cJSON_AddStringToObject(body, "SecretString", b.data);
	cJSON_Delete(install_world_ask(&world, &aws_secretsmanager, "CreateSecret", body));
	buf_done(&b);
}

static void
put_parameter(const char *name, const char *value, const char *type)
{
	cJSON *body = cJSON_CreateObject();

	cJSON_AddStringToObject(body, "Name", name);
	cJSON_AddStringToObject(body, "Type", type);
	cJSON_AddStringToObject(body, "Value", value);
	cJSON_Delete(install_world_ask(&world, &aws_ssm, "PutParameter", body));
}

static void
create_parameter(const char *name, const char *type)
{
	struct buf b = { 0 };

	buf_addf(&b, "%s%s", world.old.cert, world.old.key);
	put_parameter(name, b.data, type);
	buf_done(&b);
}

static const char *
import_acm(struct arena *a)
{
	char *cert = cloud_base64(world.old.cert), *key = cloud_base64(world.old.key);
	cJSON *body = cJSON_CreateObject(), *out;
	const char *arn;

	cJSON_AddStringToObject(body, "Certificate", cert);
	cJSON_AddStringToObject(body, "PrivateKey", key);
	out = install_world_ask(&world, &aws_acm, "ImportCertificate", body);
	arn = arena_strdup(a, cJSON_GetObjectItem(out, "CertificateArn")->valuestring);
	cJSON_Delete(out);
	free(cert);
	free(key);
	return arn;
}

static void
begin_files(void)
{
	struct run r;

	run_program((const char *const[]){ "/bin/sh", "-c", "cd \"$0\" && rm -rf -- *.crt *.key *.old-* *.new-* hooked*", world.folder, NULL }, NULL, &r);
	run_done(&r);
	put("tls.crt", world.old.cert);
	put("tls.key", world.old.key);
	assert_int_equal(chmod(in("tls.key"), 0600), 0);
}

static struct plan *
begin_plan(bool new_key)
{
	struct plan *p;

	install_world_begin(&world);
	p = install_world_plan(&world, world.record, &world.immortal.world, "server", new_key);
	p->title = "a new certificate for ledger.internal";
	return p;
}

static struct plan *
planned(const struct install_wish *w)
{
	struct error err = { .code = ERROR_NONE };
	struct plan *p = begin_plan(w->new_key);

	if (install_steps(p, w, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	return p;
}

static void
are_steps(const struct plan *p, const char *names)
{
	struct buf b = { 0 };

	for (size_t i = 0; i < p->len; i++) {
		const struct plan_step *s = &p->steps[i];

		buf_addf(&b, "%s%s", i > 0 ? " " : "", s->deed->name);
		/* Whatever it is, it says what it does, and how it is undone or why it cannot be. */
		assert_non_null(s->what);
		assert_true(s->deed->name[0] == 's' || s->undo != NULL); /* “see” changes nothing */
		assert_true((s->call != NULL) == s->deed->aws);
	}
	assert_string_equal(buf_str(&b), names);
	buf_done(&b);
}

static void
which_steps(void **state)
{
	struct arena *a = arena_new();
	const char *arn = import_acm(a);
	const struct config_serves files = { .cert = in("tls.crt"), .key = in("tls.key") };
	const struct {
		const char *about;
		struct config_entry entry;
		bool new_key;
		const char *steps, *reach;
		enum plan_reach reached;
	} cases[] = {
		{ "serves alone: it is written there, and looked at without a must", { .name = "ledger", .target = "127.0.0.1:1", .serves = files }, true, "write-files see",
		    "“ledger” reads it (serves, in config.yaml)", REACH_TOLD },
		{ "files, reload", { .name = "ledger", .target = "127.0.0.1:1", .serves = files, .install = { .files = true, .reload = "true" } }, true, "write-files run see",
		    "“ledger” reads it (install: serves, in config.yaml)", REACH_TOLD },
		{ "files and a hook on them", { .name = "ledger", .target = "127.0.0.1:1", .serves = files, .install = { .files = true, .hook = "true" } }, false,
		    "write-files hook-on-files see", "tls.crt on bastion-2", REACH_TOLD },
		{ "a hook alone: files of the service's host are not ours to write", { .name = "ledger", .target = "127.0.0.1:1", .serves = files, .install = { .hook = "put-it" } }, true,
		    "hook see", "wherever put-it puts it: “ledger” reads it (install.hook", REACH_TOLD },
		{ "a secret", { .name = "ledger", .target = "127.0.0.1:1", .install = { .secret = "ledger", .reload = "true" } }, true, "put-secret run see",
		    "the secret ledger in PRACTICE LAB", REACH_TOLD },
		{ "ACM, the old key in a file", { .name = "ledger", .target = "127.0.0.1:1", .serves = files, .install = { .acm = arn } }, true, "import-acm see", "in ACM: “ledger” reads it (install.acm", REACH_TOLD },
		{ "ACM, the key stays", { .name = "ledger", .target = "127.0.0.1:1", .serves = files, .install = { .acm = arn } }, false, "import-acm see", "in ACM", REACH_TOLD },
		{ "ACM, no key at hand", { .name = "ledger", .target = "127.0.0.1:1", .install = { .acm = arn } }, true, "import-acm-for-good see", "in ACM", REACH_TOLD },
		{ "everything at once: what AWS keeps comes before the files, while the old key is in one",
		    { .name = "ledger", .target = "127.0.0.1:1", .serves = files, .install = { .files = true, .secret = "ledger", .acm = arn, .hook = "true", .reload = "true" } }, true,
		    "put-secret import-acm write-files hook-on-files run see", "the secret ledger", REACH_TOLD },
	};

	(void)state;
	begin_files();
	create_secret("ledger");
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct plan *p;

		print_message("  %s\n", cases[i].about);
		p = planned(&(struct install_wish){ .as = "server", .new_key = cases[i].new_key, .entry = &cases[i].entry, .target = "127.0.0.1:1", .host = "bastion-2",
		    .config_file = "config.yaml" });
		are_steps(p, cases[i].steps);
		assert_true(p->reach_len > 0);
		if (strstr(p->reach[0], cases[i].reach) == NULL)
			fail_msg("%s", p->reach[0]);
		assert_int_equal(p->reached, cases[i].reached);
		install_world_free(p);
	}
	arena_free(a);
}

/* Of an identity of ours it is not known who reads it: a mend of it is never called deployed. */
static void
identities_of_ours(void **state)
{
	const struct config_identity places[] = { { .name = "a", .cert = in("tls.crt"), .key = in("tls.key") }, { .name = "b", .secret = "ledger" },
		{ .name = "c", .parameter = "/reports/tls" } };
	static const char *const steps[] = { "write-files", "put-secret", "put-parameter" };

	(void)state;
	begin_files();
	create_parameter("/reports/tls", "SecureString");
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		struct plan *p = planned(&(struct install_wish){ .as = "server", .new_key = true, .identity = &places[i], .host = "bastion-2" });

		are_steps(p, steps[i]);
		assert_int_equal(p->reached, REACH_UNKNOWN);
		assert_non_null(strstr(p->reach[0], "UNKNOWN: whether the running service reads it"));
		install_world_free(p);
	}
}

static void
refused_before(void **state)
{
	static const struct {
		const char *about;
		struct config_entry entry;
		struct config_identity identity;
		bool new_key, no_aws;
		enum error_code code;
		const char *says;
	} cases[] = {
		{ "nowhere", { .name = "x" }, { .name = NULL }, true, false, ERROR_USAGE, "nothing says where the new certificate is to go" },
		{ "a service on another machine", { .name = "x", .serves = { .cert = "/no/such/folder/tls.crt" } }, { .name = NULL }, true, false, ERROR_USAGE, "run this there, or name a command as install.hook" },
		{ "no account", { .name = "x", .install = { .secret = "ledger" } }, { .name = NULL }, true, true, ERROR_USAGE, "the secret ledger is in AWS, and no account is at hand" },
		{ "another account", { .name = "x" }, { .name = "i", .secret = "ledger", .aws = "test" }, true, false, ERROR_USAGE, "the secret ledger is in the account test, and this plan works in prod" },
		{ "no such secret", { .name = "x", .install = { .secret = "none" } }, { .name = NULL }, true, false, ERROR_AWS, "Secrets Manager can't find the specified secret" },
		{ "no such parameter", { .name = "x" }, { .name = "i", .parameter = "/none" }, true, false, ERROR_AWS, "look at the parameter" },
		{ "a version of a parameter", { .name = "x" }, { .name = "i", .parameter = "/reports/tls:3" }, true, false, ERROR_USAGE, "names one version, which never changes" },
		{ "no such certificate", { .name = "x", .install = { .acm = "arn:aws:acm:us-east-1:111122223333:certificate/none" } }, { .name = NULL }, true, false, ERROR_AWS, "look at the certificate in ACM" },
	};
	struct arena *a = arena_new();
	struct config_entry acm = { .name = "x", .install = { .acm = import_acm(a) } };
	struct error err = { .code = ERROR_NONE };
	struct plan *p;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct aws_client *c;

		error_clear(&err);
		p = begin_plan(cases[i].new_key);
		c = p->place.client;
		p->place.name = "prod";
		if (cases[i].no_aws)
			p->place.client = NULL;
		assert_int_equal(install_steps(p, &(struct install_wish){ .as = "server", .new_key = cases[i].new_key, .entry = &cases[i].entry,
		    .identity = cases[i].identity.name != NULL ? &cases[i].identity : NULL, .host = "bastion-2" }, &err), STATUS_FAILED);
		if (err.code != cases[i].code || strstr(err.text, cases[i].says) == NULL)
			fail_msg("%s: %s", cases[i].about, err.text);
		p->place.client = c;
		install_world_free(p);
	}
	/* The key stays in ACM, which does not give it out. */
	error_clear(&err);
	p = begin_plan(false);
	assert_int_equal(install_steps(p, &(struct install_wish){ .as = "server", .entry = &acm, .host = "bastion-2" }, &err), STATUS_FAILED);
	assert_int_equal(err.code, ERROR_USAGE);
	assert_non_null(strstr(err.text, "ACM never gives a private key out"));
	install_world_free(p);
	arena_free(a);
}

/* Everything that is shown of the largest plan; nothing of it is a secret. */
static void
what_is_shown(void **state)
{
	struct arena *a = arena_new();
	const struct config_entry e = { .name = "ledger", .target = "127.0.0.1:1", .install = { .secret = "ledger", .acm = import_acm(a) } };
	const struct config_identity id = { .name = "c", .parameter = "/reports/tls" };
	static const char *const has[] = {
		"secretsmanager get-secret-value", "--version-id " V1, "--query SecretString --output text >secret.old",
		"jq --rawfile full server-fullchain.pem --rawfile key server.key '.[\"certificate\"] = $full | .[\"private_key\"] = $key' secret.old >secret.new",
		"--secret-string file://secret.new", "--version-stages AWSPENDING", "--remove-from-version-id " V1,
		"ssm get-parameter", "--with-decryption", "--key-id alias/aws/ssm", "--overwrite", "--value file://parameter.new", "0.05 USD a month",
		"acm import-certificate", "--certificate fileb://server-cert.pem", "--private-key fileb://server.key", "cannot be undone", "EC_prime256v1",
		"certificate, private_key" };
	struct buf out = { 0 };
	struct plan *p;

	(void)state;
	p = planned(&(struct install_wish){ .as = "server", .new_key = true, .entry = &e, .identity = &id, .host = "bastion-2" });
	plan_page(p, &(struct report_style){ .columns = 4000 }, &out);
	for (size_t i = 0; i < sizeof has / sizeof has[0]; i++) {
		if (strstr(buf_str(&out), has[i]) == NULL)
			fail_msg("“%s” is missing in %s", has[i], buf_str(&out));
	}
	assert_null(strstr(buf_str(&out), "PRIVATE KEY--"));
	buf_done(&out);
	install_world_free(p);
	arena_free(a);
}

/* ---- what is to be done by hand does the same ---- */

static bool
is_here(const char *program)
{
	struct run r;
	bool here;

	run_program((const char *const[]){ "/bin/sh", "-c", "command -v \"$0\"", program, NULL }, NULL, &r);
	here = r.status == 0;
	run_done(&r);
	if (!here && getenv("CI") != NULL)
		fail_msg("there is no %s", program);
	return here;
}

/* Each with the real aws program, in a shell that stops at the first error. */
static void
do_by_hand(const struct plan *p)
{
	struct run r;

	for (size_t i = 0; i < p->len; i++) {
		if (p->steps[i].call == NULL)
			continue;
		run_program((const char *const[]){ "/bin/sh", "-ec", "cd \"$0\"; eval \"$1\"", world.folder, p->steps[i].command, NULL }, &(struct run_options){ .deadline_ms = 60000 }, &r);
		if (r.status != 0)
			fail_msg("%s: %s", p->steps[i].command, buf_str(&r.err));
		run_done(&r);
	}
}

static void
member_is(const char *json, const char *member, const char *text)
{
	cJSON *o = cJSON_Parse(json);

	assert_non_null(o);
	assert_string_equal(cJSON_GetObjectItem(o, member)->valuestring, text);
	cJSON_Delete(o);
}

static void
by_hand(void **state)
{
	struct arena *a = arena_new();
	const struct config_entry e = { .name = "ledger", .target = "127.0.0.1:1", .install = { .secret = "by-hand", .acm = import_acm(a) } };
	const struct config_identity id = { .name = "c", .parameter = "/by/hand" };
	cJSON *in = cJSON_CreateObject(), *out;
	struct plan *p;

	(void)state;
	if (!is_here("aws") || !is_here("jq")) {
		cJSON_Delete(in);
		arena_free(a);
		skip();
	}
	create_secret("by-hand");
	cJSON_AddStringToObject(in, "SecretId", "by-hand");
	out = install_world_ask(&world, &aws_secretsmanager, "GetSecretValue", cJSON_Duplicate(in, true));
	put_parameter("/by/hand", cJSON_GetObjectItem(out, "SecretString")->valuestring, "SecureString");
	cJSON_Delete(out);
	put("server-fullchain.pem", world.renewed.fullchain);
	put("server-cert.pem", world.renewed.cert);
	put("server-chain.pem", world.renewed.chain);
	put("server.key", world.renewed.key);
	setenv("AWS_ENDPOINT_URL", world.url, 1); /* the lines name none: it came with the client */
	p = planned(&(struct install_wish){ .as = "server", .new_key = true, .entry = &e, .identity = &id, .host = "bastion-2" });
	do_by_hand(p);
	unsetenv("AWS_ENDPOINT_URL");
	out = install_world_ask(&world, &aws_secretsmanager, "GetSecretValue", in);
	member_is(cJSON_GetObjectItem(out, "SecretString")->valuestring, "certificate", world.renewed.fullchain);
	member_is(cJSON_GetObjectItem(out, "SecretString")->valuestring, "private_key", world.renewed.key);
	assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(out, "VersionStages")), 1); /* AWSPENDING is off */
	cJSON_Delete(out);
	in = cJSON_CreateObject();
	cJSON_AddStringToObject(in, "Name", "/by/hand");
	cJSON_AddTrueToObject(in, "WithDecryption");
	out = install_world_ask(&world, &aws_ssm, "GetParameter", in);
	member_is(cJSON_GetObjectItem(cJSON_GetObjectItem(out, "Parameter"), "Value")->valuestring, "private_key", world.renewed.key);
	cJSON_Delete(out);
	in = cJSON_CreateObject();
	cJSON_AddStringToObject(in, "CertificateArn", e.install.acm);
	out = install_world_ask(&world, &aws_acm, "GetCertificate", in);
	assert_string_equal(cJSON_GetObjectItem(out, "Certificate")->valuestring, world.renewed.cert);
	cJSON_Delete(out);
	install_world_free(p);
	arena_free(a);
}

/* ---- on the wire ---- */

/* A service that has read its secret into files at its start, and reads it again when it is told to. */
static const char service[] = "import socket, ssl, sys\n"
			      "s = socket.create_server(('127.0.0.1', int(sys.argv[1])))\n"
			      "while True:\n"
			      "    c, _ = s.accept()\n"
			      "    try:\n"
			      "        x = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)\n"
			      "        x.load_cert_chain('live.crt', 'live.key')\n"
			      "        x.wrap_socket(c, server_side=True).close()\n"
			      "    except (OSError, ssl.SSLError): pass\n"
			      "    c.close()\n";
static const char read_again[] = "cd \"$SERVICE\" && aws --region us-east-1 secretsmanager get-secret-value --secret-id wire --query SecretString --output text >live.json &&"
				 " jq -j .certificate live.json >live.new && jq -j .private_key live.json >live.key && mv live.new live.crt";

static void
seen_on_the_wire(void **state)
{
	int port = reserve_port();
	char number[16], target[32], *served;
	struct config_entry e = { .name = "wire", .install = { .secret = "wire", .reload = read_again } };
	struct error err = { .code = ERROR_NONE };
	struct install_wish w = { .as = "server", .new_key = true, .entry = &e, .host = "bastion-2" };
	struct plan *p;
	pid_t pid;

	(void)state;
	if (!is_here("aws") || !is_here("jq") || !is_here("python3"))
		skip();
	create_secret("wire");
	put("live.crt", world.old.cert);
	put("live.key", world.old.key);
	put("service.py", service);
	snprintf(number, sizeof number, "%d", port);
	snprintf(target, sizeof target, "127.0.0.1:%d", port);
	pid = start_server((const char *const[]){ "/bin/sh", "-c", "cd \"$0\" && exec python3 service.py \"$1\"", world.folder, number, NULL }, in("service.log"));
	assert_true(wait_for_port(port, pid, 10000));
	assert_int_equal(target_parse(target, &e.parsed, &err), STATUS_OK);
	setenv("AWS_ENDPOINT_URL", world.url, 1);
	setenv("SERVICE", world.folder, 1);
	served = mem_strndup(world.old.sent, strcspn(world.old.sent, " "));
	e.target = w.target = target;
	w.served = served;
	p = planned(&w);
	assert_int_equal(p->reached, REACH_TOLD);
	if (plan_apply(p, NULL, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	assert_int_equal(p->reached, REACH_SEEN);
	holds("live.crt", world.renewed.fullchain);
	if (plan_go_back(p, NULL, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	assert_int_equal(p->after_len, 0); /* the old one was seen again */
	install_world_free(p);

	/* A reload that does nothing: the new one is not seen, and the secret is at once what it was. */
	e.install.reload = "true";
	p = planned(&w);
	cJSON_ReplaceItemInObject(p->steps[2].args, "seconds", cJSON_CreateNumber(1));
	assert_int_equal(plan_apply(p, NULL, &err), STATUS_FAILED);
	assert_int_equal(err.code, ERROR_NOT_DONE);
	assert_int_equal(p->steps[0].state, STEP_UNDONE);
	install_world_free(p);
	stop_server(pid);
	unsetenv("AWS_ENDPOINT_URL");
	target_done(&e.parsed);
	free(served);
}

/* ---- hooks ---- */

/* Writes down what it was handed: the files' contents. */
static const char hook[] = "{ for f in \"$MTLSCOPE_CERT\" \"$MTLSCOPE_CHAIN\" \"$MTLSCOPE_FULLCHAIN\" \"$MTLSCOPE_ROOT\" \"$MTLSCOPE_KEY\"; do echo \"== ${f##*/}\"; "
			   "[ -z \"$f\" ] || cat \"$f\"; done; echo \"$MTLSCOPE_NAME $MTLSCOPE_TARGET\"; } >\"$HOOKED\"";

static char *
handed(const struct install_side *s, const char *full, const char *chain, const char *key_name, const char *key)
{
	struct buf b = { 0 };

	buf_addf(&b, "== server.cert.pem\n%s== %s\n%s== %s\n%s%s== server.root.pem\n%s== %s\n%sledger ledger.internal:8443\n", s->cert, chain[0] != '\0' ? "server.chain.pem" : "", chain, full, s->cert,
	    chain, s->root, key_name, key);
	return b.data;
}

static void
a_hook_gets_files(void **state)
{
	const struct config_entry e = { .name = "ledger", .target = "ledger.internal:8443", .install = { .hook = hook } };
	struct error err = { .code = ERROR_NONE };
	struct plan *p;
	char *expected;

	(void)state;
	begin_files();
	setenv("HOOKED", in("hooked"), 1);
	p = planned(&(struct install_wish){ .as = "server", .new_key = true, .entry = &e });
	if (plan_apply(p, NULL, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	expected = handed(&world.renewed, "server.fullchain.pem", world.renewed.chain, "server.key", world.renewed.key);
	holds("hooked", expected);
	free(expected);
	assert_false(plan_can_go_back(p));
	install_world_free(p);
}

/* On installed files it is handed those, and on the way back what lies there again. */
static void
a_hook_on_files(void **state)
{
	const struct config_entry e = { .name = "ledger", .target = "ledger.internal:8443", .serves = { .cert = in("tls.crt"), .key = in("tls.key") },
		.install = { .files = true, .hook = hook } };
	struct error err = { .code = ERROR_NONE };
	struct plan *p;
	char *expected;

	(void)state;
	begin_files();
	setenv("HOOKED", in("hooked"), 1);
	p = planned(&(struct install_wish){ .as = "server", .new_key = true, .entry = &e });
	if (plan_apply(p, NULL, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	expected = handed(&world.renewed, "tls.crt", world.renewed.chain, "tls.key", world.renewed.key);
	holds("hooked", expected);
	free(expected);
	holds("tls.crt", world.renewed.fullchain);
	if (plan_go_back(p, NULL, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	expected = handed(&world.old, "tls.crt", "", "tls.key", world.old.key);
	holds("hooked", expected);
	free(expected);
	holds("tls.crt", world.old.cert);
	holds("tls.key", world.old.key);
	install_world_free(p);
}

/* A hook that fails: the files are at once what they were, and it has run on them once more. */
static void
a_hook_that_fails(void **state)
{
	const struct config_entry e = { .name = "ledger", .target = "ledger.internal:8443", .serves = { .cert = in("tls.crt"), .key = in("tls.key") },
		.install = { .files = true, .hook = "cat \"$MTLSCOPE_FULLCHAIN\" >>\"$HOOKED\"; echo no such unit >&2; exit 4" } };
	struct error err = { .code = ERROR_NONE };
	struct buf twice = { 0 };
	struct plan *p;

	(void)state;
	begin_files();
	setenv("HOOKED", in("hooked"), 1);
	p = planned(&(struct install_wish){ .as = "server", .new_key = true, .entry = &e });
	assert_int_equal(plan_apply(p, NULL, &err), STATUS_FAILED);
	assert_non_null(strstr(err.text, "no such unit"));
	holds("tls.crt", world.old.cert);
	holds("tls.key", world.old.key);
	buf_addf(&twice, "%s%s", world.renewed.fullchain, world.old.cert);
	holds("hooked", twice.data);
	buf_done(&twice);
	install_world_free(p);
}

static int
start(void **state)
{
	(void)state;
	install_world_lab(&world);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	install_world_stop(&world);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(which_steps),
		cmocka_unit_test(identities_of_ours),
		cmocka_unit_test(refused_before),
		cmocka_unit_test(what_is_shown),
		cmocka_unit_test(by_hand),
		cmocka_unit_test(seen_on_the_wire),
		cmocka_unit_test(a_hook_gets_files),
		cmocka_unit_test(a_hook_on_files),
		cmocka_unit_test(a_hook_that_fails),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
