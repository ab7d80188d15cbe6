"""工程建设项目招标投标: construction projects tendered by law."""
