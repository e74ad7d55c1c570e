"""Documents as they look around a place: a page as a picture, text with its headings, rows of a sheet.

``preview.process`` is the front; everything that opens a document runs in a child process (``preview.child``).
"""
