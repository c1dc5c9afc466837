"""Where the tools keep what they remember of tokens: the user's data folder."""

import os
from pathlib import Path

import platformdirs

DATA_VARIABLE = "PICOTOTP_DATA"


def data_folder() -> Path:
    """The user's data folder, or $PICOTOTP_DATA, whether it exists or not."""
    chosen = os.environ.get(DATA_VARIABLE)
    return Path(chosen) if chosen else platformdirs.user_data_path("picototp", appauthor=False)
