"""Click logs (`log`, `store`), simulated users (`simulate`), click models (`models`), propensities and labels."""
