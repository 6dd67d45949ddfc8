"""gateway.toml and the environment in, a `Gateway` out; whatever is wrong with them in one sentence."""

from __future__ import annotations

import difflib
import os
import tomllib
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, TomlConfigSettingsSource

from rehearsal.gateway.description import Gateway, SecretSource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic_core import ErrorDetails

PREFIX = "REHEARSAL_"


class GatewayError(Exception):
    """A gateway directory that can't be used: one sentence, what was expected, found, where, and what to do."""


def load_gateway(directory: Path) -> Gateway:
    """Read a gateway directory's gateway.toml, with the environment's values before the file's.

    Raises GatewayError for a folder or file that is missing, unreadable or wrong.
    """
    directory = directory.absolute()
    file = directory / "gateway.toml"
    if not directory.is_dir():
        found = "a file" if directory.exists() else "none"
        msg = f"expected a gateway directory at {directory}, found {found}: name one with --gateway DIR"
        raise GatewayError(msg)
    _check_toml(file)
    _check_environment()
    try:
        return _located(file)(directory=directory)
    except ValidationError as error:
        raise GatewayError("; ".join(_sentences(error, file))) from None


def read_secret(source: SecretSource | None, gateway: Gateway, what: str) -> str:
    """Return a secret from the place that gateway.toml names, without its trailing newline; empty for no source.

    Raises GatewayError when the variable is not set or the file can't be read.
    """
    if source is None:
        return ""
    if source.env is not None:
        value = os.environ.get(source.env)
        if value is None:
            msg = f"gateway.toml takes {what} from the variable {source.env}, which is not set: export it"
            raise GatewayError(msg)
        return value
    path = gateway.directory / (source.file or "")
    try:
        return path.read_text().rstrip("\n")
    except (OSError, UnicodeDecodeError) as error:
        msg = f"gateway.toml takes {what} from the file {path}, which can't be read: {_reason(error)}"
        raise GatewayError(msg) from None


def named_secrets(gateway: Gateway) -> list[str]:
    """Return the secrets that gateway.toml names and that are there: a replica does without, and they are masked."""
    secrets = []
    for source in (gateway.postgres.password, gateway.redis.password):
        with suppress(GatewayError):
            secrets.append(read_secret(source, gateway, "a password"))
    return [secret for secret in secrets if secret]


def _located(file: Path) -> type[Gateway]:
    class Located(Gateway):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            del dotenv_settings, file_secret_settings
            return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, file)

    return Located


def _check_toml(file: Path) -> None:
    try:
        values = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        msg = f"expected {file}, found none: a gateway directory is described by its gateway.toml"
        raise GatewayError(msg) from None
    except tomllib.TOMLDecodeError as error:
        msg = f"{file} is not TOML: {error}"
        raise GatewayError(msg) from None
    except (OSError, UnicodeDecodeError) as error:
        msg = f"expected a text file in UTF-8 at {file}, which can't be read: {_reason(error)}; mend or replace it"
        raise GatewayError(msg) from None
    if "directory" in values:
        msg = f"{file} has the unknown key 'directory': a gateway directory is the folder that gateway.toml is in"
        raise GatewayError(msg)


def _check_environment() -> None:
    fields = [name.upper() for name in Gateway.model_fields]
    for name in os.environ:
        if name.startswith(PREFIX):
            first = name.removeprefix(PREFIX).split("__")[0]
            if first not in fields or first == "DIRECTORY":
                hint = _nearest(first, fields, PREFIX)
                msg = f"the environment variable {name} names no key of gateway.toml{hint}"
                raise GatewayError(msg)


def _sentences(error: ValidationError, file: Path) -> Iterator[str]:
    for detail in error.errors(include_url=False):
        where = ".".join(str(part) for part in detail["loc"]) or "the file"
        variable = PREFIX + "__".join(str(part) for part in detail["loc"]).upper()
        place = f"the environment variable {variable}" if variable in os.environ else str(file)
        if detail["type"] == "extra_forbidden":
            yield f"{place} has the unknown key '{where}'{_nearest(str(detail['loc'][-1]), _known_keys(detail))}"
        elif detail["type"] == "missing":
            yield f"{place} lacks the key '{where}'"
        else:
            # The value itself stays out: somebody may have written a secret where its place belongs.
            yield f"{place} has a wrong value at '{where}': {detail['msg'][0].lower()}{detail['msg'][1:]}"


def _known_keys(detail: ErrorDetails) -> list[str]:
    model: Any = Gateway
    for part in detail["loc"][:-1]:
        is_model = isinstance(model, type) and issubclass(model, BaseModel)
        field = model.model_fields.get(str(part)) if is_model else None
        if field is None:
            return []
        model = field.annotation
    return list(model.model_fields) if isinstance(model, type) and issubclass(model, BaseModel) else []


def _nearest(word: str, known: list[str], prefix: str = "") -> str:
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.4)
    return f"; did you mean '{prefix}{near[0]}'?" if near else f"; known are: {', '.join(known)}" if known else ""


def _reason(error: Exception) -> str:
    return error.strerror or str(error) if isinstance(error, OSError) else "it is not UTF-8 text"
