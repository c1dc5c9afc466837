"""What the display shows: screens as values, the fonts, and the drawing of a value."""
