"""The first run, in three steps: whose documents, which model, the first question. Each can be skipped."""
