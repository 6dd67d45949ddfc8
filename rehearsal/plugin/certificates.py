"""What was seen of certificates, in the words of a check."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from cryptography import x509

from rehearsal.gateway.certificates import CURRENT, OLD, fingerprint, shown, spoken
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.nginx_files import main_settings, settings_of_nginx
from rehearsal.gateway.procedure import ProcedureRun, has_no_meaning, what_is_wrong
from rehearsal.gateway.target import NotOnThisTargetError, Target, TargetError
from rehearsal.plugin.record import Record
from rehearsal.runbook import Procedure

GOOD, SOON, EXPIRED = "a good one", "one that ends soon", "an expired one"
_ASKED = re.compile(r"-checkend[\s=]+(\d+)")
_FILE = re.compile(r"(?<=-in )\s*([\"']?)([\w./@:+-]+)\1")
_OFFERED = re.compile(r"(?:^|[\s{;])ssl_protocols\s+([^;]+);")
_CIPHERS = re.compile(r"(?:^|[\s{;])ssl_ciphers\s+([^;]+);")
_WEAK = re.compile(r"\+?(?:aNULL|eNULL|NULL|COMPLEMENTOFALL|EXP(?:ORT)?\d*|LOW|RC4|DES|MD5|@SECLEVEL=0)")
"""As OpenSSL names them, where no `!` or `-` takes them out."""
_OLD_NAMES = {"SSLv2", "SSLv3", "TLSv1", "TLSv1.0", "TLSv1.1"}
# Dates, numbers and keys are other for each certificate: what is told is told in words.
_WORD = re.compile(r"(?<![\w+/=:])(?![0-9a-fA-F]+\b)[^\W\d_]{4,}(?![\w+/=])")


def least_days(written: Procedure, gateway: Gateway, evidence: Record) -> tuple[float, str]:
    """Return how many days a certificate must have left, and where that stands: the section, else gateway.toml."""
    for command in written.commands:
        if asked := _ASKED.search(command.text):
            evidence.covers(command.line)
            return int(asked[1]) / timedelta(days=1).total_seconds(), evidence.at(written.place, command.line)
    return gateway.objectives.certificate_days, "gateway.toml objectives.certificate_days"


def judge_lifetime(certificate: x509.Certificate, written: Procedure, gateway: Gateway, evidence: Record) -> None:
    """Hold what a certificate has left against the runbook's figure and the objective."""
    least, source = least_days(written, gateway, evidence)
    critical = gateway.objectives.certificate_critical_days
    left = (certificate.not_valid_after_utc - datetime.now(UTC)).total_seconds() / timedelta(days=1).total_seconds()
    begins = (certificate.not_valid_before_utc - datetime.now(UTC)).total_seconds()
    what = f"the certificate of {gateway.http.https_url}"
    said = f"{what} is valid for {int(left)} more days" if left >= 0 else f"{what} has expired {-left:.1f} days ago"
    if begins > 0:
        evidence.critical(f"{what} is not valid before {certificate.not_valid_before_utc:%Y-%m-%d %H:%M} UTC")
    if left < min(critical, least) or left < 0:
        evidence.critical(f"{said}, expected at least {critical} (objectives.certificate_critical_days)", source=source)
    elif left < least:
        evidence.warning(f"{said}, expected at least {least:g}", source=source)
    if least < critical:
        evidence.warning(
            f"the section warns {least:g} days before the end, later than certificates are critical ({critical} days)",
            source=source,
        )
    evidence.saw(f"{said}, and {least:g} are asked for")


def judge_versions(target: Target, url: str, gateway: Gateway, evidence: Record) -> None:
    """Ask for each version of TLS: an old one must be refused, one of today must be spoken."""
    seen = spoken(target, url, (*OLD, *CURRENT))
    names = {version: version.name.replace("_", ".") for version in seen}
    if not any(seen[version] for version in CURRENT):
        evidence.critical(
            f"expected {url} to speak {' or '.join(names[version] for version in CURRENT)}, found neither"
        )
    for version in OLD:
        if seen[version]:
            evidence.critical(
                f"expected {url} to refuse {names[version]}, found it spoken: take it out of ssl_protocols"
            )
        elif seen[version] is None:
            evidence.unknown(
                f"whether {url} speaks {names[version]} could not be asked: this machine's OpenSSL does not"
            )
    for text in _settings(target, gateway):
        for offered in _OFFERED.findall(text):
            old = sorted(set(offered.split()) & _OLD_NAMES)
            if old and not any(seen[version] for version in OLD):
                evidence.warning(
                    f"nginx's settings offer {', '.join(old)}, which only the OpenSSL of this nginx refuses:"
                    f" expected `ssl_protocols TLSv1.2 TLSv1.3`, found `ssl_protocols {' '.join(offered.split())}`"
                )
        for ciphers in _CIPHERS.findall(text):
            if weak := [word for word in re.split(r"[:,\s]+", ciphers.strip("\"'")) if _WEAK.fullmatch(word)]:
                evidence.warning(f"nginx's settings offer ciphers that anybody can read: {', '.join(weak)}")
    evidence.saw(f"{url} speaks {', '.join(names[one] for one, yes in seen.items() if yes) or 'nothing'}")


def _settings(target: Target, gateway: Gateway) -> list[str]:
    if target.is_replica:
        return list(settings_of_nginx(gateway))
    try:
        return [re.sub(r"#.*", "", target.read_file(str(main_settings(gateway))).decode(errors="replace"))]
    except (TargetError, NotOnThisTargetError):
        # Where it lies elsewhere, what the server speaks is all that is known.
        return []


def judge_file(target: Target, url: str, written: Procedure, evidence: Record) -> None:
    """Compare the file that the section looks at with the certificate that clients are shown."""
    read = [(found[2], command) for command in written.commands if (found := _FILE.search(command.text))]
    if not read:
        for command in written.commands:
            if "s_client" in command.text:
                evidence.covers(command.line)
                evidence.saw("the section asks the server itself")
                return
        msg = "the section names no file of a certificate (`openssl x509 -in FILE`)"
        raise NotOnThisTargetError(msg)
    served = fingerprint(shown(target, url))
    for path, command in read:
        evidence.covers(command.line)
        try:
            held = x509.load_pem_x509_certificates(target.read_file(path))
        except ValueError:
            held = []
        except TargetError:
            if target.is_replica:
                msg = (
                    f"a replica makes its certificate where nginx reads it, and has none at {path}; the drill puts one"
                )
                raise NotOnThisTargetError(msg) from None
            raise
        if not held or fingerprint(held[0]) != served:
            evidence.critical(
                f"expected {path} to hold the certificate that {url} shows, found"
                f" {'another' if held else 'none'}: nginx was not reloaded since its renewal, or reads another file",
                source=evidence.at(written.place, command.line),
            )
        else:
            evidence.saw(f"{path} holds the certificate that {url} shows")


def judge_telling(runs: Mapping[str, ProcedureRun], written: Procedure, evidence: Record) -> None:
    """Judge whether the section's commands tell a certificate that ends from a good one."""
    evidence.ran_all(runs[GOOD])
    source = evidence.source(written.place)
    for command in runs[GOOD].commands:
        if wrong := what_is_wrong(command):
            blind = has_no_meaning(command) or command.exit_code == 127  # noqa: PLR2004 - not found
            say = evidence.unknown if blind else evidence.critical
            say(f"over a good certificate `{command.command}` {wrong}", source=evidence.at(written.place, command.line))
    if evidence.findings:
        return
    for what in (EXPIRED, SOON):
        told = _how_told(runs[GOOD], runs[what])
        if not told:
            evidence.critical(
                f"the section says the same of {what} as of {GOOD}: it does not look at what nginx serves",
                source=source,
            )
        elif told == "dates":
            evidence.warning(
                f"of {what} the section shows its dates only, with status 0 as for {GOOD}: a person must compare them"
                " (`openssl x509 -checkend SECONDS`, with enough of them, tells it)",
                source=source,
            )
        else:
            evidence.saw(f"the section tells {what} from {GOOD} by its {told}")


def _how_told(good: ProcedureRun, other: ProcedureRun) -> str:
    if [one.exit_code for one in good.commands] != [one.exit_code for one in other.commands]:
        return "exit status"
    texts = ["\n".join(one.stdout + one.stderr for one in run.commands) for run in (good, other)]
    if set(_WORD.findall(texts[0])) != set(_WORD.findall(texts[1])):
        return "words"
    return "dates" if texts[0] != texts[1] else ""
