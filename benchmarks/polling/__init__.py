"""Asking for many feeds of which none changed."""
