"""The transcript: questions, answers with their sources, and what is not supported. Only what is seen has widgets."""
