"""The BullMQ queue: how a mail's job looks, and how Redis is asked."""

from __future__ import annotations

from typing import Any

from bullmq import Queue  # type: ignore[import-untyped]  # ships no types
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ConstantBackoff

from app.settings import Settings

ATTEMPTS = 5
# A job that is done says that its mail was sent. It must outlive the oldest backup that may be restored (RPO 24 h and
# RTO 4 h), because the relay reads it when PostgreSQL has gone back in time.
KEEP_COMPLETED = {"age": 48 * 3600, "count": 100_000}
KEEP_FAILED = {"age": 7 * 24 * 3600, "count": 100_000}


def make_redis(settings: Settings, time_limit: float) -> Redis:
    """Return a client that answers text, retries once, and waits at most `time_limit` seconds for an answer.

    BullMQ's own client would retry 20 times with growing pauses, and sleep through the server's return.
    """
    return Redis(
        host=settings.redis_host,
        port=settings.redis_port,
        password=settings.redis_password or None,
        decode_responses=True,
        socket_connect_timeout=1,
        socket_timeout=time_limit,
        retry=Retry(ConstantBackoff(0.05), 1),
    )


def make_queue(settings: Settings, redis: Redis) -> Queue:
    """Return the queue of mails on that client."""
    options: dict[str, Any] = {
        "connection": redis,
        "prefix": settings.queue_prefix,
        "defaultJobOptions": {
            "attempts": ATTEMPTS,
            "backoff": {"type": "exponential", "delay": settings.retry_delay_ms},
            "removeOnComplete": KEEP_COMPLETED,
            "removeOnFail": KEEP_FAILED,
        },
    }
    return Queue(settings.queue_name, options)


async def add_job(queue: Queue, outbox_id: str) -> None:
    """Give a mail its job; one that has a job already keeps it. Raises redis.RedisError when Redis does not take it."""
    await queue.add("send", {}, {"jobId": outbox_id})
