/* --proxy, --noproxy, --via, and what the environment says of proxies; by curl's rules. */
#include <stdlib.h>
#include <string.h>

#include "cli/option_values.h"
#include "cli/settings.h"

/* Others see our arguments: the user and the password in them are overwritten, as a passphrase is. */
static void
overwrite_login(char *value)
{
	char *place = strstr(value, "://"), *at;

	place = place != NULL ? place + 3 : value;
	at = memrchr(place, '@', strcspn(place, "/?#"));
	if (at != NULL)
		memset(place, '*', (size_t)(at - place));
}

status
apply_proxy(struct options *o, const struct option_row *row, char *value, struct error *err)
{
	status result;

	(void)row;
	proxy_done(&o->proxy);
	result = proxy_parse(value, &o->proxy, err);
	overwrite_login(value);
	o->examine.proxy = o->examine.other_proxy = &o->proxy;
	return result;
}

status
apply_via(struct options *o, const struct option_row *row, char *value, struct error *err)
{
	(void)row;
	if (o->proxy.kind != PROXY_NONE)
		return error_set(err, ERROR_USAGE, "options", "--via and --proxy exclude each other");
	o->examine.proxy = o->examine.other_proxy = &o->proxy;
	return proxy_parse_via(value, &o->proxy, err);
}

/* The first of two names that is set and not empty; *which says it. */
static const char *
variable(const char *lower, const char *upper, const char **which)
{
	const char *value = getenv(lower);

	*which = lower;
	if (value == NULL || value[0] == '\0') {
		value = getenv(upper);
		*which = upper;
	}
	return value != NULL && value[0] != '\0' ? value : NULL;
}

static status
from_variable(const char *lower, const char *upper, struct proxy *out, struct error *err)
{
	struct error inner = { .code = ERROR_NONE };
	const char *which = NULL, *value = variable(lower, upper, &which);

	if (value == NULL || proxy_parse(value, out, &inner) == STATUS_OK)
		return STATUS_OK;
	return error_set(err, inner.code, "options", "%s: %s", which, inner.text);
}

status
settings_proxy(struct options *o, struct error *err)
{
	const char *which = NULL;

	if (o->examine.no_proxy == NULL)
		o->examine.no_proxy = variable("no_proxy", "NO_PROXY", &which);
	if (o->proxy.kind != PROXY_NONE)
		return STATUS_OK;
	if (from_variable("https_proxy", "HTTPS_PROXY", &o->https_proxy, err) != STATUS_OK ||
	    from_variable("all_proxy", "ALL_PROXY", &o->proxy, err) != STATUS_OK)
		return STATUS_FAILED;
	o->examine.other_proxy = o->proxy.kind != PROXY_NONE ? &o->proxy : NULL;
	o->examine.proxy = o->https_proxy.kind != PROXY_NONE ? &o->https_proxy : o->examine.other_proxy;
	return STATUS_OK;
}
