"""What this process has done, counted for Prometheus.

`crack.operations.monitor` hands the numbers out when it is asked to; otherwise they are
counted for nobody, which costs a microsecond.
"""

from __future__ import annotations

from prometheus_client import Counter, Histogram

PHOTOS = Counter("crack_photos", "Photos that a model was asked about.", ["outcome"])
PHOTO_SECONDS = Histogram(
    "crack_photo_seconds",
    "Seconds until a photo was answered, since the one before it.",
    buckets=(0.03, 0.1, 0.3, 1, 3, 10, 30, 100),  # a patch takes 0.02, 100 MP take 15
)
ERRORS = Counter("crack_errors", "Errors that a user was told of.", ["kind"])
