"""How the window looks: tokens of colour and size, one stylesheet made of them, icons in their colours."""
