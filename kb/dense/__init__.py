"""The dense side of search: vectors of passages, and whether they take part. Optional; without it search is lexical.

This package imports nothing by itself, for the store's migrations read `kb.dense.schema` and must stay quick.

Fill a base and try it on itself (a connection of `kb.store.connection.connect(…, mode="write")`)::

    store = VectorStore(connection)                         # kb.dense.vectors; keep it as long as the connection
    for step in embed_missing(connection, store, embedder): # kb.dense.embedding; may be stopped, goes on next time
        …
    result = self_check(connection, embedder, lexical)      # kb.dense.selfcheck; recorded in the base

Search with it, if the check allowed that::

    fusion = load_fusion(connection)                        # kb.dense.selfcheck; None: search lexically
    verify_embedder(connection, embedder)                   # kb.dense.record; EmbedderMismatch
    vector = embedder.embed_queries([question])[0]
    near = store.search(vector, DEPTH)                      # (passage id, cosine)
    cosines = store.cosines(vector, [id_ for id_, _ in lexical_hits])
    fuse(lexical_hits, near, fusion=fusion, cosines=cosines)  # kb.dense.fusion; (passage id, probability), best first

``lexical`` is any callable from a question to (passage id, score), best first; the same scores must be given to the
check and to ``fuse``. When passages are removed, `VectorStore.remove` takes their ids in the same transaction.
`VectorStore.clear` makes the base lexical again and free for another embedder.

An embedder is any object that satisfies the Protocol `kb.dense.embedder.Embedder`: ``name``, ``dimension``, ``embed``,
``embed_queries``. `kb.dense.sentence_model` is one, for sentence-transformers models in a local folder. A GGUF
embedding model behind the model runtime is plugged in the same way: a small class, outside this package, that asks the
runtime for vectors, scales them to length 1, and is named after the file and a fingerprint of its content.
"""
