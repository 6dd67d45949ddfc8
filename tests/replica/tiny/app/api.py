"""The smallest API that a replica can wait for: ready when both stores take a connection."""

import os
import socket
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    """Answers health, and nothing else."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer a probe."""
        if self.path == "/v1/health/healthz":
            self._answer(200)
        elif self.path == "/v1/health/readyz":
            self._answer(200 if _reach("DB") and _reach("REDIS") else 503)
        else:
            self._answer(404)

    def _answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()


def _reach(name: str) -> bool:
    try:
        address = (os.environ[f"{name}_HOST"], int(os.environ[f"{name}_PORT"]))
        socket.create_connection(address, timeout=1).close()
    except OSError:
        return False
    return True


ThreadingHTTPServer((os.environ.get("LISTEN", "127.0.0.1"), int(os.environ["PORT"])), Handler).serve_forever()
