"""The report: HTML or PDF from answers or from a stored inspection.

Fill in a `report_data.Report`, by hand or in one go, with `builders` and `model_facts`;
`file.write_report` makes a file of it. `content` and `photo_section` put it into words,
which `html` and `pdf` only lay out.
"""
