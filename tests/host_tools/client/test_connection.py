"""What a connection has that defines no more than how bytes come and go."""

import pytest

from host_tools.client.connection import Connection


def test_a_connection_is_to_a_pico_and_counts_real_seconds():
    line = Connection()
    assert (line.patience, line.first_patience) == (1, 1)
    before, after = line.now_s(), line.now_s()
    assert after >= before
    line.close()


def test_how_bytes_come_and_go_is_to_be_defined():
    for use in (Connection().read, lambda: Connection().write(b"")):
        with pytest.raises(NotImplementedError):
            use()
