"""A replica of containers: the servers of a real stack, started by Docker Compose."""
