"""How well quotations are found and attributed, on PolNeAR and on the news corpus."""
