"""Kill what runs the hub, again and again, and prove from three ledgers that nothing was lost, doubled or disordered."""
