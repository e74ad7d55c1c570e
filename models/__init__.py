"""Which language models exist and how one is run. Nothing is here yet: Offlite answers by quotation."""
