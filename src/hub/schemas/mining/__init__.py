"""矿业权出让: the transfer of exploration and mining rights."""
