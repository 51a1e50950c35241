"""The grants that a form asks the token endpoint for, one file each."""
