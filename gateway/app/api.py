"""The API: accepts mails and tells their state. `python -m app.api` serves it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Coroutine
from typing import Any
from uuid import UUID

import psycopg
import uvicorn
from redis.exceptions import RedisError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app import outbox
from app.database import Pool, make_pool
from app.log import Outage, start_logging
from app.queue import add_job, make_queue, make_redis
from app.settings import Settings
from app.submission import InvalidError, read_key, read_submission

_logger = logging.getLogger("app.api")
_COMPANY = "default"
_PROBE_SECONDS = 1.5
_ANSWER_SECONDS = 5.0


async def within(seconds: float, work: Coroutine[Any, Any, Any]) -> Any:  # noqa: ANN401 - what the work returns
    """Return what `work` returns. Raises TimeoutError in time even when the work does not heed its cancellation.

    A query to a frozen server does not: psycopg asks that server to cancel it, and waits.
    """
    task = asyncio.ensure_future(work)
    done, _ = await asyncio.wait({task}, timeout=seconds)
    if not done:
        task.cancel()
        task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
        raise TimeoutError
    return task.result()


class Api:
    """The routes, and the connections behind them."""

    def __init__(self, settings: Settings) -> None:
        self._pool: Pool = make_pool(settings, "api", 8)
        self._redis = make_redis(settings, time_limit=1)
        self._queue = make_queue(settings, self._redis)
        self._postgres_outage = Outage(_logger, "PostgreSQL")
        self._redis_outage = Outage(_logger, "Redis")

    @contextlib.asynccontextmanager
    async def lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        """Keep the connections for as long as the server runs; neither server needs to be up yet."""
        await self._pool.open(wait=False)
        try:
            yield
        finally:
            await self._pool.close(timeout=0.2)
            await self._redis.aclose()

    async def healthz(self, _request: Request) -> Response:
        """The process lives."""
        return JSONResponse({"status": "ok"})

    async def readyz(self, _request: Request) -> Response:
        """Ask PostgreSQL for the outbox and Redis for an answer: 503 when either does not give it."""
        probes = (within(_PROBE_SECONDS, self._ask_postgres()), within(_PROBE_SECONDS, self._ask_redis()))
        found = await asyncio.gather(*probes, return_exceptions=True)
        for outage, reason in zip((self._postgres_outage, self._redis_outage), found, strict=True):
            outage.away(reason) if isinstance(reason, BaseException) else outage.back()
        parts = {
            name: "unavailable" if isinstance(reason, BaseException) else "ok"
            for name, reason in zip(("postgres", "redis"), found, strict=True)
        }
        ready = set(parts.values()) == {"ok"}
        return JSONResponse({"status": "ready" if ready else "unavailable"} | parts, 200 if ready else 503)

    async def submit(self, request: Request) -> Response:
        """Accept a mail: its row first, then its job. Without Redis it is accepted too; the relay makes its job."""
        try:
            key = read_key(request.headers)
            mail = await read_submission(request)
        except InvalidError as problem:
            return JSONResponse({"error": str(problem)}, problem.status)
        try:
            outbox_id, state, new = await within(_ANSWER_SECONDS, self._accept(key, mail))
        except outbox.KeyReusedError:
            return JSONResponse({"error": "this Idempotency-Key was used with another mail"}, 409)
        if new:
            await self._enqueue(str(outbox_id))
        return JSONResponse({"id": str(outbox_id), "state": state}, 202 if new else 200)

    async def state(self, request: Request) -> Response:
        """Tell what became of a mail."""
        try:
            outbox_id = UUID(request.path_params["id"])
        except ValueError:
            return JSONResponse({"error": "a mail's id is a UUID"}, 404)
        found = await within(_ANSWER_SECONDS, self._read(outbox_id))
        return JSONResponse(found) if found else JSONResponse({"error": "no such mail"}, 404)

    async def unavailable(self, _request: Request, reason: Exception) -> Response:
        """Answer for a PostgreSQL that does not: nothing was accepted, try again."""
        self._postgres_outage.away(reason)
        return JSONResponse({"error": "the database does not answer; try again"}, 503, {"Retry-After": "2"})

    async def _accept(self, key: str, mail: outbox.Submission) -> tuple[UUID, str, bool]:
        async with self._pool.connection() as conn:
            if (found := await outbox.known(conn, _COMPANY, key, mail)) is not None:
                return *found, False
            if (outbox_id := await outbox.accept(conn, _COMPANY, key, mail)) is not None:
                return outbox_id, "queued", True
            # The same key came in twice at once, and the other was first.
            await conn.rollback()
            if (found := await outbox.known(conn, _COMPANY, key, mail)) is not None:
                return *found, False
        raise psycopg.DataError("the schema has no company to send for: run the migrations")

    async def _read(self, outbox_id: UUID) -> dict[str, Any] | None:
        async with self._pool.connection() as conn:
            return await outbox.read(conn, outbox_id)

    async def _enqueue(self, outbox_id: str) -> None:
        try:
            await within(_PROBE_SECONDS, add_job(self._queue, outbox_id))
        except (RedisError, TimeoutError) as reason:
            self._redis_outage.away(reason)
        else:
            self._redis_outage.back()

    async def _ask_postgres(self) -> None:
        async with self._pool.connection() as conn:
            await conn.execute("SELECT 1 FROM email_outbox LIMIT 1")

    async def _ask_redis(self) -> None:
        await self._redis.ping()


def make_app(settings: Settings) -> Starlette:
    """Return the ASGI application."""
    api = Api(settings)
    return Starlette(
        routes=[
            Route("/v1/health/healthz", api.healthz),
            Route("/v1/health/readyz", api.readyz),
            Route("/v1/emails", api.submit, methods=["POST"]),
            Route("/v1/emails/{id}", api.state),
        ],
        exception_handlers={psycopg.Error: api.unavailable, TimeoutError: api.unavailable},
        lifespan=api.lifespan,
    )


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    settings = Settings.from_environment()
    config = uvicorn.Config(
        make_app(settings),
        host="0.0.0.0",  # noqa: S104 - the internal network of the stack; nginx is what stands outside
        port=settings.port,
        log_config=None,
        loop="asyncio",
        http="h11",
        ws="none",
        timeout_graceful_shutdown=5,
    )
    uvicorn.Server(config).run()


if __name__ == "__main__":
    start_logging()
    main()
