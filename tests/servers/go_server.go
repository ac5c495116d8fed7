// A service on Go's own net/http that requires a client certificate.
// usage: go_server PORT 1.2|1.3 CHAIN KEY CLIENTS_CA
package main

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net/http"
	"os"
)

func main() {
	port, version, chain, key, ca := os.Args[1], os.Args[2], os.Args[3], os.Args[4], os.Args[5]
	pem, err := os.ReadFile(ca)
	if err != nil {
		log.Fatal(err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		log.Fatal("no certificate in ", ca)
	}
	want := uint16(tls.VersionTLS12)
	if version == "1.3" {
		want = tls.VersionTLS13
	}
	server := &http.Server{
		Addr: "127.0.0.1:" + port,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, "ok\n")
		}),
		TLSConfig: &tls.Config{
			MinVersion: want,
			MaxVersion: want,
			ClientAuth: tls.RequireAndVerifyClientCert,
			ClientCAs:  pool,
		},
	}
	log.Fatal(server.ListenAndServeTLS(chain, key))
}
