"""Entry point of the dashboard: the frame around the pages, and their navigation."""

from __future__ import annotations

import streamlit as st

from crack import __version__, logs
from crack.settings import PROJECT
from pages.shared.feedback import errors_shown, show_notice, unexpected_errors_told
from pages.shared.garbage import leave_out_what_stays
from pages.shared.run_list import look_at_runs
from pages.shared.run_progress import sidebar_status
from pages.shared.server import begin_server
from pages.shared.sign_in import draw_sign_in, draw_visitor
from pages.shared.visitors import signed_in

st.set_page_config(
    page_title="Concrete cracks",
    page_icon=PROJECT / "pages/shared/icon.svg",  # a name loads it from Google
    layout="wide",
    # Without an entry of ours Streamlit hides the menu, which has the choice of theme.
    menu_items={"About": f"Crack dashboard {__version__}. Data stays local."},
)
begin_server()
logs.identify(logs.new_id())
leave_out_what_stays()

start = st.Page(
    "pages/start/start.py", title="Start", icon=":material/home:", default=True
)
browse = st.Page(
    "pages/dataset/browse.py", title="Browse", icon=":material/photo_library:"
)
add = st.Page(
    "pages/dataset/add.py", title="Add", icon=":material/add_photo_alternate:"
)
train = st.Page(
    "pages/training/train.py", title="Train", icon=":material/model_training:"
)
runs = st.Page(
    "pages/training/runs.py", title="Runs", icon=":material/stacked_line_chart:"
)
evaluate = st.Page(
    "pages/model/evaluate.py", title="Evaluate", icon=":material/query_stats:"
)
models = st.Page(
    "pages/model/models.py", title="Models", icon=":material/deployed_code:"
)
predict = st.Page(
    "pages/inspection/predict.py", title="Predict", icon=":material/image_search:"
)
inspections = st.Page(
    "pages/inspection/inspections.py", title="Inspections", icon=":material/fact_check:"
)
page = st.navigation(
    {
        "": [start],
        "Dataset": [browse, add],
        "Training": [train, runs],
        "Model": [evaluate, models],
        "Inspection": [predict, inspections],
    },
    expanded=True,
    position="sidebar" if signed_in() else "hidden",
)
if not signed_in():
    draw_sign_in()
    st.stop()
look_at_runs()
with st.sidebar:
    draw_visitor()
    sidebar_status()
with unexpected_errors_told(), errors_shown():
    show_notice()
    page.run()
