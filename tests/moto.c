#include "tests/moto.h"

#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "tests/program.h"

enum { START_MS = 60 * 1000 }; /* 0.7 s on an idle machine */

static bool
is_here(void)
{
	struct run r;
	bool here;

	run_program((const char *const[]){ "sh", "-c", "command -v moto_server", NULL }, NULL, &r);
	here = r.status == 0;
	run_done(&r);
	return here;
}

bool
moto_start(const char *folder, unsigned unchecked, pid_t *pid, char url[64])
{
	static bool said;
	int port = reserve_port();
	char number[16], count[64];

	*pid = 0;
	if (!is_here()) {
		if (getenv("CI") != NULL)
			fail_msg("moto_server is not here, and CI is set");
		if (!said)
			fprintf(stderr, "moto_server is not here: what it checks is left out\n");
		said = true;
		return false;
	}
	snprintf(number, sizeof number, "%d", port);
	snprintf(count, sizeof count, "INITIAL_NO_AUTH_ACTION_COUNT=%u", unchecked);
	snprintf(url, 64, "http://127.0.0.1:%d", port);
	if (unchecked > 0)
		*pid = start_server((const char *const[]){ "env", count, "moto_server", "-H", "127.0.0.1", "-p", number, NULL },
		    in_folder(folder, "moto.log"));
	else
		*pid = start_server((const char *const[]){ "moto_server", "-H", "127.0.0.1", "-p", number, NULL }, in_folder(folder, "moto.log"));
	if (!wait_for_port(port, *pid, START_MS))
		fail_msg("moto_server did not start: see %s", in_folder(folder, "moto.log"));
	return true;
}
