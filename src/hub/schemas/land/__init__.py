"""国有土地使用权出让: the transfer of land-use rights."""
