#ifndef TESTS_ENDPOINT_SCREEN_H
#define TESTS_ENDPOINT_SCREEN_H

#include "model/evidence.h"
#include "tui/console.h"

/* A console that opens on one endpoint, payment.internal:8443, with this evidence, which it takes over; at CHAINS_NOW. */
void endpoint_screen(struct console_setup *setup, struct evidence *e);

#endif
