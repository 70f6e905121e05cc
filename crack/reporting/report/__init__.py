"""The report: HTML or PDF from answers or from a stored inspection.

Fill in a `records.Report`, by hand with `from_answers` and `model_facts` or in one go
with `from_inspection`; `file.write_report` makes a file of it. `content` and `photo`
put it into words, which `html` and `pdf` only lay out.
"""
