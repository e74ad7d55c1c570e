"""Which language models exist, which are installed, what this computer can run."""
