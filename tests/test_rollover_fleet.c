/*
 * A root is rolled over under a fleet that is in use (issue 6, no. 3): 50 services, half of them clients of others as well. Some trust
 * the new root before the others do. Every step is killed again and again, and other runs pick it up; after each kill and each step
 * every service still lets its client in, and every caller trusts whom it calls. The lock holds, and nothing is issued twice.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/buf.h"
#include "tests/rollover_fleet.h"

enum { SERVICES = 50, EARLY_SERVERS = 10, EARLY_CALLERS = 20 /* who trust the new root by somebody's hand */, FEW = 4 };

/* ---- runs that are killed ---- */

static unsigned kills; /* a short step may be over before it can be killed: they are counted together */

/* Is another step the next one? The last line of the record does not tell: a run may be killed after the plan was done and before that line was written. */
static bool
is_over(const struct rolled *f, const char *step)
{
	cJSON *json = rolled_status(f);
	const char *next = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "next"));
	bool over = cJSON_GetObjectItemCaseSensitive(json, "interrupted_plan") == NULL && (next == NULL || strcmp(next, step) != 0);

	cJSON_Delete(json);
	return over;
}

/*
 * The step is killed after the first line of the record, after `more` more, … (0: four times as many), and picked up by --next, until it is done.
 */
static void
do_killed(const struct rolled *f, const char *step, const char *const words[], unsigned more)
{
	static const char *const on[] = { "--next", "--apply", "--yes", NULL };
	unsigned lines = 1;
	int status;

	do {
		if (rolled_run_killed(f, words, lines, &status))
			kills++;
		else if (status != 0)
			fail_msg("%s: status %d: %s", step, status, rolled_last_words(f));
		rolled_all_healthy(f, step);
		lines += more > 0 ? more : 3 * lines;
		words = on;
		assert_true(lines < 100000);
	} while (!is_over(f, step));
}

static void
next_killed(const struct rolled *f, const char *step, unsigned more)
{
	rolled_is_next(f, step);
	do_killed(f, step, (const char *const[]){ "--next", "--apply", "--yes", NULL }, more);
}

/* ---- bundles by somebody's hand ---- */

/* The shell's line, whose output is the caller's. */
static char *
shell(const char *fmt, ...)
{
	struct run r;
	char *line = NULL, *out;
	va_list ap;

	va_start(ap, fmt);
	assert_true(vasprintf(&line, fmt, ap) > 0);
	va_end(ap);
	run_program((const char *const[]){ "/bin/sh", "-c", line, NULL }, NULL, &r);
	if (r.status != 0)
		fail_msg("%s: %s", line, buf_str(&r.err));
	out = strdup(buf_str(&r.out));
	run_done(&r);
	free(line);
	return out;
}

static char *
new_root_pem(const struct rolled *f)
{
	char *text = shell("cat %s/mtlscope/rollover-*.json", f->state), *pem;
	cJSON *json = cJSON_Parse(text);

	assert_non_null(json);
	pem = strdup(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(json, "new_root"), "pem")));
	cJSON_Delete(json);
	free(text);
	return pem;
}

static void
append(const char *path, const char *pem)
{
	FILE *file = fopen(path, "a");

	assert_non_null(file);
	assert_true(fputs(pem, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

/* ---- the columns ---- */

static void
column_is(const cJSON *json, const struct rolled *f, size_t i, const char *column, const char *expected)
{
	const char *found = rolled_answer(json, rolled_name(f, i), column);

	if (strcmp(found, expected) != 0)
		fail_msg("%s, %s: %s, and %s was expected", rolled_name(f, i), column, found, expected);
}

/* servers, callers: how many of the first ones trust the new root; sends, keeps: what all say. */
static void
columns_are(const struct rolled *f, size_t servers, size_t callers, const char *sends, const char *keeps)
{
	cJSON *json = rolled_status(f);

	for (size_t i = 0; i < f->len; i++) {
		bool calls = rolled_file(f, i, "upstreams") != NULL;

		column_is(json, f, i, "server", i < servers ? "YES" : "NO");
		column_is(json, f, i, "client", !calls ? "-" : i < callers ? "YES" : "NO");
		column_is(json, f, i, "sends", sends);
		column_is(json, f, i, "keeps", keeps);
	}
	assert_string_equal(rolled_answer(json, "order-service", "server"), "-");
	assert_string_equal(rolled_answer(json, "order-service", "sends"), sends);
	cJSON_Delete(json);
}

/* ---- the whole of it ---- */

static void
nothing_begun(const struct rolled *f)
{
	SAYS(f, 2, "no roll-over of it has begun", "--status");
	SAYS(f, 2, "no roll-over of it has begun", "--next");
	SAYS(f, 2, "expected same-key, cross or new", "--way", "sideways");
	SAYS(f, 2, "exclude each other", "--way", "new", "--next");
	SAYS(f, 2, "belong to --next", "--confirm", "service-01");
	SAYS(f, 2, "--apply belongs to", "--apply", "--yes");
	SAYS(f, 2, "no terminal to ask on", "--way", "cross", "--apply");
	SAYS(f, 0, "--way cross   recommended", "--plain");
	/* A plan alone changes nothing. */
	SAYS(f, 0, "Nothing has been changed", "--way", "cross");
	SAYS(f, 2, "no roll-over of it has begun", "--status");
}

/* Made and signed, and shown to nobody. */
static void
until_it_can_be_measured(const struct rolled *f)
{
	do_killed(f, "make-root", (const char *const[]){ "--way", "cross", "--apply", "--yes", NULL }, 1);
	SAYS(f, 2, "has begun already", "--way", "new", "--apply", "--yes");
	next_killed(f, "make-issuing", 1);
	next_killed(f, "measure", 1);
	rolled_is_next(f, "trust");
	columns_are(f, 0, 0, "NO", "YES");
}

/* Some trust it already, by hand; then all; one of them says nothing of its bundles for a while. */
static void
until_all_trust_it(struct rolled *f)
{
	char *pem = new_root_pem(f);

	for (size_t i = 0; i < EARLY_SERVERS; i++)
		append(rolled_file(f, i, "trust"), pem);
	for (size_t i = 0; i < EARLY_CALLERS; i++) {
		if (rolled_file(f, i, "upstreams") != NULL)
			append(rolled_file(f, i, "upstreams"), pem);
	}
	columns_are(f, EARLY_SERVERS, EARLY_CALLERS, "NO", "YES");
	next_killed(f, "trust", 0);
	columns_are(f, SERVICES, SERVICES, "NO", "YES");
	/* The old root is not to be had out of order. */
	rolled_use(f, "service-49");
	rolled_is_next(f, "move");
	SAYS(f, 10, "not known whether service-49 trusts servers", "--next", "--apply", "--yes");
	SAYS(f, 10, "“service-48” was typed, and is not among", "--next", "--confirm", "service-48, service-49", "--apply", "--yes");
	SAYS(f, 10, "was typed, and is not among", "--next", "--confirm", "service 49", "--apply", "--yes");
	SAYS(f, 0, "A person says that service-49", "--next", "--confirm", "service-49");
	rolled_use(f, NULL);
	SAYS(f, 10, "no name needs to be typed", "--next", "--confirm", "service-49", "--apply", "--yes");
	free(pem);
}

/* What joins late, and trusts the old root only, locks the last step again. */
static void
a_late_one_locks_it(struct rolled *f)
{
	const char *trust = rolled_file(f, 19, "trust");
	char first[512], aside[1024];

	snprintf(aside, sizeof aside, "%s", in_folder(f->folder, "aside.pem"));
	/* Somebody puts the old bundle back, as a deploy does. */
	free(shell("cp %s %s && cp \"$(ls %s.old-* | head -1)\" %s", trust, aside, trust, trust));
	/* That is seen: by its client, and by the caller before it. */
	assert_int_equal(rolled_ailing(f, first), 2);
	rolled_is_next(f, "trust");
	SAYS(f, 10, "Nothing of this step needs to be confirmed", "--next", "--confirm", "service-20", "--apply", "--yes");
	free(shell("cp %s %s", aside, trust));
	rolled_is_next(f, "remove");
}

/* The plan of the trust is not taken back from under the chains. */
static void
undo_is_guarded(const struct rolled *f, const char *plan)
{
	const char *const words[] = { mtlscope(), "undo", plan, "--config", f->config, "--apply", "--yes", NULL };
	struct run_options how = { .env = (const char *const *)f->env };
	struct run r;

	run_program(words, &how, &r);
	if (r.status != 10 || strstr(buf_str(&r.err), "A later step rests on it") == NULL)
		fail_msg("undo %s: status %d: %s%s", plan, r.status, buf_str(&r.out), buf_str(&r.err));
	run_done(&r);
}

/* Another person, with the document alone: the key to measure with is not there, so that another certificate is planned first. */
static void
picked_up_elsewhere(struct rolled *f)
{
	char *own = strdup(f->state), document[1024];

	snprintf(document, sizeof document, "%s", in_folder(f->folder, "shared.json"));
	free(shell("sed 's|\"key_file\":.*|\"key_file\": \"/nowhere/pass.key\",|' %s/mtlscope/rollover-*.json >%s", own, document));
	rolled_elsewhere(f, in_folder(f->folder, "other-state"));
	SAYS(f, 0, "lies on", "--status", "--state", document);
	SAYS(f, 0, "a client certificate of the new root", "--next", "--state", document);
	/* A step that was begun on another machine is left to it. */
	free(shell("sed -i 's|^\\t\"children\":|\\t\"busy\": {\"at\": 1, \"plan\": 3, \"who\": \"anna\", \"host\": \"bastion-9\", \"step\": \"trust\"},\\n&|' %s", document));
	SAYS(f, 10, "was begun on bastion-9 by anna", "--next", "--state", document);
	SAYS(f, 0, "a client certificate of the new root", "--next", "--take-over", "--state", document);
	/* A damaged one is no beginning. */
	assert_int_equal(truncate(document, 100), 0);
	SAYS(f, 2, "JSON was expected", "--next", "--state", document);
	rolled_elsewhere(f, own);
	free(own);
}

static size_t
count_lines(const struct rolled *f, const char *const words[], const char *with)
{
	struct run_options how = { .env = (const char *const *)f->env };
	struct run r;
	size_t n = 0;

	run_program(words, &how, &r);
	assert_int_equal(r.status, 0);
	for (const char *at = buf_str(&r.out); (at = strstr(at, with)) != NULL; at += strlen(with))
		n++;
	run_done(&r);
	return n;
}

/* However often it was killed: one root, its own certificate, one for the issuing CA, one to measure with. */
static void
nothing_was_made_twice(const struct rolled *f)
{
	const char *const tree[] = { mtlscope(), "pca", "tree", "--config", f->config, "--plain", NULL };
	const char *const sync[] = { mtlscope(), "pca", "sync", "--config", f->config, "--ca", FLEET_ROOT " G2", "--bucket", "mtlscope-lab", "--apply", "--yes", NULL };
	const char *const certs[] = { mtlscope(), "pca", "certs", "--config", f->config, "--ca", FLEET_ROOT " G2", "--json", NULL };

	assert_int_equal(count_lines(f, tree, FLEET_ROOT " G2"), 1);
	(void)count_lines(f, sync, "x");
	assert_int_equal(count_lines(f, certs, "\"serial\""), 3);
}

static void
a_fleet_of_fifty(void **state)
{
	struct rolled f;

	(void)state;
	assert_true(rolled_start(&f, SERVICES));
	rolled_use(&f, NULL);
	rolled_all_healthy(&f, "at first");
	nothing_begun(&f);
	until_it_can_be_measured(&f);
	picked_up_elsewhere(&f);
	until_all_trust_it(&f);
	next_killed(&f, "move", 0);
	columns_are(&f, SERVICES, SERVICES, "YES", "YES");
	undo_is_guarded(&f, "4");
	a_late_one_locks_it(&f);
	next_killed(&f, "remove", 0);
	columns_are(&f, SERVICES, SERVICES, "YES", "NO");
	next_killed(&f, "retire", 1);
	rolled_is_next(&f, NULL);
	nothing_was_made_twice(&f);
	assert_true(kills >= 10);
	rolled_stop(&f);
}

/* ---- the other ways, with few ---- */

static const struct {
	const char *way;
	const char *steps[8]; /* that follow the first */
	const char *sends;    /* at the end */
} ways[] = {
	{ "same-key", { "trust", "remove" }, "-" },
	{ "new", { "make-issuing", "measure", "trust", "move", "remove", "retire" }, "YES" },
};

static void
the_other_ways(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
		struct rolled f;
		cJSON *json;

		assert_true(rolled_start(&f, FEW));
		rolled_use(&f, NULL);
		SAYS(&f, 0, "steps done", "--way", ways[i].way, "--apply", "--yes");
		for (size_t s = 0; ways[i].steps[s] != NULL; s++) {
			next_killed(&f, ways[i].steps[s], 0);
		}
		rolled_is_next(&f, NULL);
		json = rolled_status(&f);
		for (size_t k = 0; k < f.len; k++) {
			column_is(json, &f, k, "server", "YES");
			column_is(json, &f, k, "sends", ways[i].sends);
			column_is(json, &f, k, "keeps", "NO");
		}
		cJSON_Delete(json);
		rolled_stop(&f);
	}
}

/* Trust that was given is taken back, as long as nobody sends what needs it; what was there before is there again. */
static void
abandoned(void **state)
{
	struct rolled f;
	cJSON *json;

	(void)state;
	assert_true(rolled_start(&f, FEW));
	rolled_use(&f, NULL);
	SAYS(&f, 0, "steps done", "--way", "cross", "--apply", "--yes");
	for (int i = 0; i < 3; i++)
		SAYS(&f, 0, "steps done", "--next", "--apply", "--yes");
	rolled_is_next(&f, "move");
	SAYS(&f, 0, "Nothing has been changed", "--abandon");
	SAYS(&f, 0, "steps done", "--next", "--apply", "--yes");
	SAYS(&f, 10, "a chain that needs the new root", "--abandon", "--undo-trust", "--apply", "--yes");
	rolled_all_healthy(&f, "after trust was refused to be undone");
	json = rolled_status(&f);
	column_is(json, &f, 0, "server", "YES");
	cJSON_Delete(json);
	/* The chains go back first. */
	{
		const char *const words[] = { mtlscope(), "undo", "5", "--config", f.config, "--apply", "--yes", NULL };
		struct run_options how = { .env = (const char *const *)f.env };
		struct run r;

		run_program(words, &how, &r);
		if (r.status != 0)
			fail_msg("undo 5: status %d: %s%s", r.status, buf_str(&r.out), buf_str(&r.err));
		run_done(&r);
	}
	rolled_all_healthy(&f, "after the chains went back");
	rolled_is_next(&f, "move");
	SAYS(&f, 0, "abandoned", "--abandon", "--undo-trust", "--apply", "--yes");
	rolled_all_healthy(&f, "after it was abandoned");
	SAYS(&f, 10, "was abandoned already", "--abandon");
	/* Another one may begin. */
	SAYS(&f, 0, "a later date for the root", "--way", "same-key");
	SAYS(&f, 0, "steps done", "--way", "same-key", "--apply", "--yes");
	rolled_is_next(&f, "trust");
	rolled_stop(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fleet_of_fifty),
		cmocka_unit_test(the_other_ways),
		cmocka_unit_test(abandoned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
