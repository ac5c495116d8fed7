/* XML of any bytes: it is taken, or refused with one line. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "aws/xml.h"
#include "model/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t
weigh(const struct xml_node *n)
{
	size_t sum = 0;

	for (; n != NULL; n = n->next)
		sum += strlen(n->name) + strlen(n->text) + weigh(n->child);
	return sum;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct aws_error err = { .kind = AWS_FINE };
	struct arena *a = arena_new();
	const struct xml_node *root;

	if (xml_read(data, size, a, &root, &err) == STATUS_OK) {
		if (weigh(root) > size)
			abort();
	} else if (err.kind != AWS_ANSWER || (text_flags(text_of(err.message)) & TEXT_HOSTILE) != 0) {
		abort();
	}
	arena_free(a);
	return 0;
}
