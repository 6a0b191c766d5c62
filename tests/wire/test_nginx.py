"""The configuration for nginx in docs/reverse-proxy, in front of the shipped server."""

import datetime as dt
import json
import re
import shutil
import socket
import ssl
import subprocess
import time
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.kit.problems import CATALOGUE
from tests.wire.server import Server, free_port

CONFIGURATION = Path(__file__).parents[2] / "docs" / "reverse-proxy" / "nginx.conf"
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
NAME = "ttdn.example.gov.vn"
MAIN = """daemon off;
pid {home}/nginx.pid;
error_log {home}/error.log;
worker_processes 1;
events {{ worker_connections 2048; }}
http {{
    access_log off;
    client_body_temp_path {home}/body; proxy_temp_path {home}/proxy; fastcgi_temp_path {home}/f;
    uwsgi_temp_path {home}/u; scgi_temp_path {home}/s;
    include {home}/ttdn.conf;
}}
"""

pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed (apt-get install nginx)")


def certify(home):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .sign(key, hashes.SHA256())
    )
    (home / "fullchain.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (home / "privkey.pem").write_bytes(private)


class Gateway:
    """nginx with the shipped configuration, before one server, on a port of its own."""

    def __init__(self, home, upstream):
        self.home, self.port = home, free_port()
        certify(home)
        text = CONFIGURATION.read_text()
        text = re.sub(r"listen 443 ", f"listen 127.0.0.1:{self.port} ", text)
        text = re.sub(r"\n *listen \[::\].*", "", text)
        text = text.replace("/etc/ssl/ttdn", str(home)).replace("127.0.0.1:8000", f"127.0.0.1:{upstream}")
        (home / "ttdn.conf").write_text(text)
        (home / "main.conf").write_text(MAIN.format(home=home))
        command = [NGINX, "-p", str(home), "-c", str(home / "main.conf"), "-e", str(home / "error.log")]
        checked = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked.stderr
        self.process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        self.http = httpx.Client(
            base_url=f"https://127.0.0.1:{self.port}", verify=False, headers={"Host": NAME}, trust_env=False
        )
        give_up = time.monotonic() + 20
        while time.monotonic() < give_up:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    break
            time.sleep(0.05)

    def connect(self):
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context.wrap_socket(socket.create_connection(("127.0.0.1", self.port), 15))

    def raw(self, sent):
        with self.connect() as connection:
            connection.sendall(sent)
            data = b""
            while piece := connection.recv(65536):
                data += piece
            return data

    def end(self):
        self.http.close()
        self.process.terminate()
        self.process.wait(20)


@pytest.fixture(scope="module")
def behind(wire_url, credentials, tmp_path_factory):
    home = tmp_path_factory.mktemp("nginx")
    for place in (home, *home.parents):  # nginx's workers are nobody, and keep large bodies here
        if str(place).startswith("/tmp/pytest"):
            place.chmod(0o755)
    server = Server(wire_url, credentials, base_url=f"https://{NAME}", trusted_proxies="127.0.0.1").start()
    gateway = Gateway(home, server.port)
    yield gateway, server
    gateway.end()
    server.end()


def test_through_nginx_the_service_answers_as_without_it(behind):
    gateway, server = behind
    api = gateway.http
    answer = api.get("/v1/provisions/QC.D7")
    assert answer.status_code == 200
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert server.base not in answer.text
    for path in ("//v1/provisions", "/v1/%2e%2e/livez", "/v1/provisions/", "/livez;x"):
        refused = gateway.raw(f"GET {path} HTTP/1.1\r\nHost: {NAME}\r\nConnection: close\r\n\r\n".encode())
        assert refused.startswith(b"HTTP/1.1 404 "), path
        assert b'"code":"not-found"' in refused
    problem = api.get("/v1/plans").json()
    assert problem["type"] == f"https://{NAME}/problems/invalid-token"
    token = {"Authorization": f"Bearer {server.token}"}
    assert api.get("/v1/plans", headers=token).status_code == 200
    overridden = api.post("/livez", headers={"X-HTTP-Method-Override": "GET"})
    assert overridden.status_code == 405


def test_what_nginx_refuses_itself_has_the_services_form(behind):
    gateway, _ = behind
    api = gateway.http
    cases = [
        ("content-too-large", lambda: api.post("/v1/plans", content=b" " * 3_000_000)),
        ("uri-too-long", lambda: api.get("/" + "a" * 9000)),
        ("headers-too-large", lambda: api.get("/livez", headers={"X-Long": "a" * 9000})),
    ]
    for code, ask in cases:
        answer = ask()
        document = answer.json()
        assert (answer.status_code, document["code"]) == (CATALOGUE[code].status, code)
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert document["title"] == CATALOGUE[code].title["vi"]
        assert document["type"] == f"https://{NAME}/problems/{code}"
    assert api.get("/livez").status_code == 200


def test_the_texts_that_nginx_gives_are_the_catalogues():
    for document in re.findall(r"return \d+ '(\{.*\})';", CONFIGURATION.read_text()):
        said = json.loads(document)
        entry = CATALOGUE[said["code"]]
        assert (said["status"], said["title"]) == (entry.status, entry.title["vi"])
        detail = entry.detail["vi"].replace("{count}", "100")
        limits = {"content-too-large": "2097152", "uri-too-long": "8192", "headers-too-large": "16384"}
        assert said["detail"] == detail.replace("{limit}", limits.get(entry.code, ""))


def test_slow_senders_stay_with_nginx(behind):
    gateway, server = behind
    before = server.said().count("/oauth/token")
    held = [gateway.connect() for _ in range(60)]
    for number, connection in enumerate(held):
        head = b"GET /livez HTTP/1.1\r\nHost: %s\r\n" % NAME.encode()
        body = b"POST /oauth/token HTTP/1.1\r\nHost: %s\r\nContent-Length: 100000\r\n\r\n" % NAME.encode()
        connection.sendall(body if number % 2 else head)
    taken = []
    for _ in range(50):
        started = time.monotonic()
        assert gateway.http.get("/v1/provisions/QC.D7").status_code == 200
        taken.append(time.monotonic() - started)
    print(f"slowest of 50 beside 60 slow senders: {max(taken) * 1000:.0f} ms")
    for connection in held:
        connection.close()
    assert max(taken) < 2
    assert server.said().count("/oauth/token") == before


def test_while_the_service_is_away_nginx_says_so(behind):
    gateway, server = behind
    assert server.stop() == 0
    away = gateway.http.get("/livez")
    assert (away.status_code, away.json()["code"], away.headers["Retry-After"]) == (503, "unavailable", "2")
    assert away.json()["title"] == CATALOGUE["unavailable"].title["vi"]
