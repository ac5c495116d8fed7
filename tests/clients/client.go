// One HTTPS request by Go's own client: CA URL [CHAIN KEY].
package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"os"
)

func main() {
	pool := x509.NewCertPool()
	pem, err := os.ReadFile(os.Args[1])
	if err != nil {
		panic(err)
	}
	pool.AppendCertsFromPEM(pem)
	config := &tls.Config{RootCAs: pool}
	if len(os.Args) > 3 {
		pair, err := tls.LoadX509KeyPair(os.Args[3], os.Args[4])
		if err != nil {
			panic(err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	client := http.Client{Transport: &http.Transport{TLSClientConfig: config}}
	answer, err := client.Get(os.Args[2])
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(answer.Status)
}
