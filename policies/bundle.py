"""The door to bundles: the shipped one, and those read from a file, fixtures run before use."""

import json
import tomllib
from decimal import Decimal

from pydantic import ValidationError

from ..core.errors import InvalidInputError
from .default import default_bundle
from .fixtures import checked
from .model import Bundle

__all__ = ["Bundle", "bundle_from_text", "checked", "default_bundle"]

BYTES_MAX = 1024 * 1024


def bundle_from_text(text: str, name: str) -> Bundle:
    """Read a bundle from TOML or JSON (by the name's suffix) and run its fixtures.

    Raises:
        InvalidInputError: with every fault of shape, or the first fixture that fails.
    """
    if len(text) > BYTES_MAX:
        raise InvalidInputError(f"a bundle of {len(text)} characters is over {BYTES_MAX}")
    try:
        if name.endswith(".toml"):
            table = tomllib.loads(text, parse_float=_refuse_float)
        else:
            table = json.loads(text, parse_float=_refuse_float, parse_constant=_refuse_float)
        return checked(Bundle.model_validate(table))
    except ValidationError as error:
        faults = "; ".join(
            f"`{'.'.join(str(part) for part in fault['loc'])}`: {fault['msg']}"
            for fault in error.errors(include_url=False)
        )
        raise InvalidInputError(
            f"the bundle `{name}` has faults: {faults}", help="compare with `policy show --json`"
        ) from error
    except (ValueError, RecursionError) as error:
        raise InvalidInputError(
            f"the bundle `{name}` cannot be read: {error}", help="bundles are TOML or JSON"
        ) from error


def _refuse_float(text: str) -> Decimal:
    raise ValueError(f'`{text}` is a float: write it as text, "{text}"')
