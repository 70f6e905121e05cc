"""Signing in, and who has signed in."""

from __future__ import annotations

import streamlit as st
from streamlit.errors import StreamlitAuthError

from crack.access import Role, read_only
from crack.errors import CrackError
from pages.shared.feedback import show_error
from pages.shared.visitors import sign_in_needed, visitor

_MAY = {
    Role.VIEWER: "You can look at everything and ask models. Nothing is kept.",
    Role.ENGINEER: "You can add datasets, train, evaluate and inspect.",
    Role.ADMIN: "You can do everything, deleting included.",
}


def draw_sign_in() -> None:
    """Draw the page of somebody who has not signed in."""
    st.title("Cracks in concrete")
    st.markdown("You are not signed in. Sign in to use this dashboard.")
    if st.button("Sign in", type="primary", icon=":material/login:", key="sign_in"):
        try:
            st.login()
        except StreamlitAuthError as error:
            show_error(
                CrackError(
                    f"Signing in is not set up correctly: {error}",
                    "Whoever runs this dashboard has to correct [auth] in its "
                    "secrets.toml.",
                )
            )


def draw_visitor() -> None:
    """Draw who has signed in and what they may do, if not everybody may do all."""
    if read_only():
        st.caption(
            ":material/visibility: For looking and trying: nothing is kept here."
        )
    if not sign_in_needed():
        return
    actor = visitor()
    with st.container(gap="xsmall"):
        st.text(actor.name)  # Markdown would make a link of an address
        st.caption(f"{actor.role.words.capitalize()}. {_MAY[actor.role]}")
        st.button("Sign out", icon=":material/logout:", key="sign_out", on_click=_leave)


def _leave() -> None:
    st.logout()
