from dataclasses import dataclass


@dataclass(frozen=True)
class Origin:
    """Where a model comes from."""

    file_name: str
    sha256: str
    bytes: int
    seed: int
