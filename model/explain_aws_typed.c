/*
 * A line that somebody typed: commands of aws, each held against what can be wrong with it, or cat for certificates. A
 * command in which nothing is wrong is said to be fine, with what one must know of that operation.
 */
#include <ctype.h>
#include <string.h>

#include "model/explain_aws.h"
#include "model/explain_parts.h"

enum { COMMANDS = 6 /* of one line that are looked at */, CAT_BYTES = 1024 };

/* What is worth knowing of a command in which nothing is wrong. */
static const struct {
	const char *service, *operation, *with, *row;
} remarks[] = {
	{ "acm-pca", "issue-certificate", NULL, "aws-cli.right-issue" },
	{ "acm-pca", "get-certificate", NULL, "aws-cli.right-get" },
	{ "acm-pca", "get-certificate-authority-certificate", NULL, "aws-cli.right-ca-get" },
	{ "acm-pca", "revoke-certificate", NULL, "aws-cli.right-revoke" },
	{ "acm-pca", "update-certificate-authority", "--revocation-configuration", "aws-cli.right-bucket" },
	{ "acm", "list-certificates", NULL, "aws-cli.right-list" },
	{ "acm-pca", NULL, NULL, "aws-cli.right" },
	{ "acm", NULL, NULL, "aws-cli.right" },
	{ "apigateway", NULL, NULL, "aws-cli.right" },
	{ "apigatewayv2", NULL, NULL, "aws-cli.right" },
	{ "elbv2", NULL, NULL, "aws-cli.right" },
	{ "secretsmanager", NULL, NULL, "aws-cli.right" },
};

static const char *
remark_on(const struct aws_command *c)
{
	/* Prose has no hyphen and no option: "aws acm certificate". */
	if (strchr(c->operation, '-') == NULL && strcmp(c->operation, "wait") != 0)
		return NULL;
	for (size_t i = 0; i < sizeof remarks / sizeof remarks[0]; i++)
		if (aws_is(c, remarks[i].service, remarks[i].operation) && (remarks[i].with == NULL || aws_option(c, remarks[i].with) != NULL))
			return remarks[i].row;
	return NULL;
}

struct found_mistakes {
	struct typed *out;
	size_t len;
	struct arena *arena;
};

static void
add_mistake(struct found_mistakes *m, const char *row, struct buf *right)
{
	if (m->len < TYPED_MISTAKES) {
		m->out[m->len].row = row;
		m->out[m->len++].right = right != NULL && right->len > 0 ? arena_strdup(m->arena, buf_str(right)) : NULL;
	}
	if (right != NULL)
		buf_done(right);
}

static void
judge(struct found_mistakes *m, const struct aws_command *c)
{
	for (size_t i = 0; i < aws_mistakes_len; i++) {
		struct buf right = { 0 };

		if (!aws_mistakes[i].holds(c))
			continue;
		if (aws_mistakes[i].right != NULL)
			aws_mistakes[i].right(c, &right);
		add_mistake(m, aws_mistakes[i].row, &right);
	}
}

/* ---- cat chain.pem cert.pem >fullchain.pem ---- */

enum part { PART_OTHER, PART_LEAF, PART_CA, PART_ROOT };

/* What a file's name says that it holds. */
static enum part
part_of(const char *file)
{
	static const struct {
		const char *word;
		enum part part;
	} words[] = {
		{ "root", PART_ROOT }, { "chain", PART_CA }, { "ca", PART_CA }, { "cacert", PART_CA }, { "intermediate", PART_CA }, { "issuing", PART_CA }, { "bundle", PART_OTHER },
		{ "fullchain", PART_OTHER }, { "key", PART_OTHER }, { "cert", PART_LEAF }, { "certificate", PART_LEAF }, { "leaf", PART_LEAF }, { "server", PART_LEAF }, { "client", PART_LEAF }, { "crt", PART_LEAF },
	};
	const char *name = strrchr(file, '/') != NULL ? strrchr(file, '/') + 1 : file;

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		for (const char *at = name; (at = strstr(at, words[i].word)) != NULL; at++) {
			bool before = at > name && isalnum((unsigned char)at[-1]), after = isalpha((unsigned char)at[strlen(words[i].word)]);

			if (!before && !after)
				return words[i].part;
		}
	}
	return PART_OTHER;
}

static void
judge_cat(struct found_mistakes *m, struct text line)
{
	/* The reader wants a service and an operation: "aws cat cat" stands for "cat". */
	char *typed = arena_printf(m->arena, "aws cat cat %.*s", (int)(line.len < CAT_BYTES ? line.len : CAT_BYTES), (const char *)line.bytes);
	struct aws_command c;
	struct buf right = { 0 };
	size_t at = 0, leaf = 0, root = 0, first_ca = 0;

	if (!aws_command_next(text_of(typed), &at, &c, m->arena) || c.file == NULL)
		return;
	for (size_t i = 2; i < c.len; i++) {
		enum part p = part_of(c.words[i].plain);

		leaf = p == PART_LEAF && leaf == 0 ? i : leaf;
		root = p == PART_ROOT ? i : root;
		first_ca = p >= PART_CA && first_ca == 0 ? i : first_ca;
	}
	if (leaf == 0 || first_ca == 0 || (leaf < first_ca && root == 0))
		return;
	buf_adds(&right, "cat ");
	right_word(&right, c.words[leaf].raw);
	for (size_t i = 2; i < c.len; i++) {
		if (i == leaf || i == root)
			continue;
		buf_addc(&right, ' ');
		right_word(&right, c.words[i].raw);
	}
	buf_adds(&right, " >");
	right_word(&right, c.file_raw);
	add_mistake(m, first_ca < leaf ? "aws-cli.chain-first" : "aws-cli.root-served", &right);
}

/* ---- a line ---- */

/* "$ cat …", "cat …". */
static bool
is_cat(struct text *line)
{
	while (line->len > 0 && (line->bytes[0] == '$' || line->bytes[0] == '#' || line->bytes[0] == ' ')) {
		line->bytes++;
		line->len--;
	}
	if (line->len < 5 || memcmp(line->bytes, "cat ", 4) != 0)
		return false;
	line->bytes += 4;
	line->len -= 4;
	return true;
}

size_t
aws_typed(struct text line, struct typed out[TYPED_MISTAKES], struct arena *a)
{
	struct found_mistakes m = { .out = out, .arena = a };
	const char *remark = NULL;
	struct aws_command c;
	bool issued = false;
	size_t at = 0, n = 0;

	if (is_cat(&line)) {
		judge_cat(&m, line);
		return m.len;
	}
	for (; n < COMMANDS && aws_command_next(line, &at, &c, a); n++) {
		bool inner = aws_is(&c, "acm-pca", "get-certificate") && aws_option(&c, "--certificate-arn") != NULL &&
		    strstr(aws_option(&c, "--certificate-arn"), "issue-certificate") != NULL;

		judge(&m, &c);
		if (inner || (issued && aws_is(&c, "acm-pca", "get-certificate")))
			add_mistake(&m, "aws-cli.get-at-once", NULL);
		issued = (issued || aws_is(&c, "acm-pca", "issue-certificate")) && !aws_is(&c, "acm-pca", "wait") && !aws_is(&c, "acm-pca", "get-certificate");
		remark = remark != NULL ? remark : remark_on(&c);
	}
	if (m.len == 0 && remark != NULL)
		add_mistake(&m, remark, NULL);
	return m.len;
}

bool
aws_typed_goes_on(struct text line)
{
	size_t begin = 0;

	if (line.len == 0 || line.bytes[line.len - 1] != '\\')
		return false;
	for (; begin + 4 <= line.len; begin++)
		if (memcmp(line.bytes + begin, "aws ", 4) == 0)
			return true;
	return false;
}
