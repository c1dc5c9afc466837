"""Models of the parts around the Pico, at register and byte level, shared by both engines."""
