"""Forms: workbooks that offices fill in, made from the kinds and read back into submissions."""
