"""Writes kubernetes.json: the schemas of the kinds that infra/k8s uses, out of the PyPI package kubernetes-validate.

    pip install kubernetes-validate==1.37.0
    python tests/infra/schemas/vendor-kubernetes-schemas.py && npx biome check --write tests/infra/schemas

The package has them as the API server publishes them, with unknown fields refused. Left out here: descriptions (nine
tenths of the size) and null as a value, since an empty value in a manifest is a slip.
"""

import json
from importlib.resources import files
from pathlib import Path

# The oldest release that docs/deploy.md names: a field that only newer ones know is refused. None of these kinds and
# fields has been taken away since.
VERSION = "1.27.0"
KINDS = [
    ("", "v1", "ConfigMap"),
    ("", "v1", "PersistentVolumeClaim"),
    ("", "v1", "Service"),
    ("apps", "v1", "Deployment"),
    ("apps", "v1", "StatefulSet"),
    ("autoscaling", "v2", "HorizontalPodAutoscaler"),
    ("batch", "v1", "CronJob"),
    ("batch", "v1", "Job"),
    ("networking.k8s.io", "v1", "Ingress"),
    ("networking.k8s.io", "v1", "NetworkPolicy"),
    ("policy", "v1", "PodDisruptionBudget"),
]


def published():
    package = files("kubernetes_validate") / "kubernetes-json-schema" / f"v{VERSION}-local-strict"
    return json.loads((package / "_definitions.json").read_text())["$defs"]


def lean(schema):
    if isinstance(schema, list):
        return [lean(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    # A property may be called "description", too; then its value is a schema, not a text.
    kept = {
        key: lean(value)
        for key, value in schema.items()
        if not (key == "description" and isinstance(value, str)) and not key.startswith("x-kubernetes-")
    }
    types = kept.get("type")
    if isinstance(types, list):
        kept["type"] = [each for each in types if each != "null"]
        if len(kept["type"]) == 1:
            kept["type"] = kept["type"][0]
    return kept


def references(schema):
    if isinstance(schema, list):
        return [name for part in schema for name in references(part)]
    if not isinstance(schema, dict):
        return []
    own = [schema["$ref"].removeprefix("#/$defs/")] if "$ref" in schema else []
    return own + [name for value in schema.values() for name in references(value)]


def name_of(definitions, group, version, kind):
    wanted = {"group": group, "version": version, "kind": kind}
    [name] = [
        name
        for name, schema in definitions.items()
        if schema.get("x-kubernetes-group-version-kind") == [wanted]
    ]
    return name


def main():
    definitions = published()
    kinds = {
        f"{group}/{version}/{kind}".lstrip("/"): name_of(definitions, group, version, kind)
        for group, version, kind in KINDS
    }
    needed = {}
    waiting = list(kinds.values())
    while waiting:
        name = waiting.pop()
        if name in needed:
            continue
        needed[name] = lean(definitions[name])
        waiting.extend(references(needed[name]))

    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$comment": f"Kubernetes {VERSION} (Apache License 2.0); written by vendor-kubernetes-schemas.py",
        "$defs": {
            **{kind: {"$ref": f"#/$defs/{name}"} for kind, name in kinds.items()},
            **dict(sorted(needed.items())),
        },
    }
    target = Path(__file__).with_name("kubernetes.json")
    target.write_text(json.dumps(document, indent=2) + "\n")


main()
