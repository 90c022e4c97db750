"""A certificate that nobody trusts, for localhost and 127.0.0.1, valid until 2121; its key protects nothing."""

from __future__ import annotations

import ssl
from pathlib import Path

KEY = """-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg2t9hvIBcIzDat2WB
6aUfN2fD+DXxfZ0ANAIIOYndahahRANCAAScKCw1Dx0t3W13p8folp1PZ7q3KFgF
nGsWQWsx45PQseNyHP+HxgnSpoTrOHvAMXzEXHHvLkahrf3k9xjozK71
-----END PRIVATE KEY-----
"""
CERTIFICATE = """-----BEGIN CERTIFICATE-----
MIIBZjCCAQ2gAwIBAgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlsb2NhbGhv
c3QwIBcNMjIwMTAxMDAwMDAwWhgPMjEyMTAxMDEwMDAwMDBaMBQxEjAQBgNVBAMM
CWxvY2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABJwoLDUPHS3dbXen
x+iWnU9nurcoWAWcaxZBazHjk9Cx43Ic/4fGCdKmhOs4e8AxfMRcce8uRqGt/eT3
GOjMrvWjTjBMMBoGA1UdEQQTMBGCCWxvY2FsaG9zdIcEfwAAATAPBgNVHRMBAf8E
BTADAQH/MB0GA1UdDgQWBBRxFcKkD2qjVcT74pBufrm6pmrpdzAKBggqhkjOPQQD
AgNHADBEAiBxGjTl+otumJwRsOk0eiGr/Mk75kkjgArxieTnmwbjdwIgBUQznq+O
8YBJmzN/KuQ90ct6LFBqMp3p31YnXF1+y7w=
-----END CERTIFICATE-----
"""


def server_context(folder: Path) -> ssl.SSLContext:
    """For a server that shows the certificate; `folder` takes its files, which ssl wants."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    key.write_text(KEY)
    certificate.write_text(CERTIFICATE)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


def trusting_context() -> ssl.SSLContext:
    """For a client that trusts this certificate alone."""
    return ssl.create_default_context(cadata=CERTIFICATE)
