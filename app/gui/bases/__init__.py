"""Knowledge bases in the window: which there are, what is in the one in use, and all work on it, in a child process."""
