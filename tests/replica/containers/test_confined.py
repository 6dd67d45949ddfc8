"""What becomes of a command of the runbook before it reaches the engine; no engine is needed to see it."""

from __future__ import annotations

import shlex

import pytest

from rehearsal.replica.containers.confined import Confined, ForbiddenError

CONFINED = Confined("tiny-1a2b", "tiny", ("/replica.yml",))
DOCKER = {
    "docker exec redis redis-cli -n 3 ping": "docker exec tiny-1a2b-redis-1 redis-cli -n 3 ping",
    "docker exec -it redis redis-cli ping": "docker exec -i tiny-1a2b-redis-1 redis-cli ping",
    "docker exec -t -u root tiny-redis-1 ls -t": "docker exec -u root tiny-1a2b-redis-1 ls -t",
    "docker exec --interactive --tty redis sh": "docker exec --interactive tiny-1a2b-redis-1 sh",
    "docker inspect -f {{.State.Status}} api": "docker inspect -f {{.State.Status}} tiny-1a2b-api-1",
    "docker inspect --format={{.Id}} tiny_api_1": "docker inspect --format={{.Id}} tiny-1a2b-api-1",
    "docker container inspect --type container api": "docker inspect --type container tiny-1a2b-api-1",
    "docker container logs -n 5 api": "docker logs -n 5 tiny-1a2b-api-1",
    "docker logs -f --tail 5 api": "docker logs -f --tail 5 tiny-1a2b-api-1",
    "docker stop -t 5 api worker": "docker stop -t 5 tiny-1a2b-api-1 tiny-1a2b-worker-1",
    "docker ps -f name=api": "docker ps -f name=api --filter label=com.docker.compose.project=tiny-1a2b",
}
COMPOSE = {
    "docker-compose -f other.yml -p other exec -T redis redis-cli ping": "exec -T redis redis-cli ping",
    "docker compose ps --format json": "ps --format json nginx api worker postgres redis",
    "docker compose stop -t 5": "stop -t 5 nginx api worker postgres redis",
    "docker compose stats --no-stream": "stats --no-stream nginx api worker postgres redis",
    "docker compose up": "up -d nginx api worker postgres redis",
}
FORBIDDEN = [
    "docker exec -t other ls",
    "docker exec -e api other ls",
    "docker inspect -f api other",
    "docker container rm -f api",
    "docker stop -t api other",
    "docker logs -f other",
    "docker compose down",
    "docker compose exec --privileged api sh",
]


@pytest.mark.parametrize("command", DOCKER)
def test_names_become_those_of_this_replica(command: str) -> None:
    """A container is this replica's under each of its names, wherever options and their values stand."""
    program, *argv = shlex.split(command)
    assert shlex.join(CONFINED.words(program, argv)) == shlex.join(shlex.split(DOCKER[command]))


@pytest.mark.parametrize("command", COMPOSE)
def test_compose_is_that_of_this_replica(command: str) -> None:
    """Compose gets this replica's file, and without a service those of the gateway."""
    program, *argv = shlex.split(command)
    assert CONFINED.words(program, argv) == ["docker", "compose", "-f", "/replica.yml", *shlex.split(COMPOSE[command])]


@pytest.mark.parametrize(("one_image", "anew"), [(("api", "worker"), True), ((), False)])
def test_one_image_is_new_for_all_that_run_it(one_image: tuple[str, ...], *, anew: bool) -> None:
    """Built for the API, it has the worker's container made anew where that is made from the same one."""
    confined = Confined("tiny-1a2b", "tiny", ("/replica.yml",), one_image=one_image)
    confined.words("docker-compose", ["build", "api"])
    assert ("--force-recreate" in confined.words("docker-compose", ["up", "-d", "worker"])) is anew


@pytest.mark.parametrize("command", FORBIDDEN)
def test_others_are_out_of_reach(command: str) -> None:
    """Another container is refused, also where an option's value names one of ours."""
    program, *argv = shlex.split(command)
    with pytest.raises(ForbiddenError):
        CONFINED.words(program, argv)
