"""The reference: every kind and every rule on a page of its own, made from the code and from examples that are judged."""
