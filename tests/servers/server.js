// A service on Node's own https module that requires a client certificate.
// usage: node server.js PORT 1.2|1.3 CHAIN KEY CLIENTS_CA [CRL]
'use strict';
const fs = require('fs');
const https = require('https');

const [port, version, chain, key, ca, crl] = process.argv.slice(2);
const options = {
	cert: fs.readFileSync(chain),
	key: fs.readFileSync(key),
	ca: fs.readFileSync(ca),
	crl: crl ? fs.readFileSync(crl) : undefined,
	requestCert: true,
	rejectUnauthorized: true,
	minVersion: 'TLSv' + version,
	maxVersion: 'TLSv' + version,
};
const server = https.createServer(options, (request, response) => response.end('ok\n'));
server.on('tlsClientError', (error) => console.error('tlsClientError', error.code, error.message));
server.listen(Number(port), '127.0.0.1');
