#include <string.h>

#include "cli/option_table.h"
#include "model/text.h"

static const struct {
	const char *status, *meaning;
	bool verdict; /* only of commands that judge */
	bool aws;     /* only of commands that ask AWS */
} statuses[] = {
	{ "0", "done; no finding at or above --fail-on", true, false },
	{ "1", "several targets fail, and their classes differ", true, false },
	{ "2", "wrong usage, or an input that cannot be read", false, false },
	{ "3", "network: not resolved, refused, timed out, reset, not TLS", true, false },
	{ "4", "protocol: no common version, cipher, group, signature algorithm or ALPN", true, false },
	{ "5", "the server's certificate or chain", true, false },
	{ "6", "the client's certificate", true, false },
	{ "7", "a clock", true, false },
	{ "8", "client certificates are not asked for, or not verified", true, false },
	{ "9", "AWS or the private CA refused or failed", false, true },
	{ "10", "not done: declined, or a plan that stopped; it says what stands", false, true },
	{ "11", "this machine: disk full, no memory, an error of ours", false, false },
	{ "129, 130, 143", "hang-up, interrupted, terminated", false, false },
};

/* It carries out plans. */
static bool
takes_apply(enum command c)
{
	for (size_t i = 0; i < option_table_len; i++) {
		if (option_table[i].name != NULL && strcmp(option_table[i].name, "apply") == 0)
			return (option_table[i].commands & FOR(c)) != 0;
	}
	return false;
}

static void
pad(struct buf *out, size_t from, size_t to)
{
	for (; from < to; from++)
		buf_addc(out, ' ');
}

/* `text` in a column that begins at `left`; the line is at column `at` now. */
static void
column(struct buf *out, const char *text, size_t at, size_t left, size_t columns)
{
	size_t used = left;

	pad(out, at, left);
	for (const char *word = text; *word != '\0';) {
		size_t len = strcspn(word, " ");
		char piece[64];
		size_t copy = len < sizeof piece - 1 ? len : sizeof piece - 1;
		memcpy(piece, word, copy);
		piece[copy] = '\0';
		size_t wide = text_columns(piece);
		if (used > left && used + 1 + wide > columns) {
			buf_addc(out, '\n');
			pad(out, 0, left);
			used = left;
		} else if (used > left) {
			buf_addc(out, ' ');
			used++;
		}
		buf_add(out, word, len);
		used += wide;
		word += len;
		word += strspn(word, " ");
	}
	buf_addc(out, '\n');
}

static void
list_commands(struct buf *out, size_t columns)
{
	buf_adds(out, "\nCommands:\n");
	for (size_t i = 0; i < command_table_len; i++) {
		const struct command_info *c = &command_table[i];
		if (c->command == COMMAND_LATER || strchr(c->name, ' ') != NULL)
			continue;
		buf_addf(out, "  %s", c->name);
		column(out, c->help, 2 + strlen(c->name), 12, columns);
	}
	buf_addc(out, '\n');
	column(out, "Without a command the console opens on the targets, else on the configured fleet. Where standard "
	    "output is no terminal, it does what check does. mtlscope COMMAND --help lists a command's options.", 0, 2, columns);
}

/* The words of `pca`. */
static void
list_words(struct buf *out, const struct command_info *of, size_t columns)
{
	size_t len = strlen(of->name);

	buf_adds(out, "\nWords:\n");
	for (size_t i = 0; i < command_table_len; i++) {
		const struct command_info *c = &command_table[i];

		if (strncmp(c->name, of->name, len) != 0 || c->name[len] != ' ')
			continue;
		buf_addf(out, "  %s", c->name + len + 1);
		column(out, c->help, 2 + strlen(c->name + len + 1), 12, columns);
	}
}

static void
list_options(struct buf *out, uint64_t commands, size_t columns)
{
	bool curl = false;

	buf_adds(out, "\nOptions:\n");
	for (size_t i = 0; i < option_table_len; i++) {
		const struct option_row *r = &option_table[i];
		if ((r->commands & commands) == 0 || r->help == NULL) {
			curl = curl || (r->kind == OPTION_IGNORED && (r->commands & commands) != 0);
			continue;
		}
		char names[64];
		struct buf b = { 0 };
		buf_adds(&b, "  ");
		if (r->letter != 0)
			buf_addf(&b, "-%c, ", r->letter);
		buf_addf(&b, "--%s%s%s", r->name, r->argument != NULL ? " " : "",
		    r->argument != NULL ? r->argument : "");
		size_t len = b.len < sizeof names - 1 ? b.len : sizeof names - 1;
		memcpy(names, buf_str(&b), len);
		names[len] = '\0';
		buf_done(&b);
		buf_adds(out, names);
		column(out, r->help, text_columns(names), 31, columns);
	}
	if (curl) {
		buf_addc(out, '\n');
		column(out, "A pasted curl line works: a leading “curl” is skipped, and -k -s -S -L -i -I -f -o -H -X -d -v "
		    "(and the like) are accepted and not acted on.", 0, 2, columns);
	}
}

void
options_help(enum command command, size_t columns, struct buf *out)
{
	const struct command_info *c = NULL;

	for (size_t i = 0; i < command_table_len && command != COMMAND_NONE && command != COMMAND_HELP; i++) {
		if (command_table[i].command == command)
			c = &command_table[i];
	}
	if (c == NULL) {
		buf_adds(out, "mtlscope tells why a mutual-TLS handshake fails, and what shows it.\n");
		buf_adds(out, "\nUsage:\n"
		    "  mtlscope HOST:PORT --cert order.crt --key order.key --cacert root.pem\n"
		    "  mtlscope                the console on the configured fleet\n"
		    "  mtlscope COMMAND …\n");
		list_commands(out, columns);
	} else {
		buf_addf(out, "mtlscope %s %s%s[OPTIONS]\n  %s.\n", c->name, c->arguments,
		    c->arguments[0] != '\0' ? " " : "", c->help);
		if (c->about != NULL) {
			buf_addc(out, '\n');
			column(out, c->about, 0, 2, columns);
		}
	}
	if (c != NULL && c->command == COMMAND_PCA)
		list_words(out, c, columns);
	list_options(out, FOR(c != NULL ? c->command : COMMAND_CHECK), columns);
	buf_adds(out, "\nExit status:\n");
	bool judges = c == NULL || c->command == COMMAND_CHECK || c->command == COMMAND_INSPECT;
	bool asks = c == NULL || strncmp(c->name, "pca", 3) == 0 || takes_apply(c->command);
	if (!judges)
		buf_adds(out, "  0              done\n");
	for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
		if ((statuses[i].verdict && !judges) || (statuses[i].aws && !asks))
			continue;
		buf_addf(out, "  %s", statuses[i].status);
		column(out, statuses[i].meaning, 2 + strlen(statuses[i].status), 17, columns);
	}
}
