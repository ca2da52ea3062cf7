"""Trains the small log-linear models of the quotations' component."""
