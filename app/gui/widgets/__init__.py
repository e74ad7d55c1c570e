"""Small parts that every view is made of. They know words and theme, and no area of the window."""
