"""Where photos come from: files and ZIPs, a folder, the camera, a URL, the sample."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from crack.data.folders import is_picture
from crack.data.object_storage import StoredPhoto
from crack.inference.sources import PhotoSource, zipped_photos
from crack.reporting.words import count
from crack.synthetic.sample import NOTE, scene_files
from pages.inspection.stored_photos import choose_stored
from pages.shared.cache import thumbnail
from pages.shared.feedback import errors_shown
from pages.shared.visitors import may_name_urls

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

# Browsers often do not treat HEIC as an image, so it is listed as well.
_PHOTO_TYPES = ["image", ".heic", ".heif", ".hif", ".avif"]
_FILES, _FOLDER, _CAMERA, _STORED, _SCENES = (
    "Files",
    "Folder",
    "Camera",
    "URL",
    "Sample scenes",
)


@dataclass(frozen=True)
class Photo:
    """A photo to ask about.

    Attributes:
        name: What to call it.
        id: Identifies the content: other content has another id.
        source: Read when it is needed; never kept decoded.
    """

    name: str
    id: str
    source: PhotoSource


@dataclass(frozen=True)
class _Taken:
    """Photos from the browser; they are kept during a visit to another page."""

    files: tuple[str, ...]
    photos: list[Photo]
    origin: str = "from before your visit to another page"


def choose_way(key: str) -> str:
    """Let the reader choose where the photos come from.

    Args:
        key: Of the intake, which has widgets and photos of its own.
    """
    return st.segmented_control(
        "Photos from",
        [
            *(_FILES, _FOLDER, _CAMERA),
            *([_STORED] if may_name_urls() else []),
            *([_SCENES] if scene_files() else []),
        ],
        default=_FILES,
        required=True,
        key=f"{key}_way",
        persist_state="session",
        on_change=put_away,
        args=(key,),
    )


def choose_photos(key: str, way: str) -> list[Photo]:
    """Let the reader choose photos; none at first.

    Args:
        key: As for `choose_way`.
        way: As from `choose_way`.
    """
    if way == _SCENES:
        return [_scene(path) for path in _choose_scenes(key)]
    if way == _STORED:
        return [_stored(photo) for photo in choose_stored(key)]
    uploads = _uploads(key, way)
    files = tuple(upload.file_id for upload in uploads)
    taken: _Taken | None = st.session_state.get(_taken_key(key))
    if uploads and (taken is None or taken.files != files):
        taken = _Taken(files, list(_photos(uploads, in_folder=way == _FOLDER)))
        st.session_state[_taken_key(key)] = taken
    if taken is None:
        return []
    if not taken.photos:
        st.info("This folder holds no pictures. Choose another one.")
    elif not uploads:
        _draw_taken_before(key, taken)
    return taken.photos


def hand_over(key: str, photos: Sequence[Photo], origin: str) -> None:
    """Let the intake of another page begin with some photos.

    Args:
        key: Of that intake, as for `choose_way`.
        photos: At least one.
        origin: Where they are from, to follow "The photos".
    """
    st.session_state[_taken_key(key)] = _Taken((), list(photos), origin)
    # Photos from the sample or the camera would come before these.
    st.session_state.pop(f"{key}_way", None)


def put_away(key: str) -> None:
    """Forget the photos of an intake.

    Args:
        key: As for `choose_way`.
    """
    st.session_state.pop(_taken_key(key), None)


def _taken_key(key: str) -> str:
    return f"{key}_taken"


def _uploads(key: str, way: str) -> list[UploadedFile]:
    if way == _CAMERA:
        photo = st.camera_input(
            "Photo",
            resolution="1080p",
            key=f"{key}_camera",
            on_change=put_away,
            args=(key,),
        )
        return [photo] if photo else []
    if way == _FOLDER:
        return st.file_uploader(
            "A folder of photos",
            type=_PHOTO_TYPES,
            accept_multiple_files="directory",
            key=f"{key}_folder",
            on_change=put_away,
            args=(key,),
            help="Including its subfolders. The photos stay on the computer this "
            "program runs on.",
        )
    return st.file_uploader(
        "Photos, or ZIPs of photos",
        type=[*_PHOTO_TYPES, ".zip"],
        accept_multiple_files=True,
        key=f"{key}_files",
        on_change=put_away,
        args=(key,),
        help="As many as you like at once. They stay on the computer this program "
        "runs on.",
    )


def _draw_taken_before(key: str, taken: _Taken) -> None:
    number = len(taken.photos)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        photos = "The photo" if number == 1 else f"The {count(number, 'photo')}"
        st.caption(f"{photos} {taken.origin}:", width="content")
        st.button(
            "Put away",
            key=f"{key}_put_away",
            type="tertiary",
            on_click=put_away,
            args=(key,),
        )


def _photos(uploads: Sequence[UploadedFile], *, in_folder: bool) -> Iterator[Photo]:
    if in_folder:  # the browser does not sort them
        for upload in sorted(uploads, key=lambda upload: upload.name):
            if is_picture(upload.name):
                yield _photo(upload)
        return
    for upload in uploads:
        if upload.name.lower().endswith(".zip"):
            for number, (name, source) in enumerate(zipped_photos(upload.name, upload)):
                yield Photo(name, f"{upload.file_id}/{number}", source)
        else:
            yield _photo(upload)


def _photo(upload: UploadedFile) -> Photo:
    return Photo(upload.name, upload.file_id, upload.getvalue())


def _stored(photo: StoredPhoto) -> Photo:
    return Photo(photo.url, f"{photo.url}-{photo.version}", photo)


def _choose_scenes(key: str) -> list[Path]:
    """Let the reader choose one of the large drawn photos, or all."""
    paths = scene_files()
    st.caption(f":material/draw: {NOTE}")
    grid = st.grid("auto", min_column_width=110, gap="xsmall")
    for path in paths:
        with errors_shown():
            grid.image(
                thumbnail(path),
                caption=_title(path),
                alt=f"{_title(path)}, drawn",
                width="stretch",
            )
    chosen = st.segmented_control(
        "Which one?",
        [*paths, None],
        default=paths[0],
        required=True,
        format_func=lambda path: _title(path) if path else "All of them",
        key=f"{key}_scene",
    )
    return [chosen] if chosen else list(paths)


def _title(path: Path) -> str:
    return path.stem.replace("-", " ").capitalize()


def _scene(path: Path) -> Photo:
    return Photo(path.name, f"{path}-{path.stat().st_mtime_ns}", path)
