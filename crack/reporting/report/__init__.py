"""The report: HTML or PDF from answers or a stored inspection; an evaluation as PDF.

Other packages import from here. Inside, `builders` and `model_facts` fill in a
`report_data.Report`; `content` and `photo_section` put it into words, which `html` and
`pdf` only lay out; `file` writes a file, `documents` returns bytes.
"""

from crack.reporting.report.builders import answers_report, inspection_report
from crack.reporting.report.documents import answers_document, inspection_document
from crack.reporting.report.file import check_report_path, write_report
from crack.reporting.report.pdf.evaluation import evaluation_document

__all__ = [
    "answers_document",
    "answers_report",
    "check_report_path",
    "evaluation_document",
    "inspection_document",
    "inspection_report",
    "write_report",
]
