"""The expansion of a key against FIPS 197, appendix A.3."""

from aes_rounds import expanded

KEY = bytes.fromhex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4")


def test_the_example_of_the_standard():
    keys = expanded(KEY)
    assert len(keys) == 15 and b"".join(keys[:2]) == KEY
    assert keys[2][:4] == bytes.fromhex("9ba35411")
    assert keys[14][-4:] == bytes.fromhex("706c631e")
