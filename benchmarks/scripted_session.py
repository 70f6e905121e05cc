"""A session of the dashboard without a browser: Streamlit's own messages, scripted.

It does what the page in a browser does: it opens a WebSocket, uploads files, reruns
pages and the fragments that ask to be rerun, and keeps what is on the page. A browser
draws the page too, which on a machine of two cores would be measured instead.
"""

from __future__ import annotations

import time
import uuid
from contextlib import ExitStack
from typing import Any

import requests
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import connect

_PATIENCE = 180  # seconds


class ScriptedSession:
    """One visitor, connected inside a `with`.

    Args:
        address: Of the dashboard, such as "localhost:8501".
    """

    def __init__(self, address: str) -> None:
        self.errors: list[str] = []
        """What a visitor saw of errors: exceptions and red boxes."""
        self._address = address
        self._elements: dict[tuple[int, ...], Any] = {}
        self._widgets: dict[str, WidgetState] = {}
        self._polls: dict[str, tuple[float, float]] = {}  # seconds between, next time
        self._cache: dict[str, ForwardMsg] = {}
        self._page = self._query = ""
        self._session_id = ""
        self._open = ExitStack()

    def __enter__(self) -> ScriptedSession:
        self._socket = self._open.enter_context(
            connect(
                f"ws://{self._address}/_stcore/stream",
                subprotocols=["streamlit"],  # type: ignore[list-item]
                max_size=None,
            )
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def open(self, page: str, query: str = "") -> None:
        """Go to a page, "" for the first, and wait until it is there.

        Args:
            page: As in its address.
            query: What follows the question mark there.
        """
        self._page, self._query = page, query
        self._widgets.clear()
        self._polls.clear()
        self._rerun()
        self._until_finished()

    def click(self, label: str) -> None:
        """Press a button and wait until the page is there again."""
        button = self._widget("button", label)
        self._widgets[button.id] = WidgetState(id=button.id, trigger_value=True)
        self._rerun()
        del self._widgets[button.id]
        self._until_finished()

    def upload(self, name: str, content: bytes) -> None:
        """Give one file to the uploader of the page, and wait for the page."""
        uploader = self._widget("file_uploader")
        urls = self._urls_for(name)
        with requests.Session() as client:
            client.get(f"http://{self._address}/_stcore/health", timeout=_PATIENCE)
            client.put(
                f"http://{self._address}{urls.upload_url}",
                files={"file": (name, content)},
                headers={"X-Xsrftoken": client.cookies.get("_streamlit_xsrf") or ""},
                timeout=_PATIENCE,
            ).raise_for_status()
        state = WidgetState(id=uploader.id)
        state.file_uploader_state_value.uploaded_file_info.add(
            file_id=urls.file_id, name=name, size=len(content), file_urls=urls
        )
        self._widgets[uploader.id] = state
        self._rerun()
        self._until_finished()

    def look(self, seconds: float) -> None:
        """Do nothing for a while, as a reader does; fragments go on."""
        end = time.monotonic() + seconds
        while (now := time.monotonic()) < end:
            due = min((due for _, due in self._polls.values()), default=end)
            if due <= now:
                self._poll(now)
            else:
                self._receive(min(due, end) - now)

    @property
    def texts(self) -> list[str]:
        """The headings, texts and numbers on the page, from top to bottom."""
        told = []
        for _, element in sorted(self._elements.items()):
            kind = element.WhichOneof("type")
            body = getattr(getattr(element, kind), "body", None)
            if isinstance(body, str) and body:
                told.append(body)
        return told

    def _widget(self, kind: str, label: str | None = None) -> Any:
        for element in self._elements.values():
            if element.WhichOneof("type") == kind:
                widget = getattr(element, kind)
                if label in (None, widget.label):
                    return widget
        raise LookupError(f"there is no {kind} {label or ''} on the page {self._page}")

    def _urls_for(self, name: str) -> Any:
        message = BackMsg()
        request = message.file_urls_request
        request.request_id, request.session_id = str(uuid.uuid4()), self._session_id
        request.file_names.append(name)
        self._socket.send(message.SerializeToString())
        while (answer := self._receive(_PATIENCE)) is not None:
            if answer.WhichOneof("type") == "file_urls_response":
                return answer.file_urls_response.file_urls[0]
        raise TimeoutError("no address for the upload")

    def _rerun(self, fragment: str = "") -> None:
        message = BackMsg()
        state = message.rerun_script
        state.page_name, state.fragment_id = self._page, fragment
        state.query_string = self._query
        state.is_auto_rerun = bool(fragment)
        state.widget_states.widgets.extend(self._widgets.values())
        self._socket.send(message.SerializeToString())

    def _poll(self, now: float) -> None:
        for fragment, (interval, due) in list(self._polls.items()):
            if due <= now:
                self._polls[fragment] = (interval, now + interval)
                self._rerun(fragment)

    def _until_finished(self) -> None:
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            message = self._receive(end - time.monotonic())
            if message is None:
                break
            if message.WhichOneof("type") == "script_finished":
                outcome = message.script_finished
                # A rerun that the script asked for follows by itself.
                if outcome == ForwardMsg.FINISHED_SUCCESSFULLY:
                    return
        raise TimeoutError(f"the page {self._page!r} was not there in time")

    def _receive(self, seconds: float) -> ForwardMsg | None:
        """Take in the next message; return None if none came in this time."""
        try:
            content = self._socket.recv(max(0, seconds))
        except TimeoutError:
            return None
        message = ForwardMsg()
        message.ParseFromString(content)
        if message.WhichOneof("type") == "ref_hash":
            known = self._cache[message.ref_hash]
            known.metadata.CopyFrom(message.metadata)
            message = known
        elif message.metadata.cacheable:
            self._cache[message.hash] = message
        self._take(message)
        return message

    def _take(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self._session_id = (
                message.new_session.initialize.session_id or self._session_id
            )
            if not message.metadata.run.fragment_ids:
                self._elements.clear()
                self._polls.clear()
        elif kind == "auto_rerun":
            interval = message.auto_rerun.interval
            due = time.monotonic() + interval
            self._polls[message.auto_rerun.fragment_id] = (interval, due)
        elif kind == "stop_auto_rerun":
            for fragment in message.stop_auto_rerun.fragment_ids:
                self._polls.pop(fragment, None)
        elif kind == "delta":
            self._draw(message)

    def _draw(self, message: ForwardMsg) -> None:
        if message.delta.WhichOneof("type") != "new_element":
            return
        element = message.delta.new_element
        self._elements[tuple(message.metadata.delta_path)] = element
        if element.WhichOneof("type") == "exception":
            self.errors.append(element.exception.message)
        if element.WhichOneof("type") == "alert" and element.alert.format == 1:
            self.errors.append(element.alert.body)
