"""Reading the text of notices: lines, labels, amounts, times and names of parties, as people write them."""
