"""What the user can set, in one page: small sections, each setting with a word on what it does and a way back."""
