"""The files of a package: canonical bytes, version id, manifest last."""

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from leadgauge.canonical import canonical_file, canonical_json
from leadgauge.package.serving import FORMAT_VERSION, serving_document
from leadgauge.spec import Spec

VERSIONED_FILES = ("golden.jsonl", "profile.json", "serving.json", "spec.json")


def package_files(
    spec: Spec, serving: dict[str, Any], profile: dict[str, Any], golden: Sequence[dict[str, Any]]
) -> dict[str, bytes]:
    """The files that make up the version id, by name."""
    return {
        "golden.jsonl": b"".join(canonical_file(row) for row in golden),
        "profile.json": canonical_file(profile),
        "serving.json": canonical_file(serving_document(serving)),
        "spec.json": canonical_file(spec.document),
    }


def version_of(files: Mapping[str, bytes]) -> str:
    """The version id: the first 32 hex digits of SHA-256 over the names and hashes of the versioned files."""
    digest = hashlib.sha256()
    for name in VERSIONED_FILES:
        digest.update(f"{name}\0{hashlib.sha256(files[name]).hexdigest()}\n".encode())
    return digest.hexdigest()[:32]


def write_package(out_dir: str | Path, files: Mapping[str, bytes], manifest: Mapping[str, Any]) -> str:
    """Writes the versioned files, then manifest.json with checksums of everything in the folder; returns the
    version.

    `manifest` gives what only the caller knows: `model`, `createdAt`, `family`, `task`, `moment`, `data`,
    `libraries`,
    `seed`, `threads`, `parent`, `metrics`, `metricsNote`. Card, report and plots must be in the folder
    already.
    """
    folder = Path(out_dir)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "manifest.json").unlink(missing_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    version = version_of(files)
    entries = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            entries[path.relative_to(folder).as_posix()] = {
                "sha256": hashlib.sha256(content).hexdigest(),
                "bytes": len(content),
            }
    document = {"formatVersion": FORMAT_VERSION, "version": version, "files": entries, **manifest}
    temporary = folder / "manifest.json.part"
    temporary.write_text(canonical_json(document) + "\n", encoding="utf-8")
    temporary.replace(folder / "manifest.json")
    return version


def now() -> str:
    """The time for `createdAt`: UTC, to the second."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
