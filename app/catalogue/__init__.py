"""Every word that Offlite says to a person: one module per language, with the same names in each.

``TEXTS`` are sentences by key, ``ERRORS`` one sentence for each error class (its fields fill the braces), ``PLACES``
one phrase for each kind of place, ``PLURALS`` the forms of a counted noun, ``ARGPARSE`` the standard library's own
messages. What concerns models stands in ``ru_models`` and ``en_models``, what they answer in ``ru_answers``
and ``en_answers``, how fast they are in ``ru_bench`` and ``en_bench``.
``tests/test_wording.py`` holds the languages against each other and against the code.
"""
