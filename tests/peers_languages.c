/*
 * Servers in the languages that services are written in, each with what comes with it: tests/servers/.
 * All take the same words: port, TLS version, certificate chain, key, the clients' CA; Node and Python also
 * revocation lists.
 */
#include <stddef.h>

#include "tests/peers_start.h"
#include "tests/program.h"

#define WORDS(s) (s)->port_text, (s)->tls13 ? "1.3" : "1.2", (s)->files->chain, (s)->files->key, (s)->files->clients_ca

pid_t
start_node(const struct peer_start *s)
{
	return start_server((const char *const[]){ "node", "tests/servers/server.js", WORDS(s), s->files->crl, NULL }, s->log);
}

pid_t
start_python(const struct peer_start *s)
{
	return start_server((const char *const[]){ "python3", "tests/servers/server.py", WORDS(s), s->files->crl, NULL }, s->log);
}

pid_t
start_go(const struct peer_start *s)
{
	return start_server((const char *const[]){ GO_SERVER, WORDS(s), NULL }, s->log);
}

/* A small heap and the first compiler only: it starts in half the time, and many run at once. */
#define JAVA "java", "-Xshare:auto", "-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", "build-servers", "JavaServer"

pid_t
start_java(const struct peer_start *s)
{
	return start_server((const char *const[]){ JAVA, WORDS(s), NULL }, s->log);
}

pid_t
start_java_https(const struct peer_start *s)
{
	return start_server((const char *const[]){ JAVA, WORDS(s), "https-server", NULL }, s->log);
}
