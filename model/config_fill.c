#include "model/config_fill.h"

#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "model/memory.h"
#include "model/quote.h"

#define STAGE "configuration"

enum { DAYS_MAX = 36500, SKEW_MAX = 86400 };

struct fill {
	struct config *c;
	const char *folder, *home;
	struct error *err;
	const char *section; /* that is being filled in */
	size_t index;
};

static status refuse(const struct fill *f, const char *key, const char *fmt, ...) PRINTF_LIKE(3, 4);

static status
refuse(const struct fill *f, const char *key, const char *fmt, ...)
{
	char text[480];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	return error_set(f->err, ERROR_INPUT, STAGE, "%s:%zu: %s: %s", f->c->file,
	    config_line(f->c, f->section, f->index, key), f->section, text);
}

/* A file as it is to be opened: relative to the configuration's folder, ~/ is the home. Tokens are no files. */
static const char *
path_of(const struct fill *f, const char *name)
{
	if (name == NULL || name[0] == '/' || strncmp(name, "pkcs11:", 7) == 0)
		return name;
	if (strncmp(name, "~/", 2) == 0 && f->home != NULL)
		return arena_printf(f->c->arena, "%s/%s", f->home, name + 2);
	return f->folder[0] == '\0' ? name : arena_printf(f->c->arena, "%s%s", f->folder, name);
}

static status
number(const struct fill *f, const char *key, const char *said, int min, int max, int *out, bool *given)
{
	char shown[QUOTE_MAX];
	long n = 0;
	size_t i = 0;

	if (said == NULL)
		return STATUS_OK;
	for (; said[i] >= '0' && said[i] <= '9' && n <= INT_MAX / 10; i++)
		n = n * 10 + (said[i] - '0');
	if (i == 0 || said[i] != '\0' || n < min || n > max)
		return refuse(f, key, "%s: “%s”; expected a whole number from %d to %d", key, quote_str(said, shown),
		    min, max);
	*out = (int)n;
	if (given != NULL)
		*given = true;
	return STATUS_OK;
}

static status
yes_or_no(const struct fill *f, const char *key, const char *said, bool *out)
{
	static const struct {
		const char *word;
		bool means;
	} words[] = { { "true", true }, { "false", false }, { "yes", true }, { "no", false }, { "on", true }, { "off", false } };
	char shown[QUOTE_MAX];

	if (said == NULL)
		return STATUS_OK;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (strcmp(said, words[i].word) != 0)
			continue;
		*out = words[i].means;
		return STATUS_OK;
	}
	return refuse(f, key, "%s: “%s”; expected true or false", key, quote_str(said, shown));
}

/* Names are shown and typed: none that a terminal does not show as it is. */
static status
name(const struct fill *f, const char *said, struct config_names *names)
{
	char shown[QUOTE_MAX];
	size_t other;

	if (said == NULL)
		return refuse(f, NULL, "an entry without a name");
	if ((text_flags(text_of(said)) & TEXT_HOSTILE) != 0)
		return refuse(f, "name", "name: “%s” holds what cannot be typed", quote_str(said, shown));
	other = config_names_add(names, said, f->index);
	if (other != SIZE_MAX)
		return refuse(f, "name", "the name “%s” is taken already, in line %zu", quote_str(said, shown),
		    config_line(f->c, f->section, other, "name"));
	return STATUS_OK;
}

static status
refers(const struct fill *f, const char *key, const char *said, const struct config_names *names, const char *what)
{
	char shown[QUOTE_MAX];

	if (said == NULL || config_names_find(names, said) != SIZE_MAX)
		return STATUS_OK;
	return refuse(f, key, "%s: no entry of %s is called “%s”", key, what, quote_str(said, shown));
}

static status
fill_thresholds(struct fill *f, const struct raw_thresholds *raw)
{
	struct config *c = f->c;

	f->section = "thresholds";
	f->index = 0;
	if (raw == NULL)
		return STATUS_OK;
	if (number(f, "expires_within", raw->expires_within, 0, DAYS_MAX, &c->thresholds.expires_within,
	        &c->has_expires_within) != STATUS_OK ||
	    number(f, "root_expires_within", raw->root_expires_within, 0, DAYS_MAX,
	        &c->thresholds.root_expires_within, &c->has_root_expires_within) != STATUS_OK ||
	    number(f, "clock_skew_seconds", raw->clock_skew_seconds, 0, SKEW_MAX, &c->thresholds.clock_skew,
	        &c->has_clock_skew) != STATUS_OK)
		return STATUS_FAILED;
	return STATUS_OK;
}

static status
fill_aws(struct fill *f, const struct raw_aws *raw, struct config_aws *out)
{
	char shown[QUOTE_MAX];
	const char *url = raw->endpoint_url;

	*out = (struct config_aws){ .name = raw->name, .profile = raw->profile, .region = raw->region,
		.endpoint_url = url };
	if (url != NULL && strncmp(url, "https://", 8) != 0 && strncmp(url, "http://", 7) != 0)
		return refuse(f, "endpoint_url", "endpoint_url: “%s”; expected https://…", quote_str(url, shown));
	return name(f, raw->name, f->c->source->aws);
}

static status
fill_identity(struct fill *f, const struct raw_identity *raw, struct config_identity *out)
{
	int sources = (raw->cert != NULL) + (raw->secret != NULL) + (raw->parameter != NULL);

	*out = (struct config_identity){
		.name = raw->name,
		.cert = path_of(f, raw->cert),
		.key = path_of(f, raw->key),
		.trust = path_of(f, raw->trust),
		.secret = raw->secret,
		.parameter = raw->parameter,
		.aws = raw->aws,
	};
	if (name(f, raw->name, f->c->source->identities) != STATUS_OK)
		return STATUS_FAILED;
	if (sources != 1)
		return refuse(f, NULL, "“%s”: expected one of cert, secret and parameter", raw->name);
	if (raw->key != NULL && raw->cert == NULL)
		return refuse(f, "key", "key: it goes with cert; a secret holds its own");
	if (raw->aws != NULL && raw->cert != NULL)
		return refuse(f, "aws", "aws: it goes with secret or parameter; cert is a file");
	return refers(f, "aws", raw->aws, f->c->source->aws, "aws");
}

static status
fill_renew(struct fill *f, const struct raw_renew *raw, struct config_renew *out)
{
	if (raw == NULL)
		return STATUS_OK;
	*out = (struct config_renew){ .given = true, .aws = raw->aws, .ca = raw->ca };
	if (number(f, "renew.before_days", raw->before_days, 1, DAYS_MAX, &out->before_days, NULL) != STATUS_OK ||
	    number(f, "renew.validity_days", raw->validity_days, 1, DAYS_MAX, &out->validity_days, NULL) !=
	        STATUS_OK ||
	    yes_or_no(f, "renew.new_key", raw->new_key, &out->new_key) != STATUS_OK)
		return STATUS_FAILED;
	if (raw->ca == NULL)
		return refuse(f, "renew", "renew: which ca is to issue?");
	return refers(f, "renew.aws", raw->aws, f->c->source->aws, "aws");
}

static status
fill_install(struct fill *f, const struct raw_entry *entry, struct config_install *out)
{
	const struct raw_install *raw = entry->install;
	char shown[QUOTE_MAX];

	if (raw == NULL)
		return STATUS_OK;
	*out = (struct config_install){ .files = raw->files != NULL, .secret = raw->secret, .acm = raw->acm,
		.hook = raw->hook, .reload = raw->reload };
	if (raw->files != NULL && strcmp(raw->files, "serves") != 0)
		return refuse(f, "install.files", "install.files: “%s”; expected serves: the files that stand there",
		    quote_str(raw->files, shown));
	if (raw->files != NULL && (entry->serves == NULL || entry->serves->cert == NULL))
		return refuse(f, "install.files", "install.files: serves, and this entry says no serves.cert");
	if (raw->files == NULL && raw->secret == NULL && raw->acm == NULL && raw->hook == NULL)
		return refuse(f, "install", "install: where to? expected files, secret, acm or hook");
	return STATUS_OK;
}

/* What a target holds, said in the words of target_parse() where it is none. */
static status
fill_target(struct fill *f, struct config_entry *e)
{
	struct error inner = { .code = ERROR_NONE };
	struct target *t = &e->parsed;

	if (e->target == NULL)
		return refuse(f, NULL, "“%s”: expected target: HOST:PORT", e->name);
	if (target_parse(e->target, t, &inner) != STATUS_OK)
		return refuse(f, "target", "target: %s", inner.text);
	if (e->servername != NULL && target_set_servername(t, e->servername, &inner) != STATUS_OK)
		return refuse(f, "servername", "servername: %s", inner.text);
	if (e->path != NULL && target_set_path(t, e->path, &inner) != STATUS_OK)
		return refuse(f, "path", "path: %s", inner.text);
	if (e->bypass != NULL && target_set_bypass(t, e->bypass, &inner) != STATUS_OK)
		return refuse(f, "bypass", "bypass: %s", inner.text);
	if (e->no_http)
		t->http = false;
	e->host = t->host != NULL ? arena_strdup(f->c->arena, t->host) : NULL;
	t->name = mem_strdup(e->name);
	t->group = e->group != NULL ? mem_strdup(e->group) : NULL;
	t->identity = e->identity != NULL ? mem_strdup(e->identity) : NULL;
	return STATUS_OK;
}

static status
fill_entry(struct fill *f, const struct raw_entry *raw, struct config_entry *out)
{
	const struct raw_serves *serves = raw->serves;
	char shown[QUOTE_MAX];

	out->name = raw->name;
	out->target = raw->target;
	out->identity = raw->identity;
	out->group = raw->group;
	out->servername = raw->servername;
	out->path = raw->path;
	out->bypass = raw->bypass;
	out->trust = path_of(f, raw->trust);
	if (serves != NULL)
		out->serves = (struct config_serves){ .cert = path_of(f, serves->cert), .key = path_of(f, serves->key),
			.trust = path_of(f, serves->trust), .upstreams = path_of(f, serves->upstreams) };
	if (name(f, raw->name, f->c->source->fleet) != STATUS_OK ||
	    yes_or_no(f, "no_http", raw->no_http, &out->no_http) != STATUS_OK)
		return STATUS_FAILED;
	if (raw->group != NULL && (text_flags(text_of(raw->group)) & TEXT_HOSTILE) != 0)
		return refuse(f, "group", "group: “%s” holds what cannot be typed", quote_str(raw->group, shown));
	if (refers(f, "identity", raw->identity, f->c->source->identities, "identities") != STATUS_OK ||
	    fill_target(f, out) != STATUS_OK || fill_renew(f, raw->renew, &out->renew) != STATUS_OK)
		return STATUS_FAILED;
	return fill_install(f, raw, &out->install);
}

/* Room for a list before it is filled in: what was filled in is freed with the rest where one entry is wrong. */
static void
make_room(struct config *c, const struct raw_config *raw)
{
	const struct config_parts *parts = &c->source->parts;
	size_t fleet = 0;

	for (size_t i = 0; i < parts->len; i++)
		fleet += parts->raw[i] != NULL ? parts->raw[i]->fleet_len : 0;
	c->aws = arena_array(c->arena, raw->aws_len, sizeof *c->aws);
	c->identities = arena_array(c->arena, raw->identities_len, sizeof *c->identities);
	c->fleet = arena_array(c->arena, fleet, sizeof *c->fleet);
	c->source->aws = config_names_new(raw->aws_len);
	c->source->identities = config_names_new(raw->identities_len);
	c->source->fleet = config_names_new(fleet);
}

static status
fill_lists(struct fill *f, const struct raw_config *raw)
{
	struct config *c = f->c;

	f->section = "aws";
	for (f->index = 0; f->index < raw->aws_len; f->index++) {
		if (fill_aws(f, &raw->aws[f->index], &c->aws[c->aws_len++]) != STATUS_OK)
			return STATUS_FAILED;
	}
	f->section = "identities";
	for (f->index = 0; f->index < raw->identities_len; f->index++) {
		if (fill_identity(f, &raw->identities[f->index], &c->identities[c->identities_len++]) != STATUS_OK)
			return STATUS_FAILED;
	}
	return STATUS_OK;
}

static status
fill_fleet(struct fill *f, const struct config_parts *parts)
{
	struct config *c = f->c;

	f->section = "fleet";
	for (size_t p = 0; p < parts->len; p++) {
		const struct raw_config *raw = parts->raw[p];
		for (size_t i = 0; raw != NULL && i < raw->fleet_len; i++) {
			f->index = c->fleet_len++;
			if (fill_entry(f, &raw->fleet[i], &c->fleet[f->index]) != STATUS_OK)
				return STATUS_FAILED;
		}
	}
	return STATUS_OK;
}

status
config_fill(struct config *c, const char *folder, const char *home, struct error *err)
{
	static const struct raw_config nothing;
	const struct config_parts *parts = &c->source->parts;
	const struct raw_config *raw = parts->len > 0 && parts->raw[0] != NULL ? parts->raw[0] : &nothing;
	struct fill f = { .c = c, .folder = folder, .home = home, .err = err };

	make_room(c, raw);
	if (fill_thresholds(&f, raw->thresholds) != STATUS_OK || fill_lists(&f, raw) != STATUS_OK)
		return STATUS_FAILED;
	return fill_fleet(&f, parts);
}
