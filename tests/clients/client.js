// One HTTPS request by Node's own client: CA URL [CHAIN KEY].
const fs = require('fs');
const [ca, url, chain, key] = process.argv.slice(2);
const options = { ca: fs.readFileSync(ca) };

if (chain) {
	options.cert = fs.readFileSync(chain);
	options.key = fs.readFileSync(key);
}
require('https')
	.get(url, options, (answer) => {
		console.log(answer.statusCode);
		answer.resume();
	})
	.on('error', (e) => console.log(e.code));
