#include "model/explain_aws.h"

#include <ctype.h>
#include <string.h>

#include "model/text.h"

void
right_word(struct buf *b, const char *word)
{
	(void)text_safe(b, text_of(word), 0);
}

void
right_go_on(struct buf *b, const struct aws_command *c, const char *what)
{
	static const char *const globals[] = { "--profile", "--region", "--endpoint-url" };

	buf_adds(b, "aws");
	for (size_t i = 0; i < sizeof globals / sizeof globals[0]; i++) {
		const char *value = aws_option_raw(c, globals[i]);

		if (value == NULL || *value == '\0')
			continue;
		buf_addf(b, " %s ", globals[i]);
		right_word(b, value);
	}
	buf_addf(b, " %s", what);
}

void
right_begin(struct buf *b, const struct aws_command *c, const char *what)
{
	if (b->len > 0)
		buf_addc(b, '\n');
	right_go_on(b, c, what);
}

void
right_option(struct buf *b, const char *name, const char *value)
{
	buf_addf(b, " \\\n    %s ", name);
	right_word(b, value);
}

void
right_keep(struct buf *b, const struct aws_command *c, const char *name, const char *otherwise)
{
	const char *value = aws_option_raw(c, name);

	right_option(b, name, value != NULL && *value != '\0' ? value : otherwise);
}

void
right_query(struct buf *b, const char *field, const char *file)
{
	buf_addf(b, " \\\n    --query %s --output text", field);
	if (file == NULL)
		return;
	buf_adds(b, " >");
	right_word(b, file);
}

bool
aws_is_blob(const struct aws_command *c, const char *option)
{
	static const char *const blobs[][3] = {
		{ "acm-pca", "issue-certificate", "--csr" },
		{ "acm-pca", "import-certificate-authority-certificate", "--certificate" },
		{ "acm-pca", "import-certificate-authority-certificate", "--certificate-chain" },
		{ "acm", "import-certificate", "--certificate" },
		{ "acm", "import-certificate", "--private-key" },
		{ "acm", "import-certificate", "--certificate-chain" },
		{ "acm", "export-certificate", "--passphrase" },
		{ "secretsmanager", NULL, "--secret-binary" },
		{ "kms", "encrypt", "--plaintext" },
	};
	size_t len = strcspn(option, "=");

	for (size_t i = 0; i < sizeof blobs / sizeof blobs[0]; i++)
		if (aws_is(c, blobs[i][0], blobs[i][1]) && strlen(blobs[i][2]) == len && strncmp(option, blobs[i][2], len) == 0)
			return true;
	return false;
}

void
right_retype(struct buf *b, const struct aws_command *c, const char *const without[])
{
	bool dropped = false, blob = false;

	buf_adds(b, b->len > 0 ? "\naws" : "aws");
	for (size_t i = 0; i < c->len; i++) {
		const char *raw = c->words[i].raw, *plain = c->words[i].plain, *file;
		bool option = strncmp(plain, "--", 2) == 0;

		if (option) {
			dropped = false;
			for (size_t k = 0; without != NULL && without[k] != NULL; k++)
				dropped = dropped || strcmp(plain, without[k]) == 0;
			blob = aws_is_blob(c, plain);
		}
		if (dropped)
			continue;
		buf_adds(b, option && i > 1 ? " \\\n    " : " ");
		file = blob ? strstr(raw, "file://") : NULL;
		if (file == NULL || (file > raw && isalpha((unsigned char)file[-1]))) {
			right_word(b, raw);
			continue;
		}
		right_word(b, arena_strndup(c->arena, raw, (size_t)(file - raw)));
		buf_adds(b, "fileb");
		right_word(b, file + strlen("file"));
	}
}
