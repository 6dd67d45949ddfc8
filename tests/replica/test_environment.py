"""The variables that a replica's services read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rehearsal.gateway.description import Gateway
from tests.replica.conftest import ARRANGEMENTS, TINY, Isolation, open_or_skip, tiny


def _gateway() -> Gateway:
    given = tiny(TINY).model_dump(mode="json")
    given["directory"] = Path(TINY)
    given["postgres"]["password"] = {"env": "POSTGRES_PW"}
    given["redis"]["password"] = {"env": "CACHE_SECRET"}
    given["replica"]["services"]["api"]["environment"] = {
        "DATABASE_URL": "postgresql://${DB_USER}:${DB_PASSWORD}@${DB_HOST}:${DB_PORT}/${DB_NAME}",
        "OTHER": "$5 and ${HOME_OF_NOBODY}",
    }
    return Gateway.model_validate(given)


@pytest.mark.parametrize("isolation", ARRANGEMENTS)
def test_addresses_in_the_form_that_a_service_wants(isolation: Isolation) -> None:
    """A URL is put together from what the replica has made; other dollars stay; a named variable holds its password."""
    with open_or_skip(_gateway(), isolation) as replica:
        script = "docker compose exec -T {} python -c 'import json, os; print(json.dumps(dict(os.environ)))'"
        seen = {
            name: json.loads(replica.run_script(script.format(name), timeout=60).stdout) for name in ("api", "redis")
        }
        answered = replica.run_script(
            'PGPASSWORD=$POSTGRES_PW psql -h "$DB_HOST" -p "$DB_PORT" -U "$DB_USER" -d "$DB_NAME" -Atc "SELECT 7"'
            ' && REDISCLI_AUTH=$CACHE_SECRET redis-cli -p "$REDIS_PORT" PING',
            timeout=60,
        )
    api = seen["api"]
    address = f"{api['DB_USER']}:{api['DB_PASSWORD']}@{api['DB_HOST']}:{api['DB_PORT']}/{api['DB_NAME']}"
    assert api["DATABASE_URL"] == f"postgresql://{address}"
    assert api["OTHER"] == "$5 and ${HOME_OF_NOBODY}"
    assert api["POSTGRES_PW"] == api["DB_PASSWORD"] != ""
    assert seen["redis"]["CACHE_SECRET"] == api["REDIS_PASSWORD"] != ""
    assert "POSTGRES_PW" not in seen["redis"]
    assert answered.stdout.split() == ["7", "PONG"], answered.stderr
