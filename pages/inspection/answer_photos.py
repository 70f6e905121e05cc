"""The ways in: files and zips, a folder, the camera, the sample scenes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from crack.data.archive import open_zip
from crack.data.images import read_source
from crack.errors import CrackError
from crack.inference.sources import is_picture, zipped_photos
from pages.inspection.answers import Photo
from pages.inspection.sample_scenes import choose_scenes

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

# Browsers often do not know HEIC as an image, so it is named besides.
PHOTO_TYPES = ["image", ".heic", ".heif", ".hif", ".avif"]
_FILES, _FOLDER, _CAMERA, _SCENES = "Files", "Folder", "Camera", "Sample scenes"
_TAKEN = "predict_taken"


@dataclass(frozen=True)
class _Taken:
    """Photos that came through the browser; they outlast a visit to another page."""

    files: tuple[str, ...]
    photos: list[Photo]


def choose_way(scenes: Sequence[Path]) -> str:
    """Let the reader choose where the photos come from.

    Args:
        scenes: The large drawn photos, if there are any.
    """
    return st.segmented_control(
        "Photos from",
        [_FILES, _FOLDER, _CAMERA, *([_SCENES] if scenes else [])],
        default=_FILES,
        required=True,
        key="predict_way",
        persist_state="session",
        on_change=_forget,
    )


def choose_photos(way: str, scenes: Sequence[Path]) -> list[Photo]:
    """Let the reader choose photos; none at first.

    Args:
        way: As from `choose_way`.
        scenes: As there.
    """
    if way == _SCENES:
        return [_scene(path) for path in choose_scenes(scenes)]
    uploads = _uploads(way)
    files = tuple(upload.file_id for upload in uploads)
    taken: _Taken | None = st.session_state.get(_TAKEN)
    if uploads and (taken is None or taken.files != files):
        taken = _Taken(files, list(_photos(uploads, in_folder=way == _FOLDER)))
        st.session_state[_TAKEN] = taken
    if taken is None:
        return []
    if not taken.photos:
        st.info("This folder holds no pictures. Choose another one.")
    elif not uploads:
        _draw_taken_before(len(taken.photos))
    return taken.photos


def _uploads(way: str) -> list[UploadedFile]:
    if way == _CAMERA:
        photo = st.camera_input(
            "Photo", resolution="1080p", key="predict_camera", on_change=_forget
        )
        return [photo] if photo else []
    if way == _FOLDER:
        return st.file_uploader(
            "A folder of photos",
            type=PHOTO_TYPES,
            accept_multiple_files="directory",
            key="predict_folder",
            on_change=_forget,
            help="With the folders in it. The photos stay on the computer this program "
            "runs on.",
        )
    return st.file_uploader(
        "Photos, or ZIPs of photos",
        type=[*PHOTO_TYPES, ".zip"],
        accept_multiple_files=True,
        key="predict_files",
        on_change=_forget,
        help="As many as you like at once. They stay on the computer this program "
        "runs on.",
    )


def _forget() -> None:
    """Let go of the photos: the reader chose others, or took some away."""
    st.session_state.pop(_TAKEN, None)


def _draw_taken_before(count: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        photos = "The photo" if count == 1 else f"The {count:,} photos"
        st.caption(f"{photos} from before your visit to another page:", width="content")
        st.button("Put away", key="predict_put_away", type="tertiary", on_click=_forget)


def _photos(uploads: Sequence[UploadedFile], *, in_folder: bool) -> Iterator[Photo]:
    if in_folder:  # the browser gives them in no order
        for upload in sorted(uploads, key=lambda upload: upload.name):
            if is_picture(upload.name):
                yield _photo(upload)
        return
    for upload in uploads:
        if upload.name.lower().endswith(".zip"):
            yield from _in_zip(upload)
        else:
            yield _photo(upload)


def _photo(upload: UploadedFile) -> Photo:
    return Photo(upload.name, upload.file_id, upload.getvalue)


def _in_zip(upload: UploadedFile) -> Iterator[Photo]:
    try:
        zipped = zipped_photos(upload.name, open_zip(upload))
    except CrackError as error:
        yield Photo(upload.name, upload.file_id, partial(_refuse, error))
        return
    for number, photo in enumerate(zipped):
        yield Photo(photo.name, f"{upload.file_id}/{number}", photo.read)


def _refuse(error: CrackError) -> bytes:
    raise error


def _scene(path: Path) -> Photo:
    changed = path.stat().st_mtime_ns
    return Photo(path.name, f"{path}-{changed}", partial(read_source, path))
