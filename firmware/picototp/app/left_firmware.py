"""The words for a token that has left its firmware for another. Loaded by such a token."""

WORDS = {
    "given-up": (
        "Older firmware",
        ("The new one did not", "run. Install again:", "picototp install"),
        "click = go on",
    ),
    "damaged": (
        "Other firmware",
        ("The chosen one is", "damaged. Run:", "picototp install"),
        "click = go on",
    ),
}
