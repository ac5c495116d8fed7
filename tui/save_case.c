#include "tui/save_case.h"

#include <stdlib.h>

#include "model/case.h"
#include "tui/console.h"
#include "tui/copy.h"

/* Made here, where nobody changes the evidence meanwhile: a usual one takes a millisecond. It is written on a thread. */
void
save_case_of(struct console *k, const struct entry *e, const char *path)
{
	struct case_about about = { .command = e->command, .saved_ms = console_now_ms(k) };
	struct error err = { .code = ERROR_NONE };
	struct buf bytes = { 0 };

	if (case_write(e->evidence, &about, &bytes, &err) == STATUS_OK)
		write_private(k, path, bytes.data, bytes.len, "of a case, no private keys in it,");
	else
		console_say(k, ROLE_FAIL, "%s", err.text);
	buf_done(&bytes);
}

static void
entered(struct console *k, const char *text, void *user)
{
	const struct entry *e = console_top(k)->entry;

	(void)user;
	if (text[0] == '\0')
		console_say(k, ROLE_DIM, "no name, no case");
	else if (e == NULL || e->evidence == NULL)
		console_say(k, ROLE_WARN, "the endpoint is not selected any more: nothing was written");
	else
		save_case_of(k, e, text);
}

void
save_case(struct view *v, const char *path)
{
	struct console *k = v->console;
	const struct entry *e = v->entry;
	char *name;

	if (e->evidence == NULL) {
		console_say(k, ROLE_WARN, "%s was not checked yet: there is nothing to save", e->name);
	} else if (path != NULL) {
		save_case_of(k, e, path);
	} else {
		name = case_file_name(e->evidence);
		console_ask(k, &(struct asking){ .label = "save case as: ", .text = name, .entered = entered });
		free(name);
	}
}
