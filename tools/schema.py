"""JSON schemas as agents see them: no titles, no references, no field that costs and says nothing.

Output schemas name no field as required: clients written in TypeScript check the structured part
of an error against them too, and an error has fields of its own.
"""

from typing import Any

from pydantic import BaseModel


def input_schema(model: type[BaseModel]) -> dict[str, Any]:
    """Return the schema of a tool's arguments."""
    schema = model.model_json_schema()
    return _lean(schema, schema.get("$defs", {}))


def output_schema(model: type[BaseModel]) -> dict[str, Any]:
    """Return the schema of a tool's answer."""
    schema = model.model_json_schema(mode="serialization")
    return _optional(_lean(schema, schema.get("$defs", {})))


def _lean(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """Put definitions where they are used and drop titles, docstrings of models and defaults."""
    if "$ref" in schema:
        named = definitions[schema["$ref"].rsplit("/", 1)[1]]
        # A model's docstring speaks to developers; a field's description speaks to agents.
        target = {key: value for key, value in named.items() if key != "description"}
        return _lean(target | {k: v for k, v in schema.items() if k != "$ref"}, definitions)
    out: dict[str, Any] = {}
    for key, value in schema.items():
        if key in {"title", "$defs"} or (key == "description" and "properties" in schema):
            continue
        if key == "default" and value == "":
            continue
        if key == "properties":
            out[key] = {name: _lean(item, definitions) for name, item in value.items()}
        elif isinstance(value, dict):
            out[key] = _lean(value, definitions)
        elif key in {"anyOf", "oneOf", "allOf", "prefixItems"}:
            out[key] = [_lean(item, definitions) for item in value]
        else:
            out[key] = value
    return out


def _optional(schema: dict[str, Any]) -> dict[str, Any]:
    out = {key: value for key, value in schema.items() if key not in {"required", "default"}}
    for key, value in out.items():
        if key == "properties":
            out[key] = {name: _optional(item) for name, item in value.items()}
        elif key in {"items", "additionalProperties"} and isinstance(value, dict):
            out[key] = _optional(value)
        elif key == "anyOf":
            out[key] = [_optional(item) for item in value]
    return out
