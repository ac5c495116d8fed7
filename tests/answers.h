/* The usual answers of a server, as rows of the evidence builder. */
#ifndef TESTS_ANSWERS_H
#define TESTS_ANSWERS_H

#include "tests/evidence_builder.h"

/* In TLS 1.3, to s certificates of ours: an alert of this number, an HTTP answer, a close. */
#define ALERT(s, n) { .phase = PHASE_FINISHED, .version = 0x0304, .outcome = OUTCOME_REJECTED_ALERT, .asked = true, .sent_message = true, \
	.sent = s, .by = PEER_SERVER, .how = END_ALERT, .alert = { true, PEER_SERVER, 2, n } }
#define HTTP(s, n) { .phase = PHASE_RESPONSE, .version = 0x0304, .outcome = (n) == 400 || (n) == 401 || (n) == 403 ? OUTCOME_REJECTED_HTTP : OUTCOME_ACCEPTED_APP, \
	.asked = true, .sent_message = true, .sent = s, .http_status = n }
#define CLOSE(s) { .phase = PHASE_FINISHED, .version = 0x0304, .outcome = OUTCOME_REJECTED_CLOSE, .asked = true, .sent_message = true, .sent = s, \
	.by = PEER_SERVER, .how = END_FIN }

#endif
