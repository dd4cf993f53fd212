"""Schema: the JSON Schema of study files, from which an editor completes and checks them.

It is made from the registry and the specifications, so it knows what is installed, plugins among it. It says what is
required of each value alone; what holds between values (an arm that a hypothesis names) is asked by `load_study`.
"""

import types
from collections.abc import Mapping
from typing import Any, Literal, Union, get_args, get_origin

import attrs

from artneuro import registry
from artneuro.cohort import Arm
from artneuro.fields import display, hints, plain
from artneuro.study.study import Entry, Study
from artneuro.study.tuning.declaration import Range

Schema = dict[str, Any]

_PLAIN: Mapping[Any, Schema] = {
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    str: {"type": "string"},
    type(None): {"type": "null"},
    Any: {},
}


def json_schema() -> Schema:
    """Return the JSON Schema (draft 2020-12) of study files.

    Examples
    --------
    >>> schema = json_schema()
    >>> schema["properties"]["cohort"]["$ref"]
    '#/$defs/CohortDesign'
    """
    registry.load_plugins()
    partial = _Writer()
    whole = _Writer(partial)
    study, profile = whole.parameters(Study), partial.reference(Study)
    study["properties"]["profiles"] = {
        "type": "object",
        "description": "overrides by name, merged into the file: artneuro run FILE --profile NAME",
        "additionalProperties": {"anyOf": [profile, {"type": "null"}]},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "artneuro study",
        **study,
        "$defs": dict(sorted({**whole.definitions, **partial.definitions}.items())),
    }


class _Writer:
    """Writes types as schemas; every specification and family becomes one definition.

    Parameters
    ----------
    overrides : _Writer, optional
        Writes what overrides something else: parts of arms. Without one, this writer itself does, for profiles: there
        nothing is required, elements of lists are reached by name, and a label may be null.
    """

    def __init__(self, overrides: "_Writer | None" = None) -> None:
        self.partial = overrides is None
        self.overrides = overrides or self
        self.definitions: dict[str, Schema] = {}

    def reference(self, kind: type) -> Schema:
        """Return a reference to the definition of a specification or family, which is made when first asked for."""
        key = f"partial.{_name(kind)}" if self.partial else _name(kind)
        if key not in self.definitions:
            self.definitions[key] = {}  # taken, before its own parameters refer back to it
            self.definitions[key] = self.definition(kind)
        return {"$ref": f"#/$defs/{key}"}

    def definition(self, kind: type) -> Schema:
        if registry.family_of(kind) is not None:
            return self.member(kind)
        if kind is Entry:
            return self.entry()
        if kind is Range:
            return {"description": _summary(Range), "anyOf": [{"type": "array", "minItems": 2}, self.parameters(Range)]}
        if kind is Arm:
            listed = self.parameter(attrs.fields(Arm).interventions, hints(Arm)["interventions"])
            arm = self.overrides.parameters(Arm)
            arm["properties"]["interventions"] = listed
            return {"description": _summary(Arm), "anyOf": [listed, arm]}
        return self.parameters(kind)

    def parameters(self, kind: type, more: Mapping[str, Schema] | None = None) -> Schema:
        """Return the schema of a specification as a mapping of its parameters, and of `more` keys."""
        kinds, fields = hints(kind), attrs.fields(kind)
        properties = {field.name: self.parameter(field, kinds[field.name]) for field in fields}
        required = [field.name for field in fields if field.default is attrs.NOTHING and not self.partial]
        schema = {
            "type": "object",
            "description": _summary(kind),
            "properties": {**properties, **(more or {})},
            "additionalProperties": False,
        }
        return {**schema, "required": required} if required else schema

    def parameter(self, field: Any, kind: Any) -> Schema:
        """Return the schema of one parameter: type, range, meaning with unit, default."""
        schema = self.written(kind)
        check = field.metadata["check"]
        for keyword, said in ({} if check is None else check.schema).items():
            if _concerns(keyword, schema):  # the items of a list may have a schema already
                schema[keyword] = {**schema[keyword], **said} if keyword in schema else said
        units = f" [{field.metadata['units']}]" if field.metadata["units"] != "1" else ""
        schema = {**schema, "description": f"{field.metadata['doc']}{units}"}
        if field.default is attrs.NOTHING or isinstance(field.default, attrs.Factory):  # type: ignore[arg-type]
            return schema
        return {**schema, "default": plain(field.default)}

    def written(self, kind: Any) -> Schema:
        """Return the schema of a type."""
        origin, arguments = get_origin(kind), get_args(kind)
        if kind in _PLAIN:
            return dict(_PLAIN[kind])
        if origin is Literal:
            return {"enum": list(arguments)}
        if origin in (Union, types.UnionType):
            return {"anyOf": [self.written(option) for option in arguments]}
        if origin is tuple and arguments[-1] is Ellipsis:
            listed: Schema = {"type": "array", "items": self.written(arguments[0])}
            return {"anyOf": [listed, {"type": "object"}]} if self.partial else listed
        if origin is tuple:
            count = len(arguments)
            each = [self.written(item) for item in arguments]
            return {"type": "array", "prefixItems": each, "minItems": count, "maxItems": count}
        if origin in (dict, Mapping):
            values = self.written(arguments[1])
            return {
                "type": "object",
                "additionalProperties": {"anyOf": [values, {"type": "null"}]} if self.partial else values,
            }
        return self.reference(kind)

    def member(self, kind: type) -> Schema:
        """Return the schema of a family: the name of a member, or a mapping from it to parameters."""
        word = str(registry.family_of(kind))
        members = dict(sorted(registry.members(word).items()))
        properties = {name: self.named(cls) for name, cls in members.items()}
        return {
            "anyOf": [
                {"enum": list(members)},
                {
                    "type": "object",
                    "properties": properties,
                    "additionalProperties": False,
                    "minProperties": 1,
                    "maxProperties": 1,
                },
            ],
            "description": f"{word}: one of {', '.join(members)}",
        }

    def named(self, cls: type) -> Schema:
        """Return the schema of a member's parameters, which may be left out."""
        return {"anyOf": [self.reference(cls), {"type": "null"}], "description": _summary(cls)}

    def entry(self) -> Schema:
        """Return the schema of a protocol's entry: the protocol under its name, with `as`, `arms`, `ages` beside."""
        protocols = dict(sorted(registry.members("protocol").items()))
        kinds = hints(Entry)
        fields = {field.name: field for field in attrs.fields(Entry)}
        beside = {"as": "name", "arms": "arms", "ages": "ages"}
        written = {key: self.parameter(fields[name], kinds[name]) for key, name in beside.items()}
        mapping: Schema = {
            "type": "object",
            "properties": {**{name: self.named(cls) for name, cls in protocols.items()}, **written},
            "additionalProperties": False,
        }
        if not self.partial:
            mapping["oneOf"] = [{"required": [name]} for name in protocols]
        return {"description": _summary(Entry), "anyOf": [{"enum": list(protocols)}, mapping]}


_CONCERNS = {"minLength": "string", "minItems": "array", "items": "array", "minProperties": "object"}


def _concerns(keyword: str, schema: Schema) -> bool:
    """Tell whether a keyword can say anything about values of a schema's type."""
    kinds = {option.get("type") for option in schema.get("anyOf", [schema])}
    return keyword not in _CONCERNS or _CONCERNS[keyword] in kinds


def _name(kind: type) -> str:
    """Return the word of a family, ``family.member`` of its member, the class's own name of anything else."""
    families = [word for base in kind.__mro__ if (word := registry.family_of(base))]
    return ".".join([*families[:1], *filter(None, [registry.name_of(kind)])]) or kind.__name__


def _summary(kind: type) -> str:
    return (kind.__doc__ or display(kind)).strip().partition("\n")[0]
