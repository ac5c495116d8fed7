/*
 * Fills a handshake record from what the TLS library reports: messages, alerts, certificates, the
 * request for ours, and how far it came. Every outgoing message gets the time at which its last byte
 * reached the socket, from the count of bytes queued before it.
 */
#ifndef PROBES_RECORD_H
#define PROBES_RECORD_H

#include "model/handshake.h"

enum { RECORD_PENDING = 32 }; /* outgoing messages and alerts that wait for the socket: a flight has 5 */

struct recorder {
	struct handshake *h;
	size_t messages_cap, alerts_cap;
	uint64_t queued, sent; /* bytes for the socket: made, gone */
	double read_ms;        /* when the bytes now being parsed were read */
	bool server_hello;
	struct pending {
		uint64_t end;  /* it has left once `sent` comes here */
		size_t index;
		bool alert;
		uint8_t type;
	} pending[RECORD_PENDING];
	size_t pending_len;
};

/* A handshake message with its header, as the message callback has it. now_ms: this moment. */
void record_message(struct recorder *r, enum peer from, const unsigned char *msg, size_t len, double now_ms);
void record_alert(struct recorder *r, enum peer from, uint8_t level, uint8_t number, double now_ms);
/* n more bytes of our output are on the socket. */
void record_sent(struct recorder *r, size_t n, double at_ms);
/* How far it has come: never goes back. */
void record_phase(struct handshake *h, enum phase phase);

#endif
