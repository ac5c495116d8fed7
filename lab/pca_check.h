/*
 * What AWS's front end demands of a request before the private CA sees it: types, lengths, ranges, patterns, words. A table
 * (lab/pca_shapes.c, out of AWS's own service model) and what walks it (lab/pca_check.c).
 */
#ifndef LAB_PCA_CHECK_H
#define LAB_PCA_CHECK_H

#include "lab/cloud.h"

enum pca_kind { PCA_TEXT, PCA_NUMBER, PCA_FLAG, PCA_BLOB, PCA_LIST, PCA_STRUCT };

/* A regular expression of the model: as it is told, and as it is checked. */
struct pca_pattern {
	const char *text;
	const char *characters;           /* all that may be in it; NULL: `matches` decides */
	bool (*matches)(const char *);
};

struct pca_shape;
struct pca_member {
	const char *name;                 /* NULL ends */
	const struct pca_shape *shape;
	bool required;
};
struct pca_shape {
	enum pca_kind kind;
	int64_t min, max;                 /* characters, elements, or the value; max 0: no bound */
	const char *values;               /* "ROOT SUBORDINATE" */
	const struct pca_pattern *pattern;
	const struct pca_member *members;
	const struct pca_shape *of;       /* a list's */
};
struct pca_input {
	const char *operation;
	const struct pca_member *members;
};
extern const struct pca_input pca_inputs[];
extern const size_t pca_inputs_len;   /* 23 */
extern const struct pca_pattern like_country_code_string, like_asn1_printable_string64, like_custom_object_identifier, like_cname_string,
    like_s3_bucket_name3_to255, like_crl_path_string, like_idempotency_token, like_tag_key, like_arn, like_principal, like_account_id,
    like_audit_report_id, like_base64_string1_to4096, like_awspolicy;

/* False: the reply is ValidationException or SerializationException in AWS's words. */
bool pca_check_input(const struct cloud_request *q, const struct pca_input *input, struct cloud_reply *p);

#endif
