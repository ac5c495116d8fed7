/* All handshakes of an examination as a script to read and to take lines from: what each was, and the line of each tool. */
#include "model/reproduce.h"

#include "model/experiment.h"

typedef bool line_of(const struct evidence *e, const struct handshake *h, struct buf *out, const char **remark);

static void
add_line(const struct evidence *e, const struct handshake *h, const char *tool, line_of *of, struct buf *out)
{
	const char *remark = NULL;
	struct buf line = { 0 };

	if (!of(e, h, &line, &remark))
		buf_addf(out, "# %s cannot: %s\n", tool, remark);
	else if (remark != NULL)
		buf_addf(out, "# %s: %s\n%s\n", tool, remark, buf_str(&line));
	else
		buf_addf(out, "%s\n", buf_str(&line));
	buf_done(&line);
}

void
reproduce_every(const struct evidence *e, struct buf *out)
{
	for (size_t i = 0; i < e->handshakes_len; i++) {
		const struct handshake *h = e->handshakes[i];
		const struct experiment *x = experiment_named(h->experiment);

		buf_addf(out, "%s# %s: %s\n", i > 0 ? "\n" : "", h->id, x != NULL ? x->words : h->experiment);
		add_line(e, h, "openssl", reproduce_openssl_of, out);
		add_line(e, h, "curl", reproduce_curl_of, out);
	}
}
