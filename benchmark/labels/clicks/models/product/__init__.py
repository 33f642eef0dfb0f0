"""What models share in which a click is examination times attraction."""
