"""The third column: a document open at the place that an answer cites, the quotation marked."""
