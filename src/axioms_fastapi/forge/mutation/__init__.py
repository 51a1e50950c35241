"""`POST /mutation`: variants of one token by explicit operations, each with its bytes kept where nothing was asked."""
