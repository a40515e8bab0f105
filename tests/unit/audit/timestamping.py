"""A time-stamp authority of the test's own, made and run by `openssl`: its root, its key, and its answers."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

_CONFIG = """\
[req]
distinguished_name = dn
prompt = no
[dn]
CN = root
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[stamping]
basicConstraints = CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[tsa]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
ess_cert_id_alg = sha256
"""


@dataclass(frozen=True)
class Authority:
    """Lies in a folder of its own."""

    folder: Path

    @property
    def root(self) -> Path:
        """The root certificate, in PEM."""
        return self.folder / "root.pem"

    def answer(self, query: bytes) -> bytes:
        """The response to a request."""
        asked, answered = self.folder / "query.tsq", self.folder / "answer.tsr"
        asked.write_bytes(query)
        self._openssl("ts", "-reply", "-section", "tsa", "-queryfile", asked, "-out", answered, "-config", "tsa.cnf")
        return answered.read_bytes()

    def stamp(self, data: bytes) -> bytes:
        """The response for some bytes, to a request made by openssl too."""
        (self.folder / "data").write_bytes(data)
        self._openssl("ts", "-query", "-data", "data", "-sha256", "-cert", "-out", "own.tsq")
        return self.answer((self.folder / "own.tsq").read_bytes())

    def token_of(self, answer: bytes) -> bytes:
        """The token alone, without the status around it."""
        (self.folder / "whole.tsr").write_bytes(answer)
        self._openssl("ts", "-reply", "-in", "whole.tsr", "-token_out", "-out", "token.tst")
        return (self.folder / "token.tst").read_bytes()

    def _openssl(self, *words: str | Path) -> None:
        subprocess.run(["openssl", *words], cwd=self.folder, check=True, capture_output=True, timeout=30)


def authority(folder: Path) -> Authority:
    """A fresh authority: a root, and a certificate for stamping under it."""
    folder.mkdir()
    (folder / "tsa.cnf").write_text(_CONFIG.format(folder=folder))
    (folder / "serial").write_text("01\n")
    made = Authority(folder)
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-config", "tsa.cnf")
    made._openssl("req", "-x509", *curve, "-keyout", "root.key", "-out", "root.pem", "-days", "3650",
                  "-extensions", "ca")  # fmt: skip
    made._openssl("req", "-new", *curve, "-subj", "/CN=stamps", "-keyout", "tsa.key", "-out", "tsa.csr")
    made._openssl("x509", "-req", "-in", "tsa.csr", "-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial",
                  "-days", "3650", "-extfile", "tsa.cnf", "-extensions", "stamping", "-out", "tsa.pem")  # fmt: skip
    return made
