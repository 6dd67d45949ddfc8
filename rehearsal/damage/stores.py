"""Partial damage of the two stores."""

from rehearsal.damage.nothing import NothingToDamageError
from rehearsal.damage.postgres import damage_postgres
from rehearsal.damage.redis import damage_redis

__all__ = ["NothingToDamageError", "damage_postgres", "damage_redis"]
