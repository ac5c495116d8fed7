/* What the deeds on secrets and parameters share: their text with the new certificate in it, and the proof that it is right. */
#ifndef FIXES_STORED_CHANGE_H
#define FIXES_STORED_CHANGE_H

#include "fixes/deed.h"
#include "model/stored_identity.h"

/*
 * The new text, out of the old one, the plan's values AS.cert, AS.chain, AS.fullchain, AS.root and, where args new_key is true, the private file
 * AS.key. The same old text gives the same new one. *out holds a key: stored_clear().
 */
status stored_change(struct plan *p, const struct plan_step *s, const char *text, size_t len, const char *name, struct buf *out,
    struct error *err) MUST_USE;
/* What was read back sends exactly AS.sent, and its key belongs to the leaf (where it has one that no passphrase protects). ERROR_NOT_DONE. */
status stored_verify(struct plan *p, const struct plan_step *s, const char *text, size_t len, const char *name, struct error *err) MUST_USE;
void stored_clear(struct buf *b);

#endif
