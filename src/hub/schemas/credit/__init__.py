"""信用: penalties and blacklists that follow a party beyond one project."""
