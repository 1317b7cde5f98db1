"""What cannot be computed, however well-formed it is."""

from __future__ import annotations


class CannotCompute(ValueError):  # noqa: N818 - a plain word for what the user reads
    """A scenario that is well-formed but cannot be computed; `path` is the field that would have to change."""

    def __init__(self, path: tuple[str, ...], message: str) -> None:
        super().__init__(f"{'.'.join(path)}: {message}")
        self.path = path
        self.message = message

    def __reduce__(self) -> tuple[type[CannotCompute], tuple[tuple[str, ...], str]]:
        """Made anew from path and message, so that it survives the way back from another process."""
        return type(self), (self.path, self.message)


Problem = CannotCompute
"""Its name until version 0.1."""
