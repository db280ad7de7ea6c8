"""What the callback that multiplies the rate on a plateau is made of."""
