"""What may be pushed: the envelope, the kinds, their field types and their rules."""
