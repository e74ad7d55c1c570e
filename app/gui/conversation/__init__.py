"""The middle column: the heading of a conversation, its questions and answers, the field for the next one."""
