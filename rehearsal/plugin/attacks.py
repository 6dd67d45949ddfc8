"""What an attack on a replica showed, in the words of a check."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rehearsal.drills.attack import FLOOD, LOGINS, Trace, trusts_clients
from rehearsal.drills.blocking import Block, place_of
from rehearsal.drills.clients import ATTACKER, NEIGHBOUR
from rehearsal.drills.limits import Flood, Floods
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.procedure import has_no_meaning, what_is_wrong
from rehearsal.gateway.target import CommandRun
from rehearsal.plugin.log_statuses import statuses_of, statuses_sought
from rehearsal.plugin.outages import cover_words
from rehearsal.plugin.record import Record
from rehearsal.runbook import Runbook, Step, procedure, section

HEADING = "Suspeita de Ataque"
_A_FLOOD = 200
"""Requests in a second below which this machine was too busy to flood anybody."""
_LOGIN = re.compile(r"log-?in|senha|password|autentica|authenticat|credencia|credential", re.IGNORECASE)
_BLOCKING = re.compile(r"bloque|block|deny|\bban(?:n?ed|n?ing|s|ir|ido)?\b", re.IGNORECASE)
_STARTS_ANEW = re.compile(r"\b(?:restart|reload|up)\b")
_PUTS_INTO_EFFECT = re.compile(r"nginx.*\b(restart|reload|up)\b|\b(restart|reload|up)\b.*nginx")


class AttackJudge:
    """Records what was seen against the section."""

    def __init__(self, runbook: Runbook, gateway: Gateway, evidence: Record) -> None:
        """Raises RunbookError where the section or its commands are missing."""
        self.section = section(runbook, HEADING)
        self.written = procedure(runbook, HEADING)
        self._gateway, self._evidence, self._runbook = gateway, evidence, runbook
        self.words = "\n".join(step.text for step in self.section.steps)
        self._here = evidence.source(self.written.place)

    def trace(self, trace: Trace) -> None:
        """The attacker's address and the failed logins are in what the commands print."""
        self._ran(trace.after)
        cover_words(self._runbook, HEADING, self._evidence)
        if trace.names_the_attacker:
            self._evidence.saw(f"the section's commands name {ATTACKER}, which flooded nginx")
        else:
            self._evidence.critical(
                f"expected the section's commands to name {ATTACKER}, which flooded nginx; none of them does",
                source=self._here,
            )
        if trace.logged and NEIGHBOUR not in trace.logged:
            say = self._evidence.unknown if trusts_clients(self._gateway) else self._evidence.critical
            say(
                f"nginx logged a request of {NEIGHBOUR} as one of {trace.logged[0]},"
                " which it only said in X-Forwarded-For"
            )
        if not trace.shows_requests:
            self._evidence.warning(
                f"neither nginx' log nor what the section prints has a line of a request of {NEIGHBOUR} that nginx has"
                " answered: who comes in is not seen",
                source=self._here,
            )
        elif trace.logged and not trace.mails_logged:
            self._evidence.warning(
                f"nginx logs requests, and none of those below {self._gateway.http.submit}: who hands in mails is not"
                " seen",
                source=self._here,
            )
        for run in trace.split_counts:
            self._evidence.warning(
                f"`{run.command}` counts one address on several lines: `uniq` sees only lines that follow each other",
                action="put `sort` before `uniq`",
                source=self._evidence.at(self.written.place, run.line),
            )
        self._blind(trace)
        self._logins(trace)

    def _blind(self, trace: Trace) -> None:
        """A command that looks for statuses must not say that there are none, where another shows them."""
        lines = [line for run in trace.after for line in run.stdout.splitlines() if ATTACKER in line]
        for run in trace.after:
            wanted = statuses_sought(run.command)
            logged = [line for line in lines if any(map(wanted.fullmatch, statuses_of(line)))]
            if logged and not run.stdout.strip() and not _errors(run) and run.exit_code is not None:
                self._evidence.warning(
                    f"`{run.command}` prints nothing, and nginx has logged {len(logged)} such requests of {ATTACKER}",
                    source=self._evidence.at(self.written.place, run.line),
                )

    def _logins(self, trace: Trace) -> None:
        step = self._step(_LOGIN)
        if trace.shows_logins:
            self._evidence.saw(f"the section's commands show {LOGINS} failed logins")
        elif step and step.commands:
            self._evidence.critical(
                f"{LOGINS} logins failed, and the commands of step {step.number} show none of them",
                source=self._at(step),
            )
        elif step:
            self._evidence.unknown(
                f"step {step.number} sends people to look for failed logins and names no command that does",
                source=self._at(step),
            )

    def open_door(self, before: Block) -> None:
        """As a control: before anything is blocked everybody is let in."""
        assert not before.holds, "before anything was blocked, one client was let in and another was not"
        if before.attacker == before.neighbour and before.reaches_accomplice:
            self._evidence.unknown(
                f"nginx answers {before.neighbour} to everybody: a block could not be told from that"
            )

    def block(self, seen: Block, *, whole_network: bool = False) -> bool:
        """The blocked are shut out, and nobody else is; tell whether that is so."""
        self._ran(seen.runs)
        step = self._step(_BLOCKING)
        if not seen.holds or (whole_network and not seen.reaches_accomplice):
            self._not_blocked(seen, step)
            return False
        if step:
            self._evidence.covers(step.line)
        for fault, words in (
            (seen.evaded, "an attacker that names another address in X-Forwarded-For is let in again"),
            (seen.abused, "a client that nobody blocked is shut out by what it says in X-Forwarded-For"),
            (not whole_network and seen.reaches_accomplice, "another address than the blocked one is shut out, too"),
        ):
            if fault:
                say = self._evidence.unknown if trusts_clients(self._gateway) else self._evidence.critical
                say(f"with {seen.what} blocked, {words}", source=self._here)
        self._evidence.saw(
            f"with {seen.what} blocked {ATTACKER} gets {seen.attacker}, others {seen.neighbour}, whatever they forge"
        )
        return True

    def _not_blocked(self, seen: Block, step: Step | None) -> None:
        found = (
            f"{ATTACKER} got {seen.attacker}, its neighbour in the network {seen.accomplice}, others {seen.neighbour}"
        )
        elsewhere = [one for one in step.commands if _STARTS_ANEW.search(one.text)] if step else []
        in_effect = any(_PUTS_INTO_EFFECT.search(run.command) for run in seen.runs)
        if seen.runs and not seen.by and not in_effect and elsewhere and step:
            self._evidence.critical(
                f"step {step.number} blocks an address in nginx and then runs `{elsewhere[-1].text}`, which nginx does"
                " not notice: the address is let in as before",
                source=self._at(step),
            )
        elif seen.runs and not seen.by and not in_effect:
            self._evidence.unknown(
                "the section names no command that puts a block into effect: it can't be rehearsed",
                source=self._at(step) if step else self._here,
            )
        else:
            say = self._evidence.unknown if trusts_clients(self._gateway) else self._evidence.critical
            place = place_of(self._gateway, self.words) or "nginx.conf"
            how = (
                f"after `{seen.by}`"
                if seen.by
                else f"with `deny {seen.what};` in {place} and the section's commands run"
            )
            say(
                f"{how}, expected 403 for it alone: {found}",
                source=self._at(step) if step else self._here,
            )

    def flood(self, seen: Floods) -> None:
        """Too many requests are told so, whatever they forge, and only who asks too often is."""
        for words in seen.alive:
            self._evidence.critical(f"after a flood of {FLOOD} requests: {words}", source=self._here)
        if not seen.of_mails.held_back:
            self._let_in(seen)
        for one in seen.floods:
            self._one_flood(one)

    def _let_in(self, seen: Floods) -> None:
        """Say that nobody is held back where mails are handed in, which is what an attacker is after."""
        promised = "429" in " ".join(step.text for step in self.section.steps)
        say = self._evidence.critical if promised else self._evidence.warning
        # An API that lets everybody in is slower than the nginx before it.
        if max(one.per_second for one in seen.floods) < _A_FLOOD:
            say = self._evidence.unknown
        elsewhere = [one.path for one in seen.floods if one.held_back]
        limited = f"the limit is on {', '.join(elsewhere)} only" if elsewhere else "nginx holds nobody back"
        say(
            f"{FLOOD} requests of one client to {seen.of_mails.path}, {seen.of_mails.per_second:.0f} in a second, were"
            f" all let in: {limited}",
            source=self._here,
        )

    def _one_flood(self, one: Flood) -> None:
        if not one.held_back:
            return
        say = self._evidence.unknown if trusts_clients(self._gateway) else self._evidence.critical
        if one.evaded:
            say(
                f"{one.path}: a client that names other addresses in X-Forwarded-For evades the limit",
                source=self._here,
            )
        if one.shuts_out_others:
            say(
                f"{one.path}: while one client flooded it others got {', '.join(map(str, one.others))}: the limit is"
                " not each client's own",
                source=self._here,
            )
        if not one.answers[429]:
            self._evidence.warning(f"{one.path}: who asks too often is told 503 and not 429 (limit_req_status)")
        others = ", ".join(map(str, sorted(set(one.others))))
        self._evidence.saw(f"{one.path}: of {FLOOD} requests {one.held_back} were held back, others got {others}")

    def _ran(self, runs: Sequence[CommandRun]) -> None:
        for run in runs:
            self._evidence.ran(run)
            source = self._evidence.at(self.written.place, run.line)
            if has_no_meaning(run):
                self._evidence.unknown(f"`{run.command}` {what_is_wrong(run)}", source=source)
            elif run.exit_code is None:
                self._evidence.warning(f"`{run.command}` does not end by itself", source=source)
            elif not _found_nothing(run) and (wrong := what_is_wrong(run)):
                self._evidence.critical(f"`{run.command}` {wrong}", source=source)

    def _step(self, about: re.Pattern[str]) -> Step | None:
        return next((step for step in self.section.steps if about.search(step.text)), None)

    def _at(self, step: Step) -> str:
        return self._evidence.at(self.written.place, step.line)


def _errors(run: CommandRun) -> list[str]:
    """Return what a command said of errors; what grep only thinks of an expression it has searched for is none."""
    return [line for line in run.stderr.splitlines() if line.strip() and not line.startswith("grep: warning:")]


def _found_nothing(run: CommandRun) -> bool:
    """Tell whether a search only found nothing: what it should have found is judged by what it prints."""
    return "grep" in run.command and not _errors(run) and {run.exit_code, *run.pipe_status} <= {0, 1}
