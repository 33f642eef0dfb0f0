"""What cascade-like models share: the last click of a page parts what is certain from what is not."""
