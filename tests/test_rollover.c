/* The rules of a roll-over: what comes next, the lock, what is typed, and the document that outlives the program. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "model/rollover.h"
#include "model/times.h"
#include "tests/program.h"

enum { NOW = 1764468000 };
#define Y ROLLOVER_YES
#define N ROLLOVER_NO
#define U ROLLOVER_UNKNOWN
#define X ROLLOVER_NOT_ONE

static char *folder;

/* A service in a row of a table: its four columns. */
struct row {
	const char *name;
	enum rollover_answer cells[ROLLOVER_COLUMNS]; /* server, client, sends, keeps */
};
enum { ROWS = 4 };

static struct rollover *
begun(enum rollover_way way)
{
	struct rollover *r = rollover_new();

	r->id = "0123456789ab";
	r->way = way;
	r->began = NOW;
	r->old_root = (struct rollover_ca){ .arn = "arn:old", .name = "Acme Root CA", .pem = "OLD", .not_after = NOW + 1000 };
	r->children = arena_array(r->arena, 1, sizeof *r->children);
	r->children[0].old = (struct rollover_ca){ .arn = "arn:issuing", .name = "Acme Issuing CA 1", .pem = "ISSUING", .not_after = NOW + 900 };
	r->children[0].twin.not_after = TIME_UNKNOWN;
	r->children_len = 1;
	return r;
}

/* Steps before `s` are done, as their plans would have left it. */
static void
done_before(struct rollover *r, enum rollover_step s)
{
	if (s > ROLLOVER_MAKE_ROOT)
		r->new_root = (struct rollover_ca){ .arn = "arn:new", .name = "Acme Root CA G2", .pem = "NEW", .not_after = NOW + 9000 };
	if (s > ROLLOVER_MAKE_ISSUING)
		r->children[0].twin = (struct rollover_ca){ .arn = "arn:twin", .pem = "TWIN", .not_after = NOW + 900 };
	if (s > ROLLOVER_MEASURE)
		r->pass = (struct rollover_pass){ .cert = "PASS", .key_file = "/k", .host = "bastion-2", .not_after = NOW + 100 };
	for (int i = 0; i < (int)s; i++)
		r->done[i] = (struct rollover_done){ .at = NOW, .plan = i + 1, .who = "anna", .host = "bastion-2" };
}

static void
fill(struct rollover *r, const struct row *rows)
{
	for (size_t i = 0; i < ROWS && rows[i].name != NULL; i++) {
		for (unsigned c = 0; c < ROLLOVER_COLUMNS; c++)
			rollover_measured(r, rollover_service(r, rows[i].name), (enum rollover_column)c, rows[i].cells[c], NOW, "measured");
	}
}

/* ---- what comes next ---- */

static const struct {
	enum rollover_way way;
	enum rollover_step done; /* all before it */
	struct row rows[ROWS];
	enum rollover_step next;
	const char *phase;
} nexts[] = {
	{ ROLLOVER_CROSS, ROLLOVER_MAKE_ROOT, { { NULL, { U, U, U, U } } }, ROLLOVER_MAKE_ROOT, "chosen" },
	{ ROLLOVER_CROSS, ROLLOVER_MAKE_ISSUING, { { NULL, { U, U, U, U } } }, ROLLOVER_MAKE_ISSUING, "the new root is made" },
	/* Nothing is signed and nothing reissued where the key stays. */
	{ ROLLOVER_SAME_KEY, ROLLOVER_MAKE_ISSUING, { { "a", { N, X, U, Y } } }, ROLLOVER_TRUST, "trust is being distributed" },
	{ ROLLOVER_SAME_KEY, ROLLOVER_MOVE, { { "a", { Y, X, U, Y } } }, ROLLOVER_REMOVE, "everybody trusts the new root" },
	{ ROLLOVER_SAME_KEY, ROLLOVER_RETIRE, { { "a", { Y, X, U, N } } }, ROLLOVER_NO_STEP, "done" },
	{ ROLLOVER_NEW, ROLLOVER_MEASURE, { { "a", { U, U, N, Y } } }, ROLLOVER_MEASURE, "the new root signs" },
	{ ROLLOVER_NEW, ROLLOVER_TRUST, { { "a", { N, X, N, Y } } }, ROLLOVER_TRUST, "trust is being distributed" },
	/* Nobody was asked yet: that is not everybody's trust. */
	{ ROLLOVER_SAME_KEY, ROLLOVER_TRUST, { { NULL, { U, U, U, U } } }, ROLLOVER_TRUST, "trust is being distributed" },
	{ ROLLOVER_CROSS, ROLLOVER_TRUST, { { NULL, { U, U, U, U } } }, ROLLOVER_TRUST, "trust is being distributed" },
	/* Everybody trusts it already: nothing is to be distributed, and nobody to be measured with a certificate. */
	{ ROLLOVER_CROSS, ROLLOVER_MEASURE, { { "a", { Y, X, N, Y } }, { "b", { Y, Y, N, Y } } }, ROLLOVER_MOVE, "everybody trusts the new root" },
	/* Who is not known after the bundles were written is for a person to say. */
	{ ROLLOVER_CROSS, ROLLOVER_MOVE, { { "a", { U, X, N, Y } } }, ROLLOVER_MOVE, "everybody trusts the new root" },
	{ ROLLOVER_CROSS, ROLLOVER_TRUST, { { "a", { U, X, N, Y } } }, ROLLOVER_TRUST, "trust is being distributed" },
	/* A service that joined late, or fell back, brings its step back. */
	{ ROLLOVER_CROSS, ROLLOVER_REMOVE, { { "a", { Y, Y, Y, Y } }, { "late", { N, X, N, Y } } }, ROLLOVER_TRUST, "trust is being distributed" },
	{ ROLLOVER_CROSS, ROLLOVER_REMOVE, { { "a", { Y, Y, Y, Y } }, { "late", { Y, X, N, Y } } }, ROLLOVER_MOVE, "everybody trusts the new root" },
	{ ROLLOVER_CROSS, ROLLOVER_REMOVE, { { "a", { Y, Y, Y, Y } } }, ROLLOVER_REMOVE, "what is sent leads to the new root" },
	{ ROLLOVER_CROSS, ROLLOVER_RETIRE, { { "a", { Y, Y, Y, Y } } }, ROLLOVER_REMOVE, "what is sent leads to the new root" },
	{ ROLLOVER_CROSS, ROLLOVER_RETIRE, { { "a", { Y, Y, Y, N } } }, ROLLOVER_RETIRE, "the old root is out of the bundles" },
	{ ROLLOVER_CROSS, ROLLOVER_NO_STEP, { { "a", { Y, Y, Y, N } } }, ROLLOVER_NO_STEP, "done" },
};

static void
what_comes_next(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof nexts / sizeof nexts[0]; i++) {
		struct rollover *r = begun(nexts[i].way);
		enum rollover_step next;

		done_before(r, nexts[i].done);
		fill(r, nexts[i].rows);
		next = rollover_next(r, NOW);
		if (next != nexts[i].next || strcmp(rollover_phase(r), nexts[i].phase) != 0)
			fail_msg("row %zu: next is %d and the phase “%s”", i, (int)next, rollover_phase(r));
		rollover_free(r);
	}
}

static void
a_pass_that_ended_is_made_again(void **state)
{
	struct rollover *r = begun(ROLLOVER_CROSS);

	(void)state;
	done_before(r, ROLLOVER_TRUST);
	fill(r, (const struct row[ROWS]){ { "a", { N, X, N, Y } } });
	assert_int_equal(rollover_next(r, NOW), ROLLOVER_TRUST);
	assert_int_equal(rollover_next(r, NOW + 100), ROLLOVER_MEASURE);
	assert_string_equal(rollover_phase(r), "trust is being distributed");
	/* Its key lies on another machine: as good as none, here. */
	r->pass_elsewhere = true;
	assert_int_equal(rollover_next(r, NOW), ROLLOVER_MEASURE);
	rollover_free(r);
}

/* ---- the lock ---- */

static const struct {
	const char *about;
	enum rollover_way way;
	enum rollover_step done, step;
	struct row rows[ROWS];
	const char *confirm;
	bool allowed;
	const char *says;
} locks[] = {
	{ "all is known and well", ROLLOVER_CROSS, ROLLOVER_REMOVE, ROLLOVER_REMOVE, { { "a", { Y, X, Y, Y } }, { "b", { Y, Y, Y, Y } } }, NULL, true, "Everybody trusts" },
	{ "a pure client", ROLLOVER_CROSS, ROLLOVER_REMOVE, ROLLOVER_REMOVE, { { "a", { Y, X, Y, Y } }, { "c", { X, Y, Y, Y } } }, NULL, true, "Everybody trusts" },
	{ "one refuses", ROLLOVER_CROSS, ROLLOVER_REMOVE, ROLLOVER_REMOVE, { { "a", { N, X, Y, Y } } }, NULL, false, "a would fail" },
	{ "a NO is not confirmed away", ROLLOVER_CROSS, ROLLOVER_REMOVE, ROLLOVER_REMOVE, { { "a", { N, X, Y, Y } } }, "a", false, "cannot be confirmed away" },
	{ "one client column", ROLLOVER_NEW, ROLLOVER_MOVE, ROLLOVER_MOVE, { { "a", { Y, N, N, Y } } }, NULL, false, "trust servers of the new root" },
	{ "unknown counts as NO", ROLLOVER_CROSS, ROLLOVER_REMOVE, ROLLOVER_REMOVE, { { "a", { Y, U, Y, Y } } }, NULL, false, "unknown counts as NO" },
	{ "typed", ROLLOVER_CROSS, ROLLOVER_REMOVE, ROLLOVER_REMOVE, { { "ledger", { Y, U, Y, Y } }, { "payment", { U, X, Y, Y } }, { "c", { Y, X, Y, Y } } },
	    " payment ,ledger", true, "A person says" },
	{ "one name too few", ROLLOVER_CROSS, ROLLOVER_REMOVE, ROLLOVER_REMOVE, { { "ledger", { Y, U, Y, Y } }, { "payment", { U, X, Y, Y } } },
	    "ledger", false, "“payment” is not known, and was not typed" },
	{ "one name too many", ROLLOVER_CROSS, ROLLOVER_REMOVE, ROLLOVER_REMOVE, { { "ledger", { Y, U, Y, Y } }, { "payment", { Y, X, Y, Y } } },
	    "ledger, payment", false, "“payment” was typed, and is not among" },
	{ "a name that is none", ROLLOVER_CROSS, ROLLOVER_REMOVE, ROLLOVER_REMOVE, { { "ledger", { Y, U, Y, Y } } }, "Ledger", false, "“Ledger” was typed" },
	{ "nothing but commas", ROLLOVER_CROSS, ROLLOVER_REMOVE, ROLLOVER_REMOVE, { { "ledger", { Y, U, Y, Y } } }, " , ,", false, "was not typed" },
	{ "typed, and a NO beside it", ROLLOVER_CROSS, ROLLOVER_REMOVE, ROLLOVER_REMOVE, { { "ledger", { Y, U, Y, Y } }, { "b", { N, X, Y, Y } } }, "ledger", false, "b would fail" },
	{ "typed for nobody", ROLLOVER_CROSS, ROLLOVER_REMOVE, ROLLOVER_REMOVE, { { "a", { Y, X, Y, Y } } }, "a", false, "no name needs to be typed" },
	{ "what it sends is not known", ROLLOVER_CROSS, ROLLOVER_REMOVE, ROLLOVER_REMOVE, { { "a", { Y, X, U, Y } } }, NULL, false, "sends a chain" },
	{ "the same key: what is sent leads to both", ROLLOVER_SAME_KEY, ROLLOVER_REMOVE, ROLLOVER_REMOVE, { { "a", { Y, X, U, Y } } }, NULL, true, "Everybody" },
	{ "moving does not ask what is sent", ROLLOVER_CROSS, ROLLOVER_MOVE, ROLLOVER_MOVE, { { "a", { Y, X, N, Y } } }, NULL, true, "Everybody" },
	{ "somebody still sends the old chain", ROLLOVER_CROSS, ROLLOVER_REMOVE, ROLLOVER_REMOVE, { { "a", { Y, X, N, Y } } }, NULL, false, "Before it comes: send chains" },
	{ "nobody measured", ROLLOVER_CROSS, ROLLOVER_REMOVE, ROLLOVER_REMOVE, { { NULL, { U, U, U, U } } }, NULL, false, "Nobody has been measured" },
	{ "out of order", ROLLOVER_CROSS, ROLLOVER_MAKE_ISSUING, ROLLOVER_REMOVE, { { "a", { Y, Y, Y, Y } } }, NULL, false, "Before it comes: have the new root sign" },
	{ "trust may come again", ROLLOVER_CROSS, ROLLOVER_REMOVE, ROLLOVER_TRUST, { { "late", { N, X, N, Y } } }, NULL, true, "the old root stays" },
	{ "no such step", ROLLOVER_SAME_KEY, ROLLOVER_TRUST, ROLLOVER_MOVE, { { "a", { Y, Y, Y, Y } } }, NULL, false, "no such step" },
	{ "nothing to confirm", ROLLOVER_CROSS, ROLLOVER_MAKE_ROOT, ROLLOVER_MAKE_ROOT, { { NULL, { U, U, U, U } } }, "a", false, "Nothing of this step" },
};

static void
the_lock(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof locks / sizeof locks[0]; i++) {
		struct rollover *r = begun(locks[i].way);
		struct rollover_may m;

		done_before(r, locks[i].done);
		fill(r, locks[i].rows);
		rollover_may(r, locks[i].step, locks[i].confirm, NOW, r->arena, &m);
		if (m.allowed != locks[i].allowed || m.why == NULL || strstr(m.why, locks[i].says) == NULL)
			fail_msg("%s: %s: %s", locks[i].about, m.allowed ? "allowed" : "refused", m.why != NULL ? m.why : "(no reason)");
		rollover_free(r);
	}
}

/* A service that joins the fleet after everybody said YES locks it again; one that leaves it does not count any more. */
static void
the_fleet_changes(void **state)
{
	struct rollover *r = begun(ROLLOVER_CROSS);
	struct rollover_may m;

	(void)state;
	done_before(r, ROLLOVER_REMOVE);
	fill(r, (const struct row[ROWS]){ { "a", { Y, X, Y, Y } }, { "b", { Y, Y, Y, Y } } });
	rollover_may(r, ROLLOVER_REMOVE, NULL, NOW, r->arena, &m);
	assert_true(m.allowed);
	(void)rollover_service(r, "late");
	rollover_may(r, ROLLOVER_REMOVE, NULL, NOW, r->arena, &m);
	assert_false(m.allowed);
	assert_int_equal(m.unknown_len, 1);
	assert_string_equal(m.unknown[0], "late");
	/* Whoever picks it up has a configuration without two of them: what was known of them is not, and they are not forgotten. */
	rollover_measured(r, rollover_service(r, "none of it"), ROLLOVER_SERVER, ROLLOVER_NOT_ONE, NOW, "no server");
	rollover_measured(r, rollover_service(r, "none of it"), ROLLOVER_CLIENT, ROLLOVER_NOT_ONE, NOW, "no client");
	rollover_measured(r, rollover_service(r, "none of it"), ROLLOVER_SENDS, ROLLOVER_NOT_ONE, NOW, "neither root");
	assert_int_equal(rollover_only(r, (const char *const[]){ "a" }, 1), 2);
	assert_null(rollover_find(r, "none of it"));
	rollover_may(r, ROLLOVER_REMOVE, NULL, NOW, r->arena, &m);
	assert_false(m.allowed);
	assert_int_equal(m.unknown_len, 2);
	assert_non_null(strstr(rollover_find(r, "b")->cells[ROLLOVER_SERVER].how, "it was YES"));
	assert_int_equal(rollover_find(r, "b")->cells[ROLLOVER_SERVER].at, NOW);
	/* Once more is the same as once; one that is there again is asked again. */
	assert_int_equal(rollover_only(r, (const char *const[]){ "a", "late" }, 2), 1);
	assert_non_null(strstr(rollover_find(r, "b")->cells[ROLLOVER_SERVER].how, "it was YES"));
	/* A person types their names, and the step is done: those that are gone do not count any more, the others do. */
	rollover_may(r, ROLLOVER_REMOVE, "b, late", NOW, r->arena, &m);
	assert_true(m.allowed);
	rollover_let_go(r, NULL);
	assert_non_null(rollover_find(r, "b"));
	rollover_let_go(r, "b, late");
	assert_null(rollover_find(r, "b"));
	assert_non_null(rollover_find(r, "late"));
	rollover_free(r);
}

static void
trust_is_not_taken_back_from_under_a_chain(void **state)
{
	struct rollover *r = begun(ROLLOVER_CROSS);
	struct rollover_may m;

	(void)state;
	done_before(r, ROLLOVER_MOVE);
	fill(r, (const struct row[ROWS]){ { "a", { Y, X, N, Y } }, { "b", { Y, Y, N, Y } } });
	rollover_may_undo_trust(r, NULL, r->arena, &m);
	assert_true(m.allowed);
	rollover_measured(r, rollover_service(r, "b"), ROLLOVER_SENDS, ROLLOVER_YES, NOW, "on the wire");
	rollover_may_undo_trust(r, NULL, r->arena, &m);
	assert_false(m.allowed);
	assert_non_null(strstr(m.why, "b sends"));
	/* It sent the new one weeks ago, and is not reached now: as good as one that needs it, once chains were moved. */
	rollover_measured(r, rollover_service(r, "b"), ROLLOVER_SENDS, ROLLOVER_UNKNOWN, NOW, "it was not asked");
	rollover_may_undo_trust(r, NULL, r->arena, &m);
	assert_true(m.allowed);
	r->done[ROLLOVER_MOVE].at = NOW;
	rollover_may_undo_trust(r, NULL, r->arena, &m);
	assert_false(m.allowed);
	assert_true(m.confirmable);
	rollover_may_undo_trust(r, "a, b", r->arena, &m);
	assert_false(m.allowed);
	rollover_may_undo_trust(r, "b", r->arena, &m);
	assert_true(m.allowed);
	rollover_measured(r, rollover_service(r, "b"), ROLLOVER_SENDS, ROLLOVER_NO, NOW, "on the wire");
	rollover_may_undo_trust(r, "b", r->arena, &m);
	assert_false(m.allowed);
	/* Nobody sends it yet, and what is issued from now on comes with it. */
	rollover_add_plan(r, 6, "bastion-2", ROLLOVER_MOVE);
	rollover_may_undo_trust(r, NULL, r->arena, &m);
	assert_false(m.allowed);
	assert_non_null(strstr(m.why, "plan 6 on bastion-2"));
	rollover_drop_plan(r, 6, "bastion-2");
	r->busy = ROLLOVER_MOVE;
	rollover_may_undo_trust(r, NULL, r->arena, &m);
	assert_false(m.allowed);
	r->busy = ROLLOVER_REMOVE;
	rollover_may_undo_trust(r, NULL, r->arena, &m);
	assert_false(m.allowed);
	assert_non_null(strstr(m.why, "under way"));
	r->busy = ROLLOVER_NO_STEP;
	r->done[ROLLOVER_REMOVE].at = NOW;
	rollover_may_undo_trust(r, NULL, r->arena, &m);
	assert_false(m.allowed);
	/* Abandoned: nothing goes on. */
	r->ended = NOW;
	r->abandoned = true;
	assert_int_equal(rollover_next(r, NOW), ROLLOVER_NO_STEP);
	assert_string_equal(rollover_phase(r), "abandoned");
	rollover_may(r, ROLLOVER_TRUST, NULL, NOW, r->arena, &m);
	assert_false(m.allowed);
	rollover_free(r);
}

static void
a_step_is_undone_after_those_that_rest_on_it(void **state)
{
	struct rollover *r = begun(ROLLOVER_CROSS);
	struct rollover_may m;

	(void)state;
	done_before(r, ROLLOVER_REMOVE);
	rollover_may_go_back(r, ROLLOVER_TRUST, r->arena, &m);
	assert_false(m.allowed);
	assert_non_null(strstr(m.why, "send chains"));
	rollover_may_go_back(r, ROLLOVER_MOVE, r->arena, &m);
	assert_true(m.allowed);
	rollover_may_go_back(r, ROLLOVER_MEASURE, r->arena, &m);
	assert_true(m.allowed);
	r->done[ROLLOVER_MOVE].at = TIME_UNKNOWN;
	rollover_may_go_back(r, ROLLOVER_TRUST, r->arena, &m);
	assert_true(m.allowed);
	rollover_may_go_back(r, ROLLOVER_MAKE_ROOT, r->arena, &m);
	assert_false(m.allowed);
	/* Chains were moved in two plans, and one of them stands. */
	rollover_add_plan(r, 6, "bastion-2", ROLLOVER_MOVE);
	rollover_add_plan(r, 7, "bastion-2", ROLLOVER_MOVE);
	rollover_drop_plan(r, 7, "bastion-2");
	rollover_may_go_back(r, ROLLOVER_TRUST, r->arena, &m);
	assert_false(m.allowed);
	assert_non_null(strstr(m.why, "plan 6 on bastion-2"));
	rollover_drop_plan(r, 6, "bastion-3");
	rollover_may_go_back(r, ROLLOVER_TRUST, r->arena, &m);
	assert_false(m.allowed);
	rollover_drop_plan(r, 6, "bastion-2");
	rollover_may_go_back(r, ROLLOVER_TRUST, r->arena, &m);
	assert_true(m.allowed);
	/* Chains are being moved, here or elsewhere, or the moving was cut short: some need the new root already. */
	r->busy = ROLLOVER_MOVE;
	r->busy_by = (struct rollover_done){ .at = NOW, .host = "bastion-3" };
	rollover_may_go_back(r, ROLLOVER_TRUST, r->arena, &m);
	assert_false(m.allowed);
	assert_non_null(strstr(m.why, "under way on bastion-3"));
	rollover_may_go_back(r, ROLLOVER_MOVE, r->arena, &m);
	assert_true(m.allowed);
	rollover_free(r);
}

/* A step that was cut short weeks ago is as locked as one that was never begun; what was typed for it then holds for who is still not known. */
static void
an_interrupted_step(void **state)
{
	struct rollover *r = begun(ROLLOVER_CROSS);
	struct rollover_may m;

	(void)state;
	done_before(r, ROLLOVER_REMOVE);
	fill(r, (const struct row[ROWS]){ { "a", { Y, U, Y, Y } }, { "b", { Y, Y, Y, N } } });
	r->busy = ROLLOVER_REMOVE;
	r->busy_by = (struct rollover_done){ .at = NOW, .host = "bastion-2", .confirmed = "a, c" };
	rollover_may_go_on(r, ROLLOVER_REMOVE, NULL, NOW, r->arena, &m);
	assert_true(m.allowed);
	(void)rollover_service(r, "late");
	rollover_may_go_on(r, ROLLOVER_REMOVE, NULL, NOW, r->arena, &m);
	assert_false(m.allowed);
	assert_int_equal(m.unknown_len, 2);
	rollover_may_go_on(r, ROLLOVER_REMOVE, "a,late", NOW, r->arena, &m);
	assert_true(m.allowed);
	rollover_measured(r, rollover_service(r, "b"), ROLLOVER_SERVER, ROLLOVER_NO, NOW, "refused");
	rollover_may_go_on(r, ROLLOVER_REMOVE, "a,late", NOW, r->arena, &m);
	assert_false(m.allowed);
	assert_int_equal(rollover_measured_at(r), NOW);
	rollover_free(r);
}

/* Only what somebody of the fleet hangs on must be signed anew. */
static void
a_ca_that_is_not_in_use(void **state)
{
	struct rollover *r = begun(ROLLOVER_CROSS);
	struct rollover_service *s;

	(void)state;
	done_before(r, ROLLOVER_TRUST);
	fill(r, (const struct row[ROWS]){ { "a", { N, X, N, Y } } });
	r->children[0].twin = (struct rollover_ca){ .not_after = TIME_UNKNOWN };
	assert_int_equal(rollover_next(r, NOW), ROLLOVER_TRUST);
	s = rollover_service(r, "a");
	s->issuer = "arn:issuing";
	assert_true(rollover_in_use(r, &r->children[0]));
	assert_int_equal(rollover_next(r, NOW), ROLLOVER_MAKE_ISSUING);
	rollover_free(r);
}

/* ---- the document ---- */

static struct rollover *
with_everything(void)
{
	struct rollover *r = begun(ROLLOVER_CROSS);

	done_before(r, ROLLOVER_REMOVE);
	fill(r, (const struct row[ROWS]){ { "a \"b\"", { Y, X, N, U } }, { "order-service", { X, Y, Y, N } } });
	rollover_service(r, "order-service")->identity = true;
	rollover_service(r, "order-service")->issuer = "arn:issuing";
	r->done[ROLLOVER_MOVE].confirmed = "ledger, payment";
	r->busy = ROLLOVER_REMOVE;
	r->busy_by = (struct rollover_done){ .at = NOW + 5, .plan = 9, .who = "bert", .host = "bastion-3" };
	rollover_add_plan(r, 7, "bastion-2", ROLLOVER_MOVE);
	rollover_add_plan(r, 7, "bastion-3", ROLLOVER_NO_STEP);
	rollover_add_plan(r, 7, "bastion-2", ROLLOVER_MOVE);
	return r;
}

static void
written_and_read_back(void **state)
{
	struct rollover *r = with_everything(), *again;
	struct buf first = { 0 }, second = { 0 };
	struct error err = { .code = ERROR_NONE };

	(void)state;
	rollover_write(r, &first);
	assert_int_equal(rollover_parse(first.data, first.len, "x", &again, &err), STATUS_OK);
	rollover_write(again, &second);
	assert_string_equal(first.data, second.data);
	assert_int_equal(again->plans_len, 2);
	assert_true(rollover_has_plan(again, 7, "bastion-3"));
	assert_false(rollover_has_plan(again, 9, "bastion-3"));
	assert_int_equal(again->plans[0].step, ROLLOVER_MOVE);
	assert_int_equal(again->plans[1].step, ROLLOVER_NO_STEP);
	assert_int_equal(again->busy, ROLLOVER_REMOVE);
	assert_string_equal(again->busy_by.host, "bastion-3");
	assert_int_equal(rollover_find(again, "a \"b\"")->cells[ROLLOVER_CLIENT].answer, ROLLOVER_NOT_ONE);
	assert_int_equal(rollover_next(again, NOW), rollover_next(r, NOW));
	rollover_free(r);
	rollover_free(again);
	buf_done(&first);
	buf_done(&second);
}

/* What somebody made of it by hand. NULL in `to`: the document ends before it. */
static const struct {
	const char *from, *to, *says;
} damages[] = {
	{ "mtlscope.rollover/1", "mtlscope.rollover/2", "a newer mtlscope" },
	{ "mtlscope.rollover/1", "mtlscope.plan/1", "as its schema" },
	{ "\"way\":\t\"cross\"", "\"way\":\t\"crossed\"", "as the way" },
	{ "\"way\":\t\"cross\"", "\"way\":\t7", "text in “way”" },
	{ "\"answer\":\t\"no\"", "\"answer\":\t\"nearly\"", "as an answer" },
	{ "\"revision\":\t0", "\"revision\":\t\"0\"", "a number in “revision”" },
	{ "\"services\":\t[", "\"servants\":\t[", "a list “services”" },
	{ "\"name\":\t\"order-service\"", "\"name\":\t\"a \\\"b\\\"\"", "each service once" },
	{ "\"make-issuing\"", "\"make-money\"", "the name of a step" },
	{ "\"step\":\t\"move\"", "\"step\":\t\"fly\"", "the name of a step" },
	{ "\"arn\":\t\"arn:old\"", "\"earn\":\t\"arn:old\"", "the old root's ARN" },
	{ "\"services\":\t[", NULL, "JSON was expected" },
};

static void
damaged_documents(void **state)
{
	struct rollover *r = with_everything(), *out;
	struct buf text = { 0 };

	(void)state;
	rollover_write(r, &text);
	for (size_t i = 0; i < sizeof damages / sizeof damages[0]; i++) {
		const char *at = strstr(text.data, damages[i].from);
		struct error err = { .code = ERROR_NONE };
		struct buf damaged = { 0 };

		assert_non_null(at);
		buf_add(&damaged, text.data, (size_t)(at - text.data));
		if (damages[i].to != NULL) {
			buf_adds(&damaged, damages[i].to);
			buf_adds(&damaged, at + strlen(damages[i].from));
		}
		assert_int_equal(rollover_parse(damaged.data, damaged.len, "state.json", &out, &err), STATUS_FAILED);
		if (strstr(err.text, damages[i].says) == NULL || strstr(err.text, "state.json") != err.text)
			fail_msg("row %zu: %s", i, err.text);
		assert_null(out);
		buf_done(&damaged);
	}
	rollover_free(r);
	buf_done(&text);
}

static void
kept_in_a_file(void **state)
{
	const char *path = in_folder(folder, "rollover-x.json");
	struct rollover_file *file, *other, *look;
	struct rollover *r, *again, *mine = with_everything();
	struct error err = { .code = ERROR_NONE };
	struct stat st;

	(void)state;
	assert_int_equal(rollover_open(path, true, &file, &r, &err), STATUS_OK);
	assert_null(r);
	/* Nobody else changes it meanwhile; looking is free. */
	assert_int_equal(rollover_open(path, true, &other, &again, &err), STATUS_FAILED);
	assert_int_equal(err.code, ERROR_NOT_DONE);
	error_clear(&err);
	assert_int_equal(rollover_save(file, mine, &err), STATUS_OK);
	assert_int_equal(rollover_save(file, mine, &err), STATUS_OK);
	assert_int_equal(mine->revision, 2);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(rollover_open(path, false, &look, &again, &err), STATUS_OK);
	assert_int_equal(again->revision, 2);
	/* Whoever shares it gave it to a group: that stays so, and the lock is the group's too. */
	assert_int_equal(chmod(path, 0660), 0);
	assert_int_equal(rollover_save(file, mine, &err), STATUS_OK);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0660);
	rollover_close(file);
	assert_int_equal(rollover_open(path, true, &file, &r, &err), STATUS_OK);
	rollover_free(r);
	assert_int_equal(stat(in_folder(folder, "rollover-x.json.lock"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0660);
	rollover_close(look);
	rollover_free(again);
	assert_int_equal(rollover_open(path, false, &look, &again, &err), STATUS_OK);
	/* On a place without locks the revision tells. */
	assert_int_equal(rollover_save(file, mine, &err), STATUS_OK);
	assert_int_equal(rollover_save(look, again, &err), STATUS_FAILED);
	assert_int_equal(err.code, ERROR_NOT_DONE);
	assert_non_null(strstr(err.text, "revision 4, 3 was read"));
	assert_int_equal(again->revision, 3);
	rollover_free(again);
	rollover_close(look);
	rollover_close(file);
	error_clear(&err);
	/* A file that is damaged stays as it is, and is no beginning. */
	assert_true(write_file(path, "{\"schema\":", 10));
	assert_int_equal(rollover_open(path, true, &file, &r, &err), STATUS_FAILED);
	assert_int_equal(err.code, ERROR_INPUT);
	rollover_free(mine);
}

static void
names_for_files(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	assert_string_equal(rollover_id("arn:aws:acm-pca:us-east-1:111122223333:certificate-authority/1A2b3c4d-5e6f-7a8b-9c0d", a), "1a2b3c4d5e6f");
	assert_string_equal(rollover_id("arn:aws:acm-pca:us-east-1:111122223333:certificate-authority/../..", a), "ca");
	assert_string_equal(rollover_id("", a), "ca");
	arena_free(a);
}

static int
setup(void **state)
{
	(void)state;
	folder = make_folder();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	remove_folder(folder);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_comes_next),
		cmocka_unit_test(a_pass_that_ended_is_made_again),
		cmocka_unit_test(the_lock),
		cmocka_unit_test(the_fleet_changes),
		cmocka_unit_test(trust_is_not_taken_back_from_under_a_chain),
		cmocka_unit_test(a_step_is_undone_after_those_that_rest_on_it),
		cmocka_unit_test(an_interrupted_step),
		cmocka_unit_test(a_ca_that_is_not_in_use),
		cmocka_unit_test(written_and_read_back),
		cmocka_unit_test(damaged_documents),
		cmocka_unit_test(kept_in_a_file),
		cmocka_unit_test(names_for_files),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
