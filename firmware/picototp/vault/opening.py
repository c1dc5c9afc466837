"""Puts the vault together, so that main.py needs to know only what it takes."""

from picototp.vault.entropy import Entropy
from picototp.vault.keystore import KeyStore
from picototp.vault.vault import Vault


def open_vault(storage, sources, monotonic) -> Vault:
    """The vault, loaded; its KeyStore is `vault.keys`, and the Entropy `vault.keys.entropy`.

    `sources` has urandom(count) and jitter(), see Entropy; `storage` see Vault; `monotonic` has
    now_ms() and now_us().
    """
    keys = KeyStore(storage, Entropy(sources.urandom, sources.jitter), monotonic)
    vault = Vault(storage, keys)
    vault.load()
    return vault
