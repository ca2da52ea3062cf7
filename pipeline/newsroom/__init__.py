"""The built-in sample newsroom: three fictional outlets served from the loopback interface."""
