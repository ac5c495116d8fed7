/* mtlscope inspect: what files hold, what belongs together, what is wrong. Nothing is contacted. */
#include "model/inspect.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/configuration.h"
#include "cli/exit_status.h"
#include "model/inspect_page.h"
#include "cli/option_values.h"
#include "cli/output.h"
#include "cli/settings.h"
#include "model/host.h"
#include "model/json.h"

struct inspecting {
	struct objects objects;
	struct trust *trust;
	struct inspection *inspection;
	struct diagnosis *diagnosis;
	struct host servername;
	struct buf page;
};

static status
read_file(struct inspecting *i, struct options *o, const char *file, const char *type, bool folders, struct error *err)
{
	struct read_options how = { .ask = passphrase_answer, .ask_user = &o->passphrase, .type = type,
		.folders = folders };

	return objects_read(file, &how, &i->objects, err);
}

/* Reads what was named; --cert and --key name files as well, each is read once. */
static status
read_all(struct inspecting *i, struct options *o, struct error *err)
{
	bool cert_read = false, key_read = false;

	for (size_t k = 0; k < o->operands_len; k++) {
		const char *file = o->operands[k];
		const char *type = o->cert != NULL && strcmp(file, o->cert) == 0 ? o->cert_type : NULL;
		if (read_file(i, o, file, type, true, err) != STATUS_OK)
			return STATUS_FAILED;
		cert_read = cert_read || (o->cert != NULL && strcmp(file, o->cert) == 0);
		key_read = key_read || (o->key != NULL && strcmp(file, o->key) == 0);
	}
	if (o->cert != NULL && !cert_read && read_file(i, o, o->cert, o->cert_type, false, err) != STATUS_OK)
		return STATUS_FAILED;
	if (o->key != NULL && !key_read && (o->cert == NULL || strcmp(o->key, o->cert) != 0) &&
	    read_file(i, o, o->key, o->key_type, false, err) != STATUS_OK)
		return STATUS_FAILED;
	return STATUS_OK;
}

static status
judge(struct inspecting *i, struct options *o, struct error *err)
{
	static char host[256];
	char why[HOST_WHY_MAX];
	const struct world *w = world_real();
	struct inspect_options how = {
		.leaf_file = o->cert,
		.first_file = o->operands_len > 0 ? o->operands[0] : o->cert,
		.trust_named = o->cacert != NULL || o->capath != NULL,
		.purpose = o->purpose_given ? o->purpose : PURPOSE_ANY,
		.at = o->examine.at_set ? o->examine.at : w->now_ms(w->self) / 1000,
		.at_named = o->examine.at_set,
		.thresholds = o->examine.thresholds,
	};

	if (o->servername != NULL) {
		if (!host_read(o->servername, strlen(o->servername), &i->servername, why))
			return error_set(err, ERROR_USAGE, "options", "--servername %s: %s", printable(o->servername), why);
		how.servername = i->servername.name;
	}
	if (settings_trust(o, &i->trust, err) != STATUS_OK)
		return STATUS_FAILED;
	how.trust = i->trust;
	if (gethostname(host, sizeof host - 1) == 0)
		how.seen_from = host;
	if (inspect(&i->objects, &how, &i->inspection, err) != STATUS_OK)
		return STATUS_FAILED;
	if (i->inspection->evidence != NULL)
		i->diagnosis = diagnose(i->inspection->evidence);
	return STATUS_OK;
}

int
inspect_run(struct options *o)
{
	struct inspecting i = { 0 };
	struct report_style style = output_style(o);
	struct error err = { .code = ERROR_NONE };
	int result = EXIT_STATUS_USAGE;

	if (o->operands_len == 0 && o->cert == NULL && o->key == NULL) {
		complain("inspect needs a file: mtlscope inspect order.crt order.key, or “-” for standard input");
		return result;
	}
	if (configuration_heed(o, &err) != STATUS_OK || read_all(&i, o, &err) != STATUS_OK || judge(&i, o, &err) != STATUS_OK) {
		if (o->passphrase.no_terminal)
			complain("%s (there is no terminal to ask for a passphrase: --pass-file FILE)", err.text);
		else
			complain("%s", err.text);
		result = exit_status_of_error(err.code);
		goto out;
	}
	settings_remarks(o);
	if (o->json)
		json_inspect(&i.objects, i.inspection, i.diagnosis, &i.page);
	else
		inspect_page(&i.objects, i.inspection, i.diagnosis, &style, &i.page);
	output_write(&i.page);
	result = i.diagnosis != NULL ? exit_status_of(i.diagnosis, o->fail_on) : EXIT_STATUS_DONE;
	if (result == EXIT_STATUS_DONE)
		result = settings_damaged(&i.objects, o);
out:
	diagnosis_free(i.diagnosis);
	inspection_free(i.inspection);
	trust_free(i.trust);
	objects_done(&i.objects);
	buf_done(&i.page);
	return output_status(result);
}
