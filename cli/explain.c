/* mtlscope explain: an alert, an error text or lines of a log in plain words. Nothing is contacted. */
#include "model/explain.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/output.h"
#include "model/quote.h"

enum { PIECE = 64 * 1024 };

/* What was typed as several words is one text; of a command line each word gets back the quotation marks that the shell took. */
static void
explain_words(struct explain *x, const struct options *o)
{
	bool command = o->operands_len > 1 && strcmp(o->operands[0], "aws") == 0;
	struct buf text = { 0 };

	for (size_t i = 0; i < o->operands_len; i++) {
		buf_adds(&text, i > 0 ? " " : "");
		if (command)
			shell_quote(&text, o->operands[i]);
		else
			buf_adds(&text, o->operands[i]);
	}
	explain_text(x, text_of(buf_str(&text)));
	buf_done(&text);
}

/*
 * Standard input, however long, in pieces. One line by itself is taken like words on the command line:
 * `echo 48 | mtlscope explain`.
 */
static status
explain_input(struct explain *x, struct error *err)
{
	static char piece[PIECE];
	struct buf first = { 0 };
	bool streaming = false;
	ssize_t n;

	while ((n = read(STDIN_FILENO, piece, sizeof piece)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			buf_done(&first);
			return error_set(err, ERROR_INPUT, "reading", "standard input: %s", strerror(errno));
		}
		if (!streaming)
			buf_add(&first, piece, (size_t)n);
		else
			explain_feed(x, piece, (size_t)n);
		if (!streaming && first.len >= PIECE) {
			explain_feed(x, first.data, first.len);
			streaming = true;
		}
	}
	if (streaming)
		explain_end(x);
	else
		explain_text(x, (struct text){ (const unsigned char *)buf_str(&first), first.len });
	buf_done(&first);
	return STATUS_OK;
}

int
explain_run(struct options *o)
{
	struct explain *x = explain_new();
	struct report_style style = output_style(o);
	struct error err = { .code = ERROR_NONE };
	struct buf page = { 0 };
	int result = EXIT_STATUS_USAGE;

	if (o->operands_len > 0) {
		explain_words(x, o);
	} else {
		if (isatty(STDIN_FILENO))
			complain("explain: paste the lines, then Ctrl-D");
		if (explain_input(x, &err) != STATUS_OK) {
			result = complain_error(&err);
			goto out;
		}
	}
	if (o->json)
		explain_json(x, &page);
	else
		explain_page(x, &style, &page);
	output_write(&page);
	result = explain_len(x) > 0 ? EXIT_STATUS_DONE : EXIT_STATUS_USAGE;
out:
	buf_done(&page);
	explain_free(x);
	return output_status(result);
}
