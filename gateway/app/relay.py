"""The relay: gives a job to every mail that is still to be sent and has none.

It runs in the worker, beside the jobs. A Redis that was lost, emptied or restored to an older state becomes whole
again by it; so does one that was away while the API accepted mails. Several relays at once do no harm: a job is known
by its mail's id, and whether a mail is sent is decided by its row.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from bullmq import Queue  # type: ignore[import-untyped]  # ships no types
from redis.asyncio import Redis

from app.database import Pool
from app.outbox import is_queued, mark_sent, queued_after
from app.proof import read_proof
from app.queue import add_job

_logger = logging.getLogger("app.relay")
_PAGE = 500
_FIELDS = 6


@dataclass(frozen=True, slots=True)
class _JobState:
    exists: bool
    progress: str | None
    result: str | None
    finished: bool
    placed: bool
    """Among the delayed or prioritized jobs."""


@dataclass(slots=True)
class Relay:
    """Compares the outbox with the queue."""

    pool: Pool
    queue: Queue
    redis: Redis
    _suspects: set[str] = field(default_factory=set)

    async def sweep(self) -> None:
        """Look at every mail that is still to be sent, once. Raises psycopg.Error and redis.RedisError."""
        listed: set[str] | None = None
        stray: set[str] = set()
        after = UUID(int=0)
        while True:
            async with self.pool.connection() as conn:
                ids = await queued_after(conn, after, _PAGE)
            if not ids:
                break
            states = await self._states(ids)
            if listed is None and any(job.exists and not job.finished and not job.placed for job in states.values()):
                listed = await self._listed()
            for outbox_id, job in states.items():
                if not job.exists or job.finished:
                    await self._mend(outbox_id, job)
                elif not job.placed and outbox_id not in (listed or ()):
                    stray.add(outbox_id)
                    # A job on its way from one list to another looks lost for a moment, but not twice.
                    if outbox_id in self._suspects:
                        await self._mend(outbox_id, job)
            after = UUID(ids[-1])
        self._suspects = stray

    async def _mend(self, outbox_id: str, job: _JobState) -> None:
        proof = read_proof(job.progress, job.result)
        async with self.pool.connection() as conn:
            # The worker writes the row before it ends the job: a job that has just ended shows here as what it did.
            if not await is_queued(conn, UUID(outbox_id)):
                return
            if proof is not None:
                if await mark_sent(conn, UUID(outbox_id), proof.message_id, proof.at, "reconciled"):
                    _logger.info("mail %s was sent before its row went back in time: not sent again", outbox_id)
                return
        if job.exists and not await self.queue.remove(outbox_id):
            return  # a worker has it in hand
        await add_job(self.queue, outbox_id)
        _logger.info("mail %s has its job again", outbox_id)

    async def _states(self, ids: list[str]) -> dict[str, _JobState]:
        key = self.queue.toKey
        async with self.redis.pipeline(transaction=True) as pipe:
            for outbox_id in ids:
                pipe.exists(key(outbox_id))
                pipe.hmget(key(outbox_id), ["progress", "returnvalue"])
                for name in ("completed", "failed", "delayed", "prioritized"):
                    pipe.zscore(key(name), outbox_id)
            answers: list[Any] = await pipe.execute()
        rows = (answers[start : start + _FIELDS] for start in range(0, len(answers), _FIELDS))
        return {
            outbox_id: _JobState(
                exists=bool(exists),
                progress=kept[0],
                result=kept[1],
                finished=completed is not None or failed is not None,
                placed=delayed is not None or prioritized is not None,
            )
            for outbox_id, (exists, kept, completed, failed, delayed, prioritized) in zip(ids, rows, strict=True)
        }

    async def _listed(self) -> set[str]:
        async with self.redis.pipeline(transaction=True) as pipe:
            for name in ("wait", "active", "paused"):
                pipe.lrange(self.queue.toKey(name), 0, -1)
            return {outbox_id for found in await pipe.execute() for outbox_id in found}
