"""Documents in, passages with exact places out: readers, segmentation, one SQLite file, search, quoted answers.

``kb.base.KnowledgeBase`` is the door. Nothing is imported here, so that a question loads only what it needs. The
package knows nothing of language models, Qt, HTTP or settings.
"""
