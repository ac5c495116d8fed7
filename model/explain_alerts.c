/*
 * How programs write alerts: by number or by name, received or sent. What the alerts mean is in
 * model/alert.c, what servers mean by them in model/refusal_table.c.
 */
#include "model/explain_rows.h"

/* A number or name of an alert says more than the text around it. */
enum { RANK_ALERT = RANK_PRECISE + 1 };
#define BY_NUMBER(i, a, ...) { .id = i, .texts = { __VA_ARGS__ }, .lookup = LOOKUP_ALERT_NUMBER, .act = a, .rank = RANK_ALERT
#define BY_NAME(i, a, ...) { .id = i, .texts = { __VA_ARGS__ }, .lookup = LOOKUP_ALERT_NAME, .act = a, .rank = RANK_ALERT

static const struct explain_row rows[] = {
	/* OpenSSL's error queue holds alerts that came in, never those that went out. */
	BY_NUMBER("alert.openssl-number", ACT_HEARD, "SSL alert number {alert#}~"), .example = "ssl3_read_bytes:tlsv1 alert unknown ca:s3_pkt.c:1498:SSL alert number 48" },
	BY_NAME("alert.openssl-tls1", ACT_HEARD, "~tlsv1 alert {alert}"), .example = "error:0A000418:SSL routines::tlsv1 alert unknown ca" },
	BY_NAME("alert.openssl-tls13", ACT_HEARD, "~tlsv13 alert {alert}"), .example = "error:0A00045C:SSL routines::tlsv13 alert certificate required" },
	BY_NAME("alert.openssl-ssl3", ACT_HEARD, "~sslv3 alert {alert}"), .example = "routines:ssl3_read_bytes:sslv3 alert bad certificate" },
	BY_NAME("alert.openssl-newer", ACT_HEARD, "SSL routines::ssl/tls alert {alert}"), .example = "error:0A000412:SSL routines::ssl/tls alert bad certificate",
	    .note = "OpenSSL from 3.2 on writes ssl/tls where earlier ones wrote sslv3 or tlsv1." },
	BY_NAME("alert.openssl-code", ACT_HEARD, "TLSV1_ALERT_{alert}", "SSLV3_ALERT_{alert}", "TLSV13_ALERT_{alert}", "TLSV1_{alert.}"),
	    .example = "[SSL: TLSV1_ALERT_UNKNOWN_CA] tls1 (_ssl.c:1006)" },
	BY_NAME("alert.read", ACT_HEARD, "alert read:fatal:{alert}", "alert read: fatal: {alert}"), .example = "SSL3 alert read:fatal:unknown CA" },
	BY_NAME("alert.written", ACT_SENT, "alert write:fatal:{alert}", "alert write: fatal: {alert}"), .example = "SSL3 alert write:fatal:certificate expired" },
	BY_NAME("alert.msg-read", ACT_HEARD, "<<< {version}, Alert *, fatal {alert}"), .example = "<<< TLS 1.3, Alert [length 0002], fatal unknown_ca" },
	BY_NAME("alert.msg-written", ACT_SENT, ">>> {version}, Alert *, fatal {alert}"), .example = ">>> TLS 1.3, Alert [length 0002], fatal unknown_ca" },
	BY_NAME("alert.curl-in", ACT_HEARD, "(IN), TLS alert, {alert} (", "[TLS] alert (in) {alert}"), .example = "* TLSv1.3 (IN), TLS alert, unknown CA (560):" },
	BY_NAME("alert.curl-out", ACT_SENT, "(OUT), TLS alert, {alert} ("), .example = "* TLSv1.3 (OUT), TLS alert, unknown CA (560):" },
	/* Go */
	BY_NAME("alert.go", ACT_HEARD, "remote error: tls: {alert}"), .example = "remote error: tls: unknown certificate authority" },
	BY_NAME("alert.go-local", ACT_SENT, "local error: tls: {alert}"), .example = "local error: tls: bad record MAC" },
	{ .id = "alert.go-bare", .texts = { "~tls: {alert}" }, .lookup = LOOKUP_ALERT_NAME, .rank = RANK_GENERAL, .act = ACT_JUDGED, .example = "error: tls: bad certificate" },
	/* Java; rustls, hyper, tokio */
	BY_NAME("alert.received", ACT_HEARD, "Received fatal alert: {alert.}", "AlertReceived({alert.}"), .example = "javax.net.ssl.SSLHandshakeException: Received fatal alert: bad_certificate" },
	BY_NAME("alert.java-sent", ACT_SENT, "SSLHandshakeException: ({alert.}) ", "SSLException: ({alert.}) "), .example = "javax.net.ssl.SSLHandshakeException: (certificate_unknown) x",
	    .note = "Java puts the alert that it sends in front of its reason." },
	/* GnuTLS */
	BY_NUMBER("alert.gnutls", ACT_HEARD, "Received alert [{alert#}]", "alert received [{alert#}]", "Alert[{alert#}]"), .example = "*** Received alert [48]: CA is unknown" },
	/* Windows' event log */
	BY_NUMBER("alert.schannel-heard", ACT_HEARD, "alert was received from the remote endpoint*alert code is {alert#}"),
	    .example = "A fatal alert was received from the remote endpoint. The TLS protocol defined fatal alert code is 48.", .note = "Event 36887 of Schannel." },
	BY_NUMBER("alert.schannel-sent", ACT_SENT, "alert was generated and sent to the remote endpoint*alert code is {alert#}"),
	    .example = "A fatal alert was generated and sent to the remote endpoint. The TLS protocol defined fatal alert code is 40.", .note = "Event 36888 or 36874 of Schannel." },
	/* Mbed TLS */
	BY_NUMBER("alert.mbedtls", ACT_HEARD, "got an alert message, type: [2:{alert#}]"), .example = "got an alert message, type: [2:48]" },
	/* Whoever; one cannot tell in which direction it went. */
	{ .id = "alert.number", .texts = { "~alert {alert#}~", "~alert number {alert#}~", "~alert: {alert#}~", "~alert({alert#})" }, .lookup = LOOKUP_ALERT_NUMBER, .rank = RANK_PRECISE,
	    .act = ACT_JUDGED },
	{ .id = "alert.name", .texts = { "~alert {alert}", "~alert: {alert}", "fatal alert: '{alert}'" }, .lookup = LOOKUP_ALERT_NAME, .rank = RANK_TEXT, .act = ACT_JUDGED,
	    .example = "handshake failed, alert unknown_ca" },
};
const struct explain_table explain_alerts = {
	.origin = "TLS alert", .source = "RFC 8446 6; what each stack means by it: measured, or from its source",
	.rows = rows, .len = sizeof rows / sizeof rows[0],
};
