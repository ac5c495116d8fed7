/* What is typed for `mtlscope pca …`: a part of struct options. Strings point into the argument list. */
#ifndef CLI_PCA_WORDS_H
#define CLI_PCA_WORDS_H

#include <stdbool.h>
#include <stddef.h>

struct pca_words {
	/* where */
	const char *aws;           /* --aws: a section of the configuration */
	const char *profile, *region, *endpoint_url;
	const char *ca;            /* a CA by its ARN, its id or its name */

	/* the gate */
	bool apply, yes;

	/* which certificates, in what order */
	bool orphans, due, reverse;
	const char *filter, *sort;
	unsigned limit;            /* 0: not given */

	/* what is made */
	bool hierarchy, root, short_lived, ocsp, disable_root;
	const char *subject, *root_subject, *key_algorithm, *crl_bucket, *parent, *certificate;
	unsigned days, root_days;  /* 0: not given */
	bool server, client, keep_extensions, ca_path_length_given;
	int ca_path_length;
	const char *csr;
	const char *reason, *bucket, *format, *try_at;
	bool intermediates;
	const char *out;           /* a folder; bundle: a file */
};

#endif
