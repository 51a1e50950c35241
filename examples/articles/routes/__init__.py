"""The routes, one file for each step of the tutorial."""
