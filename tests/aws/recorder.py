#!/usr/bin/env python3
"""Stands between a client and an AWS, or instead of one, and writes down what passes: recorder.py PORT OUT [UPSTREAM_URL [raw]].

A JSON object a line goes into OUT for each exchange, the bodies in base64. With UPSTREAM_URL every request
goes there as it came (Host too: it is signed); without one, the answer to everything is {}. "raw": requests are wrong on
purpose, and only the answers are to be judged.
"""
import base64
import http.client
import json
import sys
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

OUT = open(sys.argv[2], "a", buffering=1, encoding="utf-8")
UPSTREAM = urllib.parse.urlsplit(sys.argv[3]).netloc if len(sys.argv) > 3 else None
RAW = len(sys.argv) > 4 and sys.argv[4] == "raw"
LOCK = threading.Lock()
HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}


class Recorder(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # the body waits 40 ms for the head's acknowledgement otherwise

    def log_message(self, *_):
        pass

    def upstream(self, body):
        conn = http.client.HTTPConnection(UPSTREAM, timeout=60)
        conn.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() not in HOP | {"expect"}:
                conn.putheader(name, value)
        conn.putheader("Content-Length", str(len(body)))
        conn.endheaders(body)
        answer = conn.getresponse()
        data = answer.read()
        headers = answer.getheaders()
        conn.close()
        return answer.status, headers, data

    def handle_any(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if UPSTREAM is None:
            status, headers, data = 200, [("Content-Type", "application/x-amz-json-1.1")], b"{}"
        else:
            status, headers, data = self.upstream(body)
        row = {
            "method": self.command,
            "path": self.path,
            "headers": {k.lower(): v for k, v in self.headers.items()},
            "body": base64.b64encode(body).decode(),
            "raw": RAW,
            "answered": UPSTREAM is not None,
            "status": status,
            "answer_headers": {k.lower(): v for k, v in headers},
            "answer": base64.b64encode(data).decode(),
        }
        with LOCK:
            OUT.write(json.dumps(row) + "\n")
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in HOP:
                self.send_header(name, value)
        length = next((v for k, v in headers if k.lower() == "content-length"), None) if self.command == "HEAD" else None
        self.send_header("Content-Length", length or str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = do_PATCH = handle_any


server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Recorder)
server.daemon_threads = True
server.serve_forever()
