/* The parsers of TLS messages on any bytes; each keeps within what it was given (ASan sees if not). */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "model/cert_openssl.h"
#include "probes/wire.h"
#include "probes/wire_hello.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
certificates(struct arena *a, const uint8_t *data, size_t size, uint16_t version)
{
	struct wire_cert *certs;
	struct fingerprint *sent;
	size_t len;
	bool truncated, stapled;
	struct text response;

	wire_certificate(a, data, size, version, &certs, &len, &truncated, &stapled);
	for (size_t i = 0; i < len; i++)
		cert_free(certs[i].cert);
	if (wire_stapled_ocsp(data, size, version, &response) && (response.bytes < data || response.bytes + response.len > data + size))
		abort();
	wire_sent_certificates(a, data, size, version, &sent, &len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct wire_server_hello hello;
	struct client_hello client;
	uint16_t scheme;

	openssl_start();
	for (uint16_t version = 0x0301; version <= 0x0304; version++) {
		struct certificate_request request = { 0 };

		certificates(a, data, size, version);
		wire_certificate_request(a, data, size, version, &request);
	}
	wire_certificate_verify(data, size, &scheme);
	wire_server_hello(data, size, &hello);
	wire_client_hello(a, data, size, &client);
	wire_looks_like_tls(data, size);
	arena_free(a);
	return 0;
}
