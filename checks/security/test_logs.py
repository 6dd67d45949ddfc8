"""Section "Vazamento de Dados", before there is one: what people write to each other, and secrets, stand in no log."""

from __future__ import annotations

import pytest

from rehearsal.drills.loose_words import logs_that_tell
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.nginx_files import lists_folders
from rehearsal.gateway.target import NotOnThisTargetError
from rehearsal.plugin import Record
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Runbook


@pytest.mark.drill
@pytest.mark.section("Vazamento de Dados")
def test_logs_hold_no_mails(replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record) -> None:
    """No log holds the text of a mail, a key or a password, because logs are copied, kept for weeks, read by many."""
    for what, place in logs_that_tell(replica, gateway, runbook):
        evidence.critical(f"{what} stands in {place}", action="log who and when, never what was written or opens doors")
    evidence.saw("a mail was sent; its text and what opens doors were looked for in all services' logs and log folders")


@pytest.mark.weekly
@pytest.mark.section("Vazamento de Dados")
def test_nginx_lists_no_folder(gateway: Gateway, evidence: Record) -> None:
    """Nginx shows nobody what lies in a folder, because whoever finds such a list reads logs and backups at leisure."""
    lists = lists_folders(gateway)
    if lists is None:
        raise NotOnThisTargetError("the gateway directory holds no settings of nginx")
    if lists:
        evidence.warning("nginx lists a folder's files for everybody: `autoindex on`", action="set `autoindex off`")
    evidence.saw("nginx's settings were read")
