#include "cli/options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/option_table.h"
#include "cli/option_values.h"
#include "model/memory.h"
#include "model/spelling.h"
#include "model/quote.h"
#include "model/text.h"
#include "tui/walkthrough.h"

/* An option as it was met; applied once it is known which command it is for. */
struct met {
	const struct option_row *row;
	char *value;
	char letter; /* how it was typed: 0 for the long name */
};

struct parser {
	struct options *o;
	char **argv;
	int argc, at;
	struct met *met;
	size_t met_len;
	char **words; /* operands, the command among them */
	size_t words_len;
};

const struct command_info *
command_named(const char *name)
{
	for (size_t i = 0; i < command_table_len; i++) {
		if (strcmp(command_table[i].name, name) == 0)
			return &command_table[i];
	}
	return NULL;
}

static const struct option_row *
row_named(const char *name, size_t len)
{
	for (size_t i = 0; i < option_table_len; i++) {
		const char *n = option_table[i].name;
		if (n != NULL && strlen(n) == len && strncmp(n, name, len) == 0)
			return &option_table[i];
	}
	return NULL;
}

static const struct option_row *
row_lettered(char letter)
{
	for (size_t i = 0; i < option_table_len; i++) {
		if (option_table[i].letter == letter)
			return &option_table[i];
	}
	return NULL;
}

char *
options_keep(struct options *o, const char *s)
{
	o->owned = mem_grow(o->owned, o->owned_len + 1, sizeof *o->owned);
	o->owned[o->owned_len] = mem_strdup(s);
	return o->owned[o->owned_len++];
}

/* The nearest known name to what was typed, or NULL where nothing is near. For options without dashes. */
static const char *
nearest_option(const char *typed)
{
	const char *best = NULL;
	unsigned best_distance = spelling_near(typed) + 1;

	for (size_t i = 0; i < option_table_len; i++) {
		const struct option_row *r = &option_table[i];
		if (r->name == NULL || r->kind == OPTION_IGNORED)
			continue;
		unsigned d = spelling_distance_to(typed, r->name);
		if (d < best_distance) {
			best_distance = d;
			best = r->name;
		}
	}
	return best;
}

const char *
nearest_command(const char *typed)
{
	for (size_t i = 0; i < command_table_len; i++) {
		if (spelling_distance(typed, command_table[i].name) == 1 && strlen(typed) > 2)
			return command_table[i].name;
	}
	return NULL;
}

/* "--cert" or "-E": as it is called in messages. */
static void
spelling(const struct met *m, char out[48])
{
	struct buf b = { 0 };

	if (m->letter != 0)
		buf_addf(&b, "-%c", m->letter);
	else
		buf_addf(&b, "--%s", m->row->name);
	size_t len = b.len < 47 ? b.len : 47;
	memcpy(out, buf_str(&b), len);
	out[len] = '\0';
	buf_done(&b);
}

static void
meet(struct parser *p, const struct option_row *row, char *value, char letter)
{
	p->met = mem_grow(p->met, p->met_len + 1, sizeof *p->met);
	p->met[p->met_len++] = (struct met){ .row = row, .value = value, .letter = letter };
}

static status
parse_long(struct parser *p, char *word, struct error *err)
{
	char *name = word + 2;
	char *equals = strchr(name, '=');
	size_t len = equals != NULL ? (size_t)(equals - name) : strlen(name);
	const struct option_row *row = row_named(name, len);

	if (row == NULL) {
		char typed[41] = "";
		if (len < sizeof typed)
			memcpy(typed, name, len);
		const char *near = nearest_option(typed);
		if (equals != NULL)
			*equals = '\0';
		if (near != NULL)
			return error_set(err, ERROR_USAGE, "options", "%s: no such option; did you mean --%s?",
			    printable(word), near);
		return error_set(err, ERROR_USAGE, "options", "%s: no such option; --help lists them",
		    printable(word));
	}
	if (row->kind == OPTION_LATER)
		return error_set(err, ERROR_USAGE, "options", "--%s: not in this version yet", row->name);
	if (row->argument == NULL && equals != NULL)
		return error_set(err, ERROR_USAGE, "options", "--%s takes no value", row->name);
	char *value = equals != NULL ? equals + 1 : NULL;
	if (row->argument != NULL && value == NULL) {
		if (p->at >= p->argc)
			return error_set(err, ERROR_USAGE, "options", "--%s needs a value: --%s %s", row->name,
			    row->name, row->argument);
		value = p->argv[p->at++];
	}
	meet(p, row, value, 0);
	return STATUS_OK;
}

/* Names the spelling that works, with the value that was given where the next word is one. */
static status
refuse_foreign(const struct parser *p, const char *word, struct error *err)
{
	const char *next = p->at < p->argc ? p->argv[p->at] : NULL;

	for (size_t i = 0; i < foreign_words_len; i++) {
		const struct foreign_word *f = &foreign_words[i];
		if (strcmp(word, f->word) != 0)
			continue;
		if (f->argument == NULL || next == NULL || next[0] == '-' || strcmp(word, "-pass") == 0)
			return error_set(err, ERROR_USAGE, "options", "%s is openssl's spelling; here it is %s%s%s", word,
			    f->instead, f->argument != NULL ? " " : "", f->argument != NULL ? f->argument : "");
		return error_set(err, ERROR_USAGE, "options", "%s is openssl's spelling; here it is %s %s", word,
		    f->instead, printable(next));
	}
	return STATUS_OK;
}

/* "-kE cert.pem", "-Ecert.pem": letters without a value may stand together, the last may take one. */
static status
parse_short(struct parser *p, char *word, struct error *err)
{
	for (char *letter = word + 1; *letter != '\0'; letter++) {
		const struct option_row *row = row_lettered(*letter);
		if (row == NULL) {
			size_t len = strlen(word + 1);
			const struct option_row *twin = len > 1 ? row_named(word + 1, len) : NULL;
			const char *near = len > 2 && len <= 40 ? nearest_option(word + 1) : NULL;
			if (twin != NULL || near != NULL)
				return error_set(err, ERROR_USAGE, "options", "%s: no such option; did you mean --%s?",
				    printable(word), twin != NULL ? twin->name : near);
			return error_set(err, ERROR_USAGE, "options", "%s: no such option; --help lists them",
			    printable(word));
		}
		if (row->kind == OPTION_LATER)
			return error_set(err, ERROR_USAGE, "options", "-%c (--%s): not in this version yet", *letter,
			    row->name);
		if (row->argument == NULL) {
			meet(p, row, NULL, *letter);
			continue;
		}
		char *value = letter[1] != '\0' ? letter + 1 : NULL;
		if (value == NULL) {
			if (p->at >= p->argc)
				return error_set(err, ERROR_USAGE, "options", "-%c needs a value: -%c %s", *letter,
				    *letter, row->argument);
			value = p->argv[p->at++];
		}
		meet(p, row, value, *letter);
		break;
	}
	return STATUS_OK;
}

/* `explain aws …`: what follows are another program's options. */
static bool
is_pasted(const struct parser *p)
{
	return p->words_len == 2 && strcmp(p->words[0], "explain") == 0 && strcmp(p->words[1], "aws") == 0;
}

static status
parse_words(struct parser *p, struct error *err)
{
	bool only_operands = false;

	while (p->at < p->argc) {
		char *word = p->argv[p->at++];
		if (only_operands || word[0] != '-' || word[1] == '\0') {
			p->words = mem_grow(p->words, p->words_len + 1, sizeof *p->words);
			p->words[p->words_len++] = word;
			only_operands = only_operands || is_pasted(p);
			continue;
		}
		if (strcmp(word, "--") == 0) {
			only_operands = true;
			continue;
		}
		if (word[1] == '-') {
			if (parse_long(p, word, err) != STATUS_OK)
				return STATUS_FAILED;
			continue;
		}
		if (refuse_foreign(p, word, err) != STATUS_OK || parse_short(p, word, err) != STATUS_OK)
			return STATUS_FAILED;
	}
	return STATUS_OK;
}

/* `pca tree`: the second word says which command it is. Alone, or with a word that is none, it says what there is. */
static status
find_word(struct parser *p, size_t *first, struct error *err)
{
	struct options *o = p->o;
	const char *word = p->words_len > 1 ? p->words[1] : NULL, *near = NULL;
	struct buf all = { 0 };
	status result;

	o->command = COMMAND_PCA;
	*first = 1;
	for (size_t i = 0; i < command_table_len; i++) {
		const char *name = strchr(command_table[i].name, ' ');

		if (name == NULL)
			continue;
		buf_addf(&all, "%s%s", all.len > 0 ? ", " : "", name + 1);
		if (word != NULL && strcmp(word, name + 1) == 0) {
			o->command = command_table[i].command;
			*first = 2;
		} else if (word != NULL && spelling_distance(word, name + 1) == 1) {
			near = name + 1;
		}
	}
	if (o->command != COMMAND_PCA || (word == NULL && o->help))
		result = STATUS_OK;
	else if (word == NULL)
		result = error_set(err, ERROR_USAGE, "options", "pca needs a word: %s", all.data);
	else if (near != NULL)
		result = error_set(err, ERROR_USAGE, "options", "pca %s: no such command; did you mean pca %s?", printable(word), near);
	else
		result = error_set(err, ERROR_USAGE, "options", "pca %s: no such command; there are %s", printable(word), all.data);
	buf_done(&all);
	return result;
}

/* The first word is a command, or a target that is checked. A pasted line begins with `curl`. */
static status
find_command(struct parser *p, size_t *first, struct error *err)
{
	struct options *o = p->o;
	const struct command_info *c = NULL;

	*first = 0;
	if (p->words_len == 0) {
		o->console = true;
		o->command = o->help || o->version ? COMMAND_NONE : COMMAND_CHECK;
		return STATUS_OK;
	}
	if (strcmp(p->words[0], "curl") == 0)
		*first = 1;
	else
		c = command_named(p->words[0]);
	if (c != NULL && c->command == COMMAND_PCA)
		return find_word(p, first, err);
	if (c != NULL && c->command == COMMAND_LATER)
		return error_set(err, ERROR_USAGE, "options", "%s: not in this version yet", c->name);
	o->command = c != NULL ? c->command : COMMAND_CHECK;
	o->console = c == NULL;
	/* `chekc HOST`: a host may be called so, hence it is a remark and no refusal. */
	if (c == NULL && *first == 0 && p->words_len > 1 && strpbrk(p->words[0], ".:/[") == NULL)
		o->maybe_command = nearest_command(p->words[0]);
	if (c != NULL)
		*first = 1;
	if ((o->command == COMMAND_CHECK || o->command == COMMAND_FIX) && *first < p->words_len && c != NULL &&
	    strcmp(p->words[*first], "curl") == 0)
		(*first)++;
	return STATUS_OK;
}

static status
apply(struct parser *p, const struct met *m, struct error *err)
{
	struct options *o = p->o;
	const struct option_row *r = m->row;
	char *field = (char *)o + r->offset;
	unsigned n = 0;

	/* An empty passphrase is one; curl's own values are not looked at. */
	if (m->value != NULL && m->value[0] == '\0' && r->kind != OPTION_IGNORED && !r->secret)
		return error_set(err, ERROR_USAGE, "options", "--%s: the value is empty", r->name);
	switch (r->kind) {
	case OPTION_FLAG:
		*(bool *)field = true;
		return STATUS_OK;
	case OPTION_STRING:
		*(const char **)(void *)field = m->value;
		return STATUS_OK;
	case OPTION_NUMBER:
		return value_number(r->name, m->value, r->min, r->max, (unsigned *)(void *)field, err);
	case OPTION_DAYS:
		if (value_number(r->name, m->value, r->min, r->max, &n, err) != STATUS_OK)
			return STATUS_FAILED;
		*(int *)(void *)field = (int)n;
		*(bool *)((char *)o + r->given) = true;
		return STATUS_OK;
	case OPTION_SECONDS:
		if (r->given != 0)
			*(bool *)((char *)o + r->given) = true;
		return value_seconds(r->name, m->value, (unsigned *)(void *)field, err);
	case OPTION_SPECIAL:
		return r->apply(o, r, m->value, err);
	case OPTION_IGNORED: {
		char name[48];
		spelling(m, name);
		buf_addf(&o->ignored, "%s%s", o->ignored.len > 0 ? ", " : "", name);
		return STATUS_OK;
	}
	case OPTION_LATER: break;
	}
	return error_set(err, ERROR_INTERNAL, "options", "--%s is in no table", r->name);
}

/* What the mend line repeats: all but secrets, other targets and the manner of printing. */
static void
retype(struct options *o, const struct met *m)
{
	const struct option_row *r = m->row;

	if (r->secret || r->not_retyped || r->kind == OPTION_IGNORED || r == row_named("help", 4))
		return;
	if (o->retype.len > 0)
		buf_addc(&o->retype, ' ');
	buf_addf(&o->retype, "--%s", r->name);
	if (m->value != NULL) {
		buf_addc(&o->retype, ' ');
		/* curl's FILE:PASSPHRASE and a proxy's login were taken apart: neither is repeated. */
		shell_quote(&o->retype, r->apply == apply_cert ? o->cert : r->apply == apply_proxy ? o->proxy.shown : m->value);
	}
}

/* "--apply: check has no such option; fix, renew, undo and others have": where to type it instead. */
static status
refuse_option(const struct options *o, const struct met *m, struct error *err)
{
	enum { NAMED = 3 };
	const char *name = "mtlscope without a target";
	struct buf who = { 0 };
	size_t have = 0;
	char typed[48];
	status result;

	spelling(m, typed);
	for (size_t i = 0; i < command_table_len; i++) {
		const struct command_info *c = &command_table[i];
		if (c->command == o->command)
			name = c->name;
		if ((m->row->commands & FOR(c->command)) != 0 && have++ < NAMED)
			buf_addf(&who, "%s%s", have > 1 ? ", " : "", c->name);
	}
	if ((m->row->commands & FOR(COMMAND_CHECK)) != 0)
		result = error_set(err, ERROR_USAGE, "options", "%s: %s has no such option; check has", typed, name);
	else
		result = error_set(err, ERROR_USAGE, "options", "%s: %s has no such option; %s%s %s", typed, name, buf_str(&who),
		    have > NAMED ? " and others" : "", have == 1 ? "has" : "have");
	buf_done(&who);
	return result;
}

static status
apply_all(struct parser *p, struct error *err)
{
	struct options *o = p->o;

	for (size_t i = 0; i < p->met_len; i++) {
		const struct met *m = &p->met[i];
		if ((m->row->commands & FOR(o->command)) == 0)
			return refuse_option(o, m, err);
		if (apply(p, m, err) != STATUS_OK)
			return STATUS_FAILED;
		retype(o, m);
	}
	return STATUS_OK;
}

static bool
all_digits(const char *s)
{
	return s[0] != '\0' && s[strspn(s, "0123456789")] == '\0';
}

/* What only shows once everything is read. */
static status
check_together(struct options *o, struct error *err)
{
	/* inspect looks at keys alone, pca issue and revoke have the certificate elsewhere. */
	bool as_identity = o->command == COMMAND_CHECK || o->command == COMMAND_FIX || o->command == COMMAND_LISTEN;

	if (o->key != NULL && o->cert == NULL && as_identity)
		return error_set(err, ERROR_USAGE, "options", "--key without --cert: a key alone is no identity");
	if (o->cacert != NULL && o->capath != NULL)
		return error_set(err, ERROR_USAGE, "options", "--cacert and --capath exclude each other");
	if (o->examine.quick && o->examine.deep)
		return error_set(err, ERROR_USAGE, "options", "--quick and --deep exclude each other");
	if (o->cert != NULL && o->identity != NULL)
		return error_set(err, ERROR_USAGE, "options", "--cert and --identity exclude each other");
	uint16_t max = o->examine.max_version, min = o->examine.min_version;
	if (max != 0 && min > max)
		return error_set(err, ERROR_USAGE, "options", "--tls-max is below the lowest version asked for");
	if (max != 0 && max < 0x0303 && min == 0)
		o->examine.min_version = 0x0301;
	if (o->http11 && o->http2)
		return error_set(err, ERROR_USAGE, "options", "--http1.1 and --http2 exclude each other");
	if (o->http2 && o->examine.alpn == NULL)
		o->examine.alpn = "h2,http/1.1";
	if (o->http11 && o->examine.alpn == NULL)
		o->examine.alpn = "http/1.1";
	for (size_t i = 1; (o->command == COMMAND_CHECK || o->command == COMMAND_FIX) && i < o->operands_len; i++) {
		if (i == 1 && o->maybe_command != NULL && all_digits(o->operands[1]))
			return error_set(err, ERROR_USAGE, "options", "%s: no such command; did you mean %s? (a host and its port are written as %s:%s)",
			    options_keep(o, printable(o->operands[0])), o->maybe_command, options_keep(o, printable(o->operands[0])),
			    options_keep(o, printable(o->operands[1])));
		if (all_digits(o->operands[i]))
			return error_set(err, ERROR_USAGE, "options", "%s %s: write host and port as %s:%s",
			    options_keep(o, printable(o->operands[i - 1])), options_keep(o, printable(o->operands[i])),
			    options_keep(o, printable(o->operands[i - 1])), options_keep(o, printable(o->operands[i])));
	}
	return STATUS_OK;
}

status
options_parse(int argc, char **argv, struct options *out, struct error *err)
{
	struct parser p = { .o = out, .argv = argv, .argc = argc, .at = 1 };
	size_t first = 0;
	status result = STATUS_FAILED;

	*out = (struct options){ .fail_on = SEVERITY_ERROR, .examine = examine_defaults, .pace_ms = WALK_PACE_MS };
	if (parse_words(&p, err) != STATUS_OK)
		goto out;
	/* Help is given whatever else was typed. */
	for (size_t i = 0; i < p.met_len; i++) {
		out->help = out->help || p.met[i].row->letter == 'h';
		out->version = out->version || p.met[i].row->letter == 'V';
	}
	if (find_command(&p, &first, err) != STATUS_OK)
		goto out;
	for (size_t i = first; i < p.words_len; i++) {
		out->operands = mem_grow(out->operands, out->operands_len + 1, sizeof *out->operands);
		out->operands[out->operands_len++] = p.words[i];
	}
	if (out->help || out->version)
		result = STATUS_OK;
	else if (apply_all(&p, err) == STATUS_OK)
		result = check_together(out, err);
out:
	free(p.met);
	free(p.words);
	return result;
}

void
options_done(struct options *o)
{
	for (size_t i = 0; i < o->owned_len; i++)
		free(o->owned[i]);
	for (size_t i = 0; i < o->redirects_len; i++)
		free(o->redirects[i].addresses);
	free(o->owned);
	free(o->redirects);
	free(o->operands);
	free(o->targets_files);
	passphrase_done(&o->passphrase);
	proxy_done(&o->proxy);
	proxy_done(&o->https_proxy);
	buf_done(&o->ignored);
	buf_done(&o->retype);
	*o = (struct options){ 0 };
}
