"""The page of models: what is installed, what this computer can run, and all that is done to files of models."""
