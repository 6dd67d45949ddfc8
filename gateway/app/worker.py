"""The worker: sends what its row says is not sent. `python -m app.worker` runs it, with the relay beside it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import time
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
from bullmq import Job, UnrecoverableError, Worker  # type: ignore[import-untyped]  # ships no types
from redis.asyncio import Redis
from redis.exceptions import RedisError

from app.database import Pool, make_pool
from app.delivery import Claim, claim, give_up, is_final, log_attempt
from app.log import Outage, start_logging
from app.outbox import mark_sent
from app.proof import Proof, read_proof
from app.queue import KEEP_COMPLETED, KEEP_FAILED, make_queue, make_redis
from app.relay import Relay
from app.settings import Settings
from app.smtp import Attempt, send

_logger = logging.getLogger("app.worker")
_CONCURRENCY = 4
_SWEEP_SECONDS = 1.0
_STOP_SECONDS = 8.0  # Docker sends SIGKILL after 10


class _TryAgainError(Exception):
    """The SMTP server did not take the mail now; BullMQ starts the job again later."""


class Sender:
    """Processes the jobs of the queue."""

    def __init__(self, settings: Settings, pool: Pool) -> None:
        self._settings = settings
        self._pool = pool
        self._in_hand: set[asyncio.Task[dict[str, Any]]] = set()

    async def process(self, job: Job, _token: str) -> dict[str, Any]:
        """Send one mail, unless it is sent, given up, or unknown. Raises when it is to be tried again.

        What has begun goes on to its end, whoever stops waiting for it: a mail that the SMTP server has taken and
        whose row does not know would be sent again. BullMQ may take a last job while it closes, and drop it.
        """
        task = asyncio.ensure_future(self._send(job))
        self._in_hand.add(task)
        task.add_done_callback(self._in_hand.discard)
        return await asyncio.shield(task)

    async def finish(self) -> None:
        """Wait for what is in hand, within the time that Docker leaves."""
        if self._in_hand:
            await asyncio.wait(self._in_hand, timeout=_STOP_SECONDS)

    async def _send(self, job: Job) -> dict[str, Any]:
        try:
            outbox_id = UUID(job.id)
        except ValueError:
            raise UnrecoverableError(f"job {job.id} is no mail's: its id is no UUID") from None
        async with self._pool.connection() as conn:
            claimed = await claim(conn, outbox_id)
            if claimed is None:
                _logger.warning("job %s has no mail: its row was lost in a restore", job.id)
                return {"outcome": "unknown"}
            if claimed.state == "sent":
                return {"outcome": "sent", "message_id": claimed.message_id, "at": claimed.sent_at}
            if claimed.state == "failed":
                return {"outcome": "failed"}
            proof = read_proof(job.progress)
            if proof is not None:
                await mark_sent(conn, claimed.id, proof.message_id, proof.at, "reconciled")
                return proof.as_json()
            attempt = await asyncio.to_thread(send, claimed.mail, self._settings.smtp_host, self._settings.smtp_port)
            if attempt.outcome == "accepted":
                return await self._accepted(conn, job, claimed, attempt)
            await log_attempt(conn, claimed, attempt)
            final = is_final(claimed, attempt)
            if final:
                await give_up(conn, claimed, attempt)
        _logger.warning("mail %s attempt %d: %s", claimed.id, claimed.attempts + 1, attempt.detail)
        if final:
            raise UnrecoverableError(attempt.detail)
        raise _TryAgainError(attempt.detail)

    @staticmethod
    async def _accepted(conn: Any, job: Job, claimed: Claim, attempt: Attempt) -> dict[str, Any]:  # noqa: ANN401
        proof = Proof(claimed.mail.message_id, datetime.now(UTC))
        # The job learns it first: should PostgreSQL go away before the commit, the next start finds it there.
        with contextlib.suppress(RedisError):
            await job.updateProgress(proof.as_json())
        await log_attempt(conn, claimed, attempt)
        await mark_sent(conn, claimed.id, proof.message_id, proof.at, "sent")
        return proof.as_json()


def make_worker(settings: Settings, redis: Redis, sender: Sender) -> Worker:
    """Return a BullMQ worker, not yet running. Short locks: the job of a worker that was killed starts again soon."""
    return Worker(
        settings.queue_name,
        sender.process,
        {
            "autorun": False,
            "connection": redis,
            "prefix": settings.queue_prefix,
            "concurrency": _CONCURRENCY,
            "lockDuration": 3000,
            "stalledInterval": 1000,
            "maxStalledCount": 10,
            "drainDelay": 2,  # below the client's time limit, or it counts as a lost connection
            "runRetryDelay": 200,
            "removeOnComplete": KEEP_COMPLETED,
            "removeOnFail": KEEP_FAILED,
        },
    )


async def consume(settings: Settings, redis: Redis, sender: Sender, stop: asyncio.Event) -> None:
    """Run BullMQ workers, one after the other, until `stop` is set."""
    outage = Outage(_logger, "Redis")
    while not stop.is_set():
        try:
            await redis.ping()
        except RedisError as reason:
            outage.away(reason)
            await asyncio.sleep(0.2)
            continue
        outage.back()
        worker = make_worker(settings, redis, sender)
        worker.on("error", lambda reason, *_: _logger.warning("queue: %s", type(reason).__name__))
        running = asyncio.ensure_future(worker.run())
        stopping = asyncio.ensure_future(stop.wait())
        _logger.info("consuming %s", settings.queue_name)
        await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if stop.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(worker.close(), _STOP_SECONDS)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def relay_for_ever(relay: Relay) -> None:
    """Sweep about once a second; after a long sweep rest in proportion."""
    outage = Outage(logging.getLogger("app.relay"), "PostgreSQL or Redis")
    while True:
        started = time.monotonic()
        try:
            await relay.sweep()
        except (psycopg.Error, RedisError) as reason:
            outage.away(reason)
        else:
            outage.back()
        await asyncio.sleep(max(_SWEEP_SECONDS, 2 * (time.monotonic() - started)))


async def main() -> None:
    """Consume and relay until SIGTERM or SIGINT."""
    settings = Settings.from_environment()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    redis = make_redis(settings, time_limit=12)  # BullMQ blocks up to 10 s when a job is delayed
    relay_redis = make_redis(settings, time_limit=5)
    pool = make_pool(settings, "worker", _CONCURRENCY + 1)
    await pool.open(wait=False)
    sender = Sender(settings, pool)
    relay = asyncio.ensure_future(relay_for_ever(Relay(pool, make_queue(settings, relay_redis), relay_redis)))
    try:
        await consume(settings, redis, sender, stop)
    finally:
        await sender.finish()
        relay.cancel()
        await asyncio.gather(relay, return_exceptions=True)
        await pool.close(timeout=1)
        await redis.aclose()
        await relay_redis.aclose()
        _logger.info("stopped")


if __name__ == "__main__":
    start_logging()
    asyncio.run(main())
