/* The one gate for changes: a plan is printed; --apply asks once, and then does it. */
#include "cli/gate.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/exit_status.h"
#include "cli/output.h"
#include "cli/signals.h"
#include "model/changes.h"
#include "model/json_parts.h"
#include "model/page.h"
#include "model/quote.h"

struct telling {
	const struct gate *gate;
	bool to_error; /* with --json standard output gets one object, at the end */
};

static bool
has_terminal(void)
{
	return isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

status
gate_check(const struct options *o, struct error *err)
{
	if (!o->pca.apply || o->pca.yes || has_terminal())
		return STATUS_OK;
	return error_set(err, ERROR_USAGE, "options", "--apply asks before it changes anything, and there is no terminal to ask on: --yes answers it");
}

bool
gate_ask(const char *question)
{
	char answer[16] = "";
	size_t len = 0;

	if (!has_terminal())
		return false;
	progress_clear();
	if (write(STDERR_FILENO, question, strlen(question)) < 0)
		return false;
	for (;;) {
		char c;
		ssize_t n = read(STDIN_FILENO, &c, 1);

		/* A signal ends the question: nothing has been changed then. */
		if (n <= 0)
			return false;
		if (c == '\n')
			break;
		if (len + 1 < sizeof answer)
			answer[len++] = c;
	}
	return strcmp(answer, "y") == 0 || strcmp(answer, "Y") == 0 || strcmp(answer, "yes") == 0;
}

/* ---- while it is applied ---- */

static void
say(const struct telling *t, struct buf *line)
{
	if (t->to_error)
		complain("%s", buf_str(line));
	else
		output_write(line);
	buf_reset(line);
}

static void
tell_step(void *user, const struct plan *p, const struct plan_step *s)
{
	struct telling *t = user;
	struct buf line = { 0 };
	struct page page = { .out = &line, .style = t->gate->style };

	if (s->state != STEP_DONE && s->state != STEP_UNDONE)
		return;
	progress_clear();
	if (!t->to_error) {
		page_state(&page, STATE_OK, false);
		page_text(&page, "  ");
	}
	page_textf(&page, "step %zu of %zu %s: ", (size_t)(s - p->steps) + 1, p->len, s->state == STEP_DONE ? "done" : "undone");
	page_text(&page, s->what);
	buf_adds(&line, t->to_error ? "" : "\n");
	say(t, &line);
	buf_done(&line);
}

static void
tell_waits(void *user, const struct plan *p, const struct plan_step *s, unsigned tries, unsigned of)
{
	(void)user;
	(void)p;
	(void)s;
	progress_waits("waiting", tries, of); /* for AWS, or for the service: the step says */
}

static void
tell_line(void *user, const struct plan *p, const struct plan_step *s, const char *line)
{
	(void)user;
	(void)p;
	(void)s;
	progress_line(line);
}

/* Printed at once: whatever happens next, the user has it. */
static bool
tell_kept(void *user, const struct plan *p, const struct plan_step *s, const char *name, const char *value)
{
	struct telling *t = user;
	struct buf line = { 0 };
	struct page page = { .out = &line, .style = t->gate->style };

	(void)p;
	(void)s;
	page_textf(&page, "%s%s: %s", t->to_error ? "" : "        ", name, value);
	buf_adds(&line, t->to_error ? "" : "\n");
	say(t, &line);
	buf_done(&line);
	/* Where nobody reads us any more the plan stops: what comes next would be lost. */
	return t->to_error || output_status(EXIT_STATUS_DONE) == EXIT_STATUS_DONE;
}

/* ---- the whole ---- */

void
gate_print(struct buf *page)
{
	output_write(page);
	buf_done(page);
}

void
gate_typed(const struct options *o, struct buf *out)
{
	const char *name = "";

	for (size_t i = 0; i < command_table_len; i++) {
		if (command_table[i].command == o->command)
			name = command_table[i].name;
	}
	buf_addf(out, "mtlscope %s", name);
	for (size_t i = 0; i < o->operands_len; i++) {
		buf_addc(out, ' ');
		shell_quote(out, o->operands[i]);
	}
	if (o->retype.len > 0)
		buf_addf(out, " %s", o->retype.data);
}

static void
print_json(cJSON *json, const struct plan *p, const char *state)
{
	struct buf page = { 0 };
	cJSON *plan = plan_json(p);

	if (state != NULL)
		cJSON_ReplaceItemInObject(plan, "state", cJSON_CreateString(state));
	cJSON_AddItemToObject(json, "plan", plan);
	json_print(json, &page);
	output_write(&page);
	buf_done(&page);
}

/* A plan that stopped with something standing, for all that is known, is 10; one that AWS refused at the first change has changed nothing: 9. */
static int
stopped_status(const struct plan *p, const struct error *err)
{
	int signal = signals_seen();

	if (signal != 0)
		return EXIT_STATUS_SIGNAL + signal;
	for (size_t i = 0; i < p->len; i++) {
		if (p->steps[i].gave != NULL || p->steps[i].unsettled || (p->steps[i].state == STEP_DONE && p->steps[i].changes != NULL))
			return EXIT_STATUS_NOT_DONE;
	}
	return exit_status_of_error(err->code);
}

static int
only_shown(const struct gate *g, const struct plan *p, cJSON *json, struct buf *page)
{
	struct page to = { .out = page, .style = g->style };
	struct buf command = { 0 };

	if (g->o->json) {
		print_json(json, p, NULL);
		return EXIT_STATUS_DONE;
	}
	cJSON_Delete(json);
	gate_typed(g->o, &command);
	buf_adds(&command, " --apply");
	buf_addc(page, '\n');
	page_textf(&to, "%s\n  ", g->nothing != NULL ? g->nothing : "Nothing has been changed. This does it:");
	page_text(&to, buf_str(&command));
	buf_addc(page, '\n');
	buf_done(&command);
	gate_print(page);
	return EXIT_STATUS_DONE;
}

static int
declined(const struct gate *g, const struct plan *p, cJSON *json)
{
	int signal = signals_seen();

	if (g->o->json)
		print_json(json, p, "declined");
	else
		cJSON_Delete(json);
	complain("declined: nothing has been changed");
	return signal != 0 ? EXIT_STATUS_SIGNAL + signal : EXIT_STATUS_NOT_DONE;
}

/* A record for a plan that has none yet: nothing is changed that could not be recorded. */
static status
recorded(const struct gate *g, struct plan *p, struct changes **own, struct error *err)
{
	struct buf typed = { 0 };

	if (p->record != NULL)
		return STATUS_OK;
	if (changes_open(NULL, g->world, own, err) != STATUS_OK)
		return STATUS_FAILED;
	p->record = *own;
	p->world = g->world;
	gate_typed(g->o, &typed);
	if (p->typed == NULL)
		p->typed = plan_text(p, "%s", buf_str(&typed));
	buf_done(&typed);
	for (size_t i = 0; i < command_table_len && p->kind == NULL; i++) {
		if (command_table[i].command == g->o->command)
			p->kind = command_table[i].name;
	}
	return STATUS_OK;
}

int
gate_apply(const struct gate *g, struct plan *p, struct error *err)
{
	struct telling telling = { .gate = g, .to_error = g->o->json };
	struct plan_watch watch = { .step = tell_step, .waits = tell_waits, .says = tell_line, .kept = tell_kept, .user = &telling };
	struct changes *own = NULL;
	status result = recorded(g, p, &own, err);
	int exit_status = EXIT_STATUS_DONE;

	p->cancel = signals_cancel();
	if (result == STATUS_OK)
		result = g->back ? plan_go_back(p, &watch, err) : plan_apply(p, &watch, err);
	if (result != STATUS_OK)
		exit_status = stopped_status(p, err);
	p->watch = NULL;
	if (own != NULL)
		p->record = NULL;
	changes_close(own);
	return exit_status;
}

int
gate_carry_out(const struct gate *g, struct plan *p, cJSON *json, void (*more)(void *user, cJSON *to), void *user, bool *applied)
{
	struct error err = { .code = ERROR_NONE };
	struct buf page = { 0 };
	int result;

	*applied = false;
	if (!g->o->json)
		(g->back ? plan_page_back : plan_page)(p, g->style, &page);
	if (!g->o->pca.apply) {
		result = only_shown(g, p, json, &page);
		buf_done(&page);
		return result;
	}
	if (!g->o->json)
		buf_addc(&page, '\n');
	gate_print(&page);
	if (!g->o->pca.yes && !gate_ask(g->back ? "Bring back what was before? [y/N] " : "Apply this plan? [y/N] "))
		return declined(g, p, json);
	if (!g->o->pca.yes && g->agreed != NULL && g->agreed(g->agreed_user, &err) != STATUS_OK) {
		cJSON_Delete(json);
		return complain_error(&err);
	}
	result = gate_apply(g, p, &err);
	*applied = result == EXIT_STATUS_DONE;
	progress_clear();
	if (g->o->json) {
		if (more != NULL)
			more(user, json);
		print_json(json, p, NULL);
		if (result != EXIT_STATUS_DONE && p->state != PLAN_STOPPED)
			complain("%s", err.text);
		else if (result != EXIT_STATUS_DONE)
			complain("stopped at step %zu of %zu: %s", p->at + 1, p->len, err.text);
	} else {
		cJSON_Delete(json);
		buf_addc(&page, '\n');
		plan_page_end(p, g->style, &page);
		gate_print(&page);
		/* What stopped it before its first step is on no step. */
		if (result != EXIT_STATUS_DONE && p->state != PLAN_STOPPED)
			complain_error(&err);
	}
	buf_done(&page);
	return output_status(result);
}
