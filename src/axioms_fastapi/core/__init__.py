"""What is true of a token: no web framework, no environment, no module-level state."""
