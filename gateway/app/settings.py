"""What the gateway is told by its environment."""

from __future__ import annotations

import os
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Settings:
    """Addresses and secrets of the parts that the gateway talks to. Secrets stay out of its repr."""

    db_host: str
    db_port: int
    db_user: str
    db_name: str
    db_password: str = field(repr=False)
    redis_host: str
    redis_port: int
    redis_password: str = field(repr=False)
    smtp_host: str
    smtp_port: int
    queue_name: str
    queue_prefix: str
    retry_delay_ms: int
    """Before the second attempt; doubled before each one after it."""
    port: int
    """Where the API listens."""

    @classmethod
    def from_environment(cls) -> Settings:
        """Read the settings. Raises ValueError when a port or delay is no number."""
        env = os.environ
        return cls(
            db_host=env.get("DB_HOST", "postgres"),
            db_port=int(env.get("DB_PORT", "5432")),
            db_user=env.get("DB_USER", "postgres"),
            db_name=env.get("DB_NAME", "email_gateway"),
            db_password=env.get("DB_PASSWORD", ""),
            redis_host=env.get("REDIS_HOST", "redis"),
            redis_port=int(env.get("REDIS_PORT", "6379")),
            redis_password=env.get("REDIS_PASSWORD", ""),
            smtp_host=env.get("SMTP_HOST", "smtp"),
            smtp_port=int(env.get("SMTP_PORT", "1025")),
            queue_name=env.get("QUEUE_NAME", "email-send"),
            queue_prefix=env.get("QUEUE_PREFIX", "bull"),
            retry_delay_ms=int(env.get("RETRY_DELAY_MS", "1000")),
            port=int(env.get("PORT", "3000")),
        )

    def db_arguments(self, service: str) -> dict[str, str | int]:
        """Return psycopg's connection arguments for a service, with time limits for a server that has gone."""
        arguments: dict[str, str | int] = {
            "host": self.db_host,
            "port": self.db_port,
            "user": self.db_user,
            "dbname": self.db_name,
            "application_name": f"email-gateway-{service}",
            "connect_timeout": 2,
            "tcp_user_timeout": 5000,
            "options": "-c statement_timeout=10s -c lock_timeout=10s -c idle_in_transaction_session_timeout=60s",
        }
        return arguments | ({"password": self.db_password} if self.db_password else {})
