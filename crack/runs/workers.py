"""Which computers of a Ray cluster do the work."""

from __future__ import annotations

from dataclasses import dataclass

from crack.errors import CrackError


@dataclass(frozen=True)
class Workers:
    """Where the work is done.

    Attributes:
        address: Of a Ray cluster: `auto`, `ray://HOST:PORT` or `HOST:PORT`. None to
            start Ray on this computer for as long as it takes.
        most: Number of workers at a time: predictors of one core each, or processes
            that train together. None for what suits the cluster; an autoscaling one
            grows as far as this asks for.
    """

    address: str | None = None
    most: int | None = None

    @property
    def from_outside(self) -> bool:
        """Whether this computer is no part of the cluster."""
        return self.address is not None and self.address.startswith("ray://")

    def check(self) -> None:
        """Check that the number of workers can be asked for.

        Raises:
            CrackError: It is less than one.
        """
        if self.most is not None and self.most < 1:
            raise CrackError(f"Expected at least one worker, got {self.most}.")
