"""HTTP cameras of many makes: mjpeg-server.py PICTURE. Says its port; each path is a way in which cheap cameras send multipart JPEG.

/usual.mjpg      RFC 2046: --BOUNDARY, Content-Type, Content-Length
/dashes.mjpg     the header names the boundary with its dashes
/quoted.mjpg     the boundary in quotes
/nolength.mjpg   parts without Content-Length
/bare.mjpg       lines end in LF alone
/late.mjpg       an empty line before the first boundary
/endless.mjpg    as usual, and closed without an end after 20 pictures
"""
import http.server
import pathlib
import sys
import time

picture = pathlib.Path(sys.argv[1]).read_bytes()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        style = self.path.strip("/").split(".")[0]
        boundary = {"dashes": "--myboundary", "quoted": '"myboundary"'}.get(style, "myboundary")
        newline = b"\n" if style == "bare" else b"\r\n"
        self.send_response(200)
        self.send_header("Content-Type", f"multipart/x-mixed-replace; boundary={boundary}")
        self.end_headers()
        try:
            if style == "late":
                self.wfile.write(newline)
            for _ in range(20 if style == "endless" else 10**9):
                head = [b"--myboundary", b"Content-Type: image/jpeg"]
                if style != "nolength":
                    head.append(b"Content-Length: %d" % len(picture))
                self.wfile.write(newline.join(head) + newline * 2 + picture + newline)
                self.wfile.flush()
                time.sleep(0.05)
        except OSError:
            pass

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
