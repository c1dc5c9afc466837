"""The judge that not every computer has."""

import shutil

import pytest

needs_oathtool = pytest.mark.skipif(
    shutil.which("oathtool") is None,
    reason="oathtool is missing: install the package oathtool to run this test",
)
