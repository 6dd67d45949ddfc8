"""Partial damage of the two stores, and what they gain after a backup."""

from rehearsal.damage.growth import grow_postgres, grow_redis
from rehearsal.damage.nothing import NothingToDamageError
from rehearsal.damage.postgres import damage_postgres
from rehearsal.damage.redis import damage_redis

__all__ = ["NothingToDamageError", "damage_postgres", "damage_redis", "grow_postgres", "grow_redis"]
