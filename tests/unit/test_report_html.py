"""The report as HTML."""

from __future__ import annotations

import re

from tests.reports import as_html, make_report


def test_html_is_one_file_without_scripts_or_anything_from_outside():
    page = as_html(make_report())
    assert "<script" not in page
    assert re.findall(r'(?:src|href)="(?!data:image/jpeg;base64,|#)', page) == []
    assert "@import" not in page
    assert "url(" not in page
    assert '<html lang="en">' in page
    assert page.startswith("<!DOCTYPE html>")


def test_html_escapes_what_users_wrote():
    page = as_html(make_report())
    assert "<b>" not in page
    assert "&lt;b&gt;x&lt;/b&gt; &amp; &#34;q&#34;.png" in page
    assert "Bridge &lt;4711&gt;" in page


def test_links_of_the_html_lead_somewhere():
    page = as_html(make_report())
    anchors = set(re.findall(r' id="([^"]+)"', page))
    links = set(re.findall(r'href="#([^"]+)"', page))
    assert {"summary", "photo-1", "photo-4"} <= links <= anchors


def test_pictures_of_the_html_are_described():
    page = as_html(make_report())
    assert page.count("<img ") == 3
    assert 'alt="Photo 1, wall.jpg"' in page
    assert 'alt="Photo 1, wall.jpg, heatmap of where the model sees a crack"' in page


def test_regions_are_framed_on_the_heatmap_only():
    page = as_html(make_report())
    assert page.count('class="regions" viewBox="0 0 4032 3024"') == 1
    assert '<rect x="1200" y="800" width="640" height="480"/>' in page
