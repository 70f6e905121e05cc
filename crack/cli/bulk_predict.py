"""`crack predict --out`: answers for very many photos, as Parquet files."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Generator
from contextlib import closing
from pathlib import Path

from crack.bulk.answering import Counts, Question
from crack.bulk.local import ask_here
from crack.bulk.packed_model import fingerprint, pack_model
from crack.bulk.parts import settle_parts
from crack.bulk.photos import Photos, deal_out, listed, parts_wanted
from crack.bulk.ray_cluster import ask_cluster
from crack.cli.engine_options import add_engine_options, asked_workers
from crack.cli.output import progress_bar
from crack.data.locations import location_of
from crack.disk_space import check_writable
from crack.errors import CrackError
from crack.inference.predictor import Predictor
from crack.inference.scale import Scale
from crack.runs.registry import Model


def add_options(predict: argparse.ArgumentParser) -> None:
    """Add the options of the command that concern very many photos."""
    bulk = predict.add_argument_group("very many photos")
    bulk.add_argument(
        "--out",
        type=location_of,
        metavar="PLACE",
        help="folder or URL for Parquet files with a row for each photo; photos that "
        "have one are not asked about again",
    )
    bulk.add_argument(
        "--regions", action="store_true", help="the strongest regions too"
    )
    add_engine_options(bulk, "cores of the cluster to use, at most; by default all")


def check_options(options: argparse.Namespace) -> None:
    """Refuse options that do not go together.

    Raises:
        CrackError: They do not, or nothing may be written to that folder.
    """
    on_cluster = options.engine == "ray"
    if options.out is None and (on_cluster or options.regions):
        raise CrackError(
            "--engine ray and --regions write Parquet files.", "Say where: --out PLACE"
        )
    if options.out is not None and (options.report or options.format != "table"):
        raise CrackError(
            "--out writes Parquet files, and neither a report nor another format.",
            "Leave out --report and --format.",
        )
    if isinstance(options.out, Path):
        check_writable(options.out, "the answers")
    asked_workers(options)


def predict_to_files(model: Model, scale: Scale, options: argparse.Namespace) -> int:
    """Ask about the photos and write the answers; return the exit status."""
    packed = pack_model(model.folder)
    table = listed(options.paths)
    photos = deal_out(table, settle_parts(options.out, parts_wanted(table)))
    question = Question(
        options.out,
        model=fingerprint(packed),
        parts=photos.parts,
        base=Path.cwd(),
        scale=scale,
        regions=options.regions,
        maps=options.maps,
    )
    if workers := asked_workers(options):
        counts = ask_cluster(packed, question, photos, workers)
    else:
        counts = ask_here(Predictor(model.folder), question, photos)
    total = _followed(counts, photos)
    _tell(total, options.out)
    return 1 if total.failed else 0


def _followed(counts: Generator[Counts], photos: Photos) -> Counts:
    total = Counts()
    with progress_bar() as report, closing(counts):
        report("Looking at the photos", 0, len(photos))
        for some in counts:
            total += some
            report("Looking at the photos", total.photos, len(photos))
    return total


def _tell(total: Counts, out: object) -> None:
    print(
        f"{total.photos:,} photos: {total.answered:,} answered, {total.kept:,} had an "
        f"answer, {total.failed:,} could not be read. The answers are in {out}",
        file=sys.stderr,
    )
