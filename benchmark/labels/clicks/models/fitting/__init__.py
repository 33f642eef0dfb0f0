"""What every fit needs: priors learned from the log, events and their EM, acceleration, bounds."""
