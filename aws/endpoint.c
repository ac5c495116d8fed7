#include "aws/endpoint.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "aws/address.h"

/* Partitions by the beginning of their regions' names, the longest first (botocore's partitions.json, 2026). */
static const struct partition {
	const char *regions, *name, *suffix, *dual_suffix;
} partitions[] = {
	{ "us-gov-", "aws-us-gov", "amazonaws.com", "api.aws" },
	{ "us-isob-", "aws-iso-b", "sc2s.sgov.gov", "api.aws.scloud" },
	{ "us-isof-", "aws-iso-f", "csp.hci.ic.gov", "api.aws.hci.ic.gov" },
	{ "eu-isoe-", "aws-iso-e", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk" },
	{ "us-iso-", "aws-iso", "c2s.ic.gov", "api.aws.ic.gov" },
	{ "eusc-", "aws-eusc", "amazonaws.eu", "api.amazonwebservices.eu" },
	{ "cn-", "aws-cn", "amazonaws.com.cn", "api.amazonwebservices.com.cn" },
	{ "", "aws", "amazonaws.com", "api.aws" },
};

/* Services whose names do not follow the rule (their endpoint rule sets in botocore). */
static const struct odd_name {
	const char *prefix;
	bool gov_is_fips;      /* in us-gov the plain name is the FIPS one */
	bool gov_dual_is_fips; /* with dual-stack as well */
	bool always_dual;      /* the plain name has IPv6 addresses, and there is no other */
} odd_names[] = {
	{ .prefix = "acm", .gov_is_fips = true },
	{ .prefix = "acm-pca", .gov_is_fips = true },
	{ .prefix = "ssm", .gov_is_fips = true },
	{ .prefix = "sts", .gov_is_fips = true },
	{ .prefix = "elasticloadbalancing", .gov_is_fips = true },
	{ .prefix = "monitoring", .gov_is_fips = true, .gov_dual_is_fips = true },
	{ .prefix = "events", .gov_is_fips = true, .gov_dual_is_fips = true },
	{ .prefix = "secretsmanager", .always_dual = true },
};

static const char *
env(const struct world *w, const char *name)
{
	const char *value = w->env(w->self, name);

	return value != NULL && value[0] != '\0' ? value : NULL;
}

static const struct partition *
partition_of(const char *region)
{
	const struct partition *p = partitions;

	while (strncmp(region, p->regions, strlen(p->regions)) != 0)
		p++;
	return p;
}

const char *
aws_partition(const char *region)
{
	return partition_of(region)->name;
}

const char *
aws_profile_in_force(const struct world *w, const char *named, bool *is_named)
{
	const char *profile = named != NULL ? named : env(w, "AWS_PROFILE");

	*is_named = profile != NULL;
	return profile != NULL ? profile : "default";
}

/* It becomes part of a host name: nothing else may be in it. */
static bool
can_be_region(const char *region)
{
	return region[0] != '\0' && strlen(region) < AWS_REGION_MAX &&
	    strspn(region, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(region);
}

status
aws_region_find(const struct world *w, const struct aws_profiles *p, const char *profile, const char *named, char out[AWS_REGION_MAX],
    struct aws_error *err)
{
	const char *region = named;

	out[0] = '\0';
	if (region == NULL)
		region = env(w, "AWS_REGION");
	if (region == NULL)
		region = env(w, "AWS_DEFAULT_REGION");
	if (region == NULL)
		region = aws_profile_get(p, profile, "region");
	if (region == NULL)
		return aws_error_set(err, AWS_NO_REGION, NULL, "no region: none was named, AWS_REGION and AWS_DEFAULT_REGION are not set, and the "
		    "profile “%.64s” has none", profile);
	if (!can_be_region(region))
		return aws_error_set(err, AWS_NO_REGION, NULL, "“%.64s” is no region: one is spelt like us-east-1", region);
	snprintf(out, AWS_REGION_MAX, "%s", region);
	return STATUS_OK;
}

const char *
aws_ca_bundle(const struct world *w, const struct aws_profiles *p, const char *profile)
{
	const char *bundle = env(w, "AWS_CA_BUNDLE");

	return bundle != NULL ? bundle : aws_profile_get(p, profile, "ca_bundle");
}

static bool
switched_on(const struct aws_place *place, const char *variable, const char *key)
{
	const char *value = env(place->world, variable);

	if (value == NULL)
		value = aws_profile_get(place->profiles, place->profile, key);
	return value != NULL && strcasecmp(value, "true") == 0;
}

/* What the user configured; from[64] says where. NULL: nothing. */
static const char *
configured_url(const struct aws_place *place, const struct aws_service *s, char from[64])
{
	const char *services = aws_profile_get(place->profiles, place->profile, "services"), *url = NULL;
	char key[96];

	snprintf(from, 64, "the endpoint's address");
	if (place->endpoint_url != NULL || switched_on(place, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls"))
		return place->endpoint_url;
	snprintf(from, 64, "AWS_ENDPOINT_URL_%s", s->id);
	if ((url = env(place->world, from)) != NULL)
		return url;
	snprintf(from, 64, "AWS_ENDPOINT_URL");
	if ((url = env(place->world, from)) != NULL)
		return url;
	snprintf(from, 64, "endpoint_url of the profile");
	if (services != NULL) {
		snprintf(key, sizeof key, "%s.endpoint_url", s->id);
		for (size_t i = 0; key[i] != '\0'; i++)
			if (key[i] >= 'A' && key[i] <= 'Z')
				key[i] = (char)(key[i] | 0x20);
		url = aws_profile_section_get(place->profiles, "services", services, key);
	}
	return url != NULL ? url : aws_profile_get(place->profiles, place->profile, "endpoint_url");
}

static bool
is_loopback(const char *host)
{
	size_t len = strlen(host);
	struct in_addr four;
	struct in6_addr six;
	char bare[64];

	if (strcasecmp(host, "localhost") == 0 || (len > 10 && strcasecmp(host + len - 10, ".localhost") == 0))
		return true;
	if (inet_pton(AF_INET, host, &four) == 1)
		return (ntohl(four.s_addr) >> 24) == 127;
	snprintf(bare, sizeof bare, "%.*s", (int)(len > 2 ? len - 2 : 0), host + 1); /* "[::1]" */
	return host[0] == '[' && inet_pton(AF_INET6, bare, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

/* Takes a user's address apart; false where it is none that can be called. */
static bool
take_apart(CURLU *u, const char *url, struct aws_endpoint *out)
{
	char *scheme = NULL, *host = NULL, *port = NULL, *path = NULL, *unwanted = NULL;
	bool good = false;

	if (strlen(url) >= AWS_URL_MAX / 2 || curl_url_set(u, CURLUPART_URL, url, 0) != CURLUE_OK ||
	    curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK || curl_url_get(u, CURLUPART_HOST, &host, 0) != CURLUE_OK ||
	    curl_url_get(u, CURLUPART_PATH, &path, 0) != CURLUE_OK)
		goto done;
	if ((strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0) || curl_url_get(u, CURLUPART_QUERY, &unwanted, 0) == CURLUE_OK ||
	    curl_url_get(u, CURLUPART_USER, &unwanted, 0) == CURLUE_OK || curl_url_get(u, CURLUPART_FRAGMENT, &unwanted, 0) == CURLUE_OK)
		goto done;
	good = true;
	curl_url_get(u, CURLUPART_PORT, &port, CURLU_NO_DEFAULT_PORT); /* as libcurl writes it into Host */
	snprintf(out->host, sizeof out->host, "%s%s%s", host, port != NULL ? ":" : "", port != NULL ? port : "");
	snprintf(out->path, sizeof out->path, "%s", path);
	for (size_t n = strlen(out->path); n > 0 && out->path[n - 1] == '/'; n--)
		out->path[n - 1] = '\0';
	good = snprintf(out->url, sizeof out->url, "%s://%s%s", scheme, out->host, out->path) < (int)sizeof out->url;
	out->loopback = is_loopback(host);
done:
	curl_free(scheme);
	curl_free(host);
	curl_free(port);
	curl_free(path);
	curl_free(unwanted);
	return good;
}

/* One label in front of the host: a dot in it would not match Amazon's wildcard certificate. */
static bool
can_be_label(const char *bucket)
{
	size_t len = strlen(bucket);

	return len >= 3 && len <= 63 && strspn(bucket, "abcdefghijklmnopqrstuvwxyz0123456789-") == len && bucket[0] != '-' &&
	    bucket[len - 1] != '-';
}

static void
own_host(const struct aws_place *place, const struct aws_service *s, const char *bucket, struct aws_endpoint *out)
{
	static const struct odd_name regular;
	const struct partition *p = partition_of(place->region);
	const struct odd_name *odd = &regular;
	bool fips = switched_on(place, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint");
	bool dual = switched_on(place, "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint");
	bool gov = strcmp(p->name, "aws-us-gov") == 0, s3 = strcmp(s->prefix, "s3") == 0;
	const char *suffix = dual ? p->dual_suffix : p->suffix;

	for (size_t i = 0; i < sizeof odd_names / sizeof odd_names[0]; i++)
		if (strcmp(odd_names[i].prefix, s->prefix) == 0)
			odd = &odd_names[i];
	if (gov && (dual ? odd->gov_dual_is_fips : odd->gov_is_fips))
		fips = false;
	if (s3 || (odd->always_dual && (gov || strcmp(p->name, "aws") == 0 || (strcmp(p->name, "aws-cn") == 0 && !fips))))
		suffix = p->suffix;
	out->bucket_in_host = bucket != NULL && can_be_label(bucket);
	snprintf(out->host, sizeof out->host, "%s%s%s%s%s.%s.%s", out->bucket_in_host ? bucket : "", out->bucket_in_host ? "." : "",
	    s->prefix, fips ? "-fips" : "", s3 && dual ? ".dualstack" : "", place->region, suffix);
	snprintf(out->url, sizeof out->url, "https://%.480s", out->host);
}

status
aws_endpoint_find(const struct aws_place *place, const struct aws_service *s, const char *bucket, struct aws_endpoint *out,
    struct aws_error *err)
{
	char from[64];
	const char *url = configured_url(place, s, from);
	CURLU *u;

	memset(out, 0, sizeof *out);
	if (url == NULL) {
		own_host(place, s, bucket, out);
		return STATUS_OK;
	}
	out->configured = true;
	u = curl_url();
	if (!take_apart(u, url, out)) {
		char shown[ADDRESS_SHOWN];

		curl_url_cleanup(u);
		return aws_error_set(err, AWS_LOCAL, NULL, "%s: “%.128s” is no endpoint: one is like http://127.0.0.1:4566, without a user's name and password", from,
		    address_without_password(url, url, shown));
	}
	curl_url_cleanup(u);
	return STATUS_OK;
}
