/* Where AWS's trust stores come from: what the makers of their steps ask S3, and how a shell puts a bundle there. */
#include <string.h>

#include "aws/s3.h"
#include "fixes/aws_line.h"
#include "fixes/trust_parts.h"

bool
trust_split_uri(struct plan *p, const char *uri, const char **bucket, const char **key)
{
	const char *slash = strncmp(uri, "s3://", 5) == 0 ? strchr(uri + 5, '/') : NULL;

	if (slash == NULL || slash == uri + 5 || slash[1] == '\0')
		return false;
	*bucket = arena_strndup(p->arena, uri + 5, (size_t)(slash - uri) - 5);
	*key = arena_strdup(p->arena, slash + 1);
	return true;
}

const char *
trust_put_line(struct plan *p, const char *variable, const char *bucket, const char *key, const char *file)
{
	struct aws_line l;

	aws_line_begin(&l, &p->place, variable, "s3api put-object");
	aws_line_option(&l, "--bucket", bucket);
	aws_line_option(&l, "--key", key);
	aws_line_option(&l, "--content-type", "application/x-pem-file");
	aws_line_option(&l, "--body", file);
	if (variable != NULL)
		aws_line_query(&l, "VersionId");
	return aws_line_end(&l, p, NULL);
}

/* knowledge "aws" 3, number 2: the REST API's has no option for it and takes patches; the HTTP API's wants capital letters. */
const char *
trust_domain_line(struct plan *p, bool http_api, const char *domain, const char *uri, bool versioned)
{
	struct aws_line l;

	aws_line_begin(&l, &p->place, NULL, http_api ? "apigatewayv2 update-domain-name" : "apigateway update-domain-name");
	aws_line_option(&l, "--domain-name", domain);
	if (http_api)
		aws_line_raw(&l, "--mutual-tls-authentication", plan_text(p, "%s%s", plan_word(p, plan_text(p, "TruststoreUri=%s", uri)),
		    versioned ? "\",TruststoreVersion=$VERSION\"" : ""));
	else if (versioned)
		aws_line_raw(&l, "--patch-operations", "\"op=replace,path=/mutualTlsAuthentication/truststoreVersion,value=$VERSION\"");
	else
		aws_line_option(&l, "--patch-operations", plan_text(p, "op=replace,path=/mutualTlsAuthentication/truststoreUri,value=%s", uri));
	return aws_line_end(&l, p, NULL);
}

bool
trust_versioned(struct plan *p, const char *bucket)
{
	enum s3_versioning versioning = S3_VERSIONING_NEVER;
	struct aws_error unimportant = { .kind = AWS_FINE };

	return s3_get_versioning(p->place.client, bucket, &versioning, &unimportant) == STATUS_OK && versioning == S3_VERSIONING_ENABLED;
}
