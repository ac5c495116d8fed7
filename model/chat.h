/* What one tells others of a verdict: plain text to paste into a chat or a ticket. No escape sequence, nothing invisible. */
#ifndef MODEL_CHAT_H
#define MODEL_CHAT_H

#include "model/diagnosis.h"

/*
 * Four to eight lines, each ended by \n: state, target and code; the cause; what shows it, or what it may be
 * and what would decide; what was tested, from where, and when.
 */
void summary_for_chat(const struct diagnosis *d, struct buf *out);
/*
 * Where the cause is not proven: what to ask the owner of the server, with the moment, what was sent and
 * the candidates. False, and nothing appended, where there is nothing to ask.
 */
bool question_for_owner(const struct diagnosis *d, struct buf *out);

#endif
