"""The transparency log: a Merkle tree over the ledger whose signed heads anyone can check."""
