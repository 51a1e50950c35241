"""What protection costs, measured: `make bench`. Nothing here is part of the library."""
