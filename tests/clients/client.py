"""One HTTPS request by Python's own client: CA URL [CHAIN KEY]."""
import ssl
import sys
import urllib.request

context = ssl.create_default_context(cafile=sys.argv[1])
if len(sys.argv) > 3:
    context.load_cert_chain(sys.argv[3], sys.argv[4])
try:
    print(urllib.request.urlopen(sys.argv[2], context=context).status)
except OSError as e:
    print(e)
