"""The token that the service tests talk to."""

import pytest

from tests.firmware.protocol.service_rig import make_token


@pytest.fixture
def token():
    return make_token()
