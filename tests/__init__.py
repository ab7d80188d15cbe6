"""What the hub promises, as sentences that can fail."""
