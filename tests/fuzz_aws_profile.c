/*
 * A shared file of any bytes: it is taken, or refused with one printable line. What is taken answers every question about
 * it, and no answer reaches over its end.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "aws/ini.h"
#include "aws/profile.h"
#include "aws/words.h"
#include "model/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
ask(const struct ini *ini)
{
	size_t most = ini->text_len;

	for (size_t i = 0; i < ini->entries_len; i++) {
		const struct ini_entry *e = &ini->entries[i];
		if (strlen(e->key) > most || (e->value != NULL && strlen(e->value) > most) || (e->sub != NULL && strlen(e->sub) > most))
			abort();
		if (e->sub == NULL && (!ini_has(ini, e->section, e->key) || ini_get(ini, e->section, e->key) != e->value))
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct aws_error err = { .kind = AWS_FINE };
	struct aws_profiles *p = NULL;
	struct ini ini;
	bool good = ini_read("config", data, size, &ini, &err) == STATUS_OK;

	if (good) {
		ask(&ini);
		for (size_t i = 0; i < ini.sections_len; i++) {
			char **words;
			size_t len;
			if (words_split(ini.sections[i].name, &words, &len))
				words_free(words);
		}
		ini_done(&ini);
	} else if (err.kind != AWS_LOCAL || (text_flags(text_of(err.message)) & TEXT_HOSTILE) != 0) {
		abort();
	}
	for (int file = 0; file < 2; file++) {
		err = (struct aws_error){ .kind = AWS_FINE };
		if ((aws_profiles_of_text((enum aws_profile_file)file, "config", data, size, &p, &err) == STATUS_OK) != good)
			abort();
		if (good) {
			(void)aws_profile_get(p, "default", "region");
			(void)aws_profile_section_get(p, "services", "a", "s3.endpoint_url");
		}
		aws_profiles_free(p);
	}
	return 0;
}
