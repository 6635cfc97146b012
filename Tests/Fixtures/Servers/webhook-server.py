"""Receives webhooks: webhook-server.py FILE STATUS…

Answers each POST with the next status, the last one again and again, and appends "AUTHORIZATION BODY" to FILE. Says its port.
"""
import http.server
import sys

path, statuses = sys.argv[1], [int(status) for status in sys.argv[2:]] or [200]


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        with open(path, "a", encoding="utf-8") as file:
            file.write(f"{self.headers.get('Authorization')} {body}\n")
        self.send_response(statuses.pop(0) if len(statuses) > 1 else statuses[0])
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
