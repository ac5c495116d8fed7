# A service on Python's own ssl and http.server that requires a client certificate.
# usage: python3 server.py PORT 1.2|1.3 CHAIN KEY CLIENTS_CA [CRL]
import http.server
import ssl
import sys

port, version, chain, key, ca = sys.argv[1:6]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.minimum_version = context.maximum_version = (
    ssl.TLSVersion.TLSv1_3 if version == "1.3" else ssl.TLSVersion.TLSv1_2
)
context.load_cert_chain(chain, key)
context.load_verify_locations(ca)
if len(sys.argv) > 6:
    context.load_verify_locations(sys.argv[6])
    context.verify_flags |= ssl.VERIFY_CRL_CHECK_CHAIN
context.verify_mode = ssl.CERT_REQUIRED


class Handler(http.server.BaseHTTPRequestHandler):
    def do_HEAD(self):
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_HEAD


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    # The handshake is done on the connection's own thread: one that stalls holds up nobody.
    def get_request(self):
        connection, address = super().get_request()
        return (
            context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False),
            address,
        )


Server(("127.0.0.1", int(port)), Handler).serve_forever()
