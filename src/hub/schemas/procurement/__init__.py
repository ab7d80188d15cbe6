"""政府采购: government procurement."""
