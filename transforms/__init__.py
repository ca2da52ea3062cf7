"""Beam transforms, one a file, thin over plain functions."""
