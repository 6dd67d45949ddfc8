"""What goes wrong with a store, on purpose."""
