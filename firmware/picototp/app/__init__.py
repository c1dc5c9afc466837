"""What decides: the main loop and the state machine of display and button."""
